import Corpora
import Foundation
import SparseMatrices

/// Products of a sparse and a dense matrix.
struct ProductComparison {
    let settings: CompareSettings
    let zipf: ZipfOptions

    func add(to comparison: inout Comparison) throws {
        let x = try zipf.matrix()
        let costs = try withScratchFolder { folder in
            let path = folder.appending(path: "x.npz").path
            try SciPyWriter.write(x, to: path)
            return settings.peers.run("products", [path, String(settings.runs)] + zipf.widths.map(String.init))
        }
        for width in zipf.widths {
            let cases = try ProductCases(x, width: width)
            try cases.check(parallelism: settings.parallelism)
            var own: [String: Double] = [:]
            for one in cases.all {
                var sums = cases.result(of: one)
                let timing = try Timing(runs: settings.runs) { try one.run(&sums, settings.parallelism) }
                own[one.name] = timing.rate(cases.operations / 1e9).median
            }
            func add(_ job: String, _ name: String, graphblas: String?, _ peers: KeyValuePairs<String, String>) {
                guard let rate = own[name] else { return }
                var others = costs.entries(peers, amount: cases.operations / 1e9)
                if let other = graphblas.flatMap({ own[$0] }) { others.append(.init("GraphBLAS", other)) }
                comparison.add("\(job), \(width) columns", "GFLOP/s", .init("Gossamer", rate), peers: others)
            }
            add(
                "sparse × dense", "spmm swift", graphblas: "spmm graphblas",
                ["MKL": "MKL product \(width)", "SciPy": "SciPy product \(width)"])
            add(
                "sparseᵀ × dense, the transpose at hand", "spmm transposed swift", graphblas: nil,
                ["MKL": "MKL transposed \(width)", "SciPy": "SciPy transposed \(width)"])
            add(
                "sparseᵀ × dense, transposing included", "spmm transposed swift, with the transpose",
                graphblas: "spmm transposed graphblas",
                ["MKL": "MKL transposing \(width)", "SciPy": "SciPy transposing \(width)"])
        }
    }
}

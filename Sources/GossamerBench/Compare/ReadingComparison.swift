import Corpora
import Foundation
import SparseMatrices

/// Reading libsvm, and counting the words of text.
struct ReadingComparison {
    let settings: CompareSettings

    func add(_ corpus: Corpus, to comparison: inout Comparison) throws {
        try add(
            "reading libsvm", settings.file, script: "reading",
            ["XGBoost": "XGBoost", "scikit-learn": "scikit-learn"], &comparison
        ) {
            _ = try LibSVMReader.read(path: settings.file, parallelism: settings.parallelism)
        }
        try withScratchFolder { folder in
            let path = folder.appending(path: "documents.txt").path
            try Self.text(of: corpus.matrix).write(toFile: path, atomically: false, encoding: .utf8)
            let reader = try TextCorpusReader()
            try add(
                "counting words of text", path, script: "counting", ["CountVectorizer": "CountVectorizer"], &comparison
            ) {
                _ = try reader.read(paths: [path], parallelism: settings.parallelism)
            }
        }
    }

    private func add(
        _ job: String, _ path: String, script: String, _ peers: KeyValuePairs<String, String>,
        _ comparison: inout Comparison, _ body: () throws -> Void
    ) throws {
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        let megabytes = Double(size) / 1e6
        let rate = try Timing(runs: settings.runs, body).rate(megabytes).median
        let costs = settings.peers.run(script, [path, String(settings.runs)])
        comparison.add(
            "\(job), \(String(format: "%.3g MB", megabytes))", "MB/s", .init("Gossamer", rate),
            peers: costs.entries(peers, amount: megabytes))
    }

    /// Text with one document per line and a word `w…` for each count of a feature.
    private static func text(of matrix: CSRMatrix) -> String {
        var text = ""
        for row in 0..<matrix.rowCount {
            let (columns, values) = matrix.row(row)
            for (column, value) in zip(columns, values) {
                for _ in 0..<max(1, min(1_000, Int(value))) { text += "w\(column) " }
            }
            text += "\n"
        }
        return text
    }
}

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

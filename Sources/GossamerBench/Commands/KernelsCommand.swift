import ArgumentParser
import SparseMatrices

struct KernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels", abstract: "Sparse–dense products on a Zipf matrix, 20,000 × 50,000, 80 entries a row.")

    @Option(parsing: .upToNextOption, help: "Widths of the dense matrix.")
    var widths = [128, 256]

    @OptionGroup var measuring: MeasuringOptions

    func run() throws {
        let x = try zipfMatrix(rows: 20_000, columns: 50_000, entriesPerRow: 80, seed: 42)
        var report = Report()
        if !measuring.json { print("kernels: \(kernels.name), \(x.entryCount) entries") }
        for width in widths {
            let w = randomMatrix(rows: x.columnCount, columns: width, seed: 1)
            let y = randomMatrix(rows: x.rowCount, columns: width, seed: 2)
            try check(x, w, y, width: width)
            let work = 2 * Double(x.entryCount) * Double(width) / 1e9
            let transposed = x.transposed()
            for threads in measuring.threads {
                let parallelism = Parallelism(threads: threads)
                var product = DenseMatrix(rowCount: x.rowCount, columnCount: width)
                var gradient = DenseMatrix(rowCount: x.columnCount, columnCount: width)
                func add(_ name: String, _ body: () throws -> Void) rethrows {
                    let rate = try Timing(runs: measuring.runs, body).rate(work)
                    report.add("\(name) H=\(width) threads=\(threads)", "GFLOP/s", rate, printing: !measuring.json)
                }
                add("spmm swift") { spmm(x, w, into: &product, parallelism: parallelism) }
                try add("spmm graphblas") { try spmmByGraphBLAS(x, w, into: &product, parallelism: parallelism) }
                add("spmm transposed swift") { spmm(transposed, y, into: &gradient, parallelism: parallelism) }
                add("spmm transposed swift, with the transpose") {
                    spmmTransposed(x, y, into: &gradient, parallelism: parallelism)
                }
                try add("spmm transposed graphblas") {
                    try spmmTransposedByGraphBLAS(x, y, into: &gradient, parallelism: parallelism)
                }
            }
        }
        if measuring.json { try report.printJSON() }
    }

    /// Both products of both backends against plain loops in Double.
    private func check(_ x: CSRMatrix, _ w: DenseMatrix, _ y: DenseMatrix, width: Int) throws {
        var product = DenseMatrix(rowCount: x.rowCount, columnCount: width)
        spmm(x, w, into: &product)
        try require(product, equals: plainProduct(x, w), "spmm at H = \(width)")
        var oracle = DenseMatrix(rowCount: x.rowCount, columnCount: width)
        try spmmByGraphBLAS(x, w, into: &oracle)
        try require(oracle, equals: plainProduct(x, w), "GraphBLAS' spmm at H = \(width)")
        var gradient = DenseMatrix(rowCount: x.columnCount, columnCount: width)
        spmmTransposed(x, y, into: &gradient)
        try require(gradient, equals: plainProduct(x.transposed(), y), "spmmTransposed at H = \(width)")
    }

    private func plainProduct(_ x: CSRMatrix, _ w: DenseMatrix) -> [Double] {
        let width = w.columnCount
        var sums = [Double](repeating: 0, count: x.rowCount * width)
        x.withUnsafeView { x in
            w.withUnsafeElements { w in
                for row in 0..<x.rowCount {
                    for entry in x.entries(ofRow: row) {
                        let value = Double(x.values[entry])
                        let source = Int(x.columnIndices[entry]) * width
                        for j in 0..<width { sums[row * width + j] += value * Double(w[source + j]) }
                    }
                }
            }
        }
        return sums
    }

    /// All terms are positive here, so a relative bound holds for every element.
    private func require(_ fast: DenseMatrix, equals plain: [Double], _ what: String) throws {
        let agrees = zip(fast.elements, plain).allSatisfy { abs(Double($0) - $1) <= 1e-4 * abs($1) }
        if !agrees { throw WrongResult(what: what) }
    }
}

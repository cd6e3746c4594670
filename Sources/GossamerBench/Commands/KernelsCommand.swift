import ArgumentParser
import SparseMatrices

struct KernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels", abstract: "Sparse–dense products on a Zipf matrix, and the kernels of dense rows.",
        discussion: """
            Beside each rate stands its share of what the machine can do, which is measured first: multiplying and \
            adding in registers, reading memory in order, and reading the rows that a product needs in the order in \
            which it needs them. That last one is what bounds products with sparse matrices.
            """)

    @OptionGroup var zipf: ZipfOptions
    @OptionGroup var limitOptions: LimitOptions
    @OptionGroup var measuring: MeasuringOptions

    func run() throws {
        var report = Report()
        if !measuring.json { print("kernels: \(kernels.name)") }
        let limits = limitOptions.measure(measuring, &report)
        let x = try zipf.matrix()
        for width in zipf.widths {
            let products = try ProductCases(x, width: width)
            for threads in measuring.threads { try products.check(parallelism: Parallelism(threads: threads)) }
            for (_, limit) in limits.sorted(by: { $0.key < $1.key }) {
                try measure(products, limit, &report)
            }
            try measureRows(width: width, limits, &report)
        }
        if measuring.json { try report.printJSON() }
    }

    private func measure(_ products: ProductCases, _ limit: MachineLimits, _ report: inout Report) throws {
        let (width, threads) = (products.width, limit.threads)
        let gathers = [(products.x, products.w, "W"), (products.transposed, products.y, "Y")].map { x, table, name in
            let rate = MachineLimits.gather(x, from: table, threads: threads, runs: measuring.runs)
            report.add(
                "limit: gather rows of \(name) H=\(width) threads=\(threads)", "GB/s", Rate(rate),
                printing: !measuring.json)
            return rate
        }
        for one in products.all {
            var sums = products.result(of: one)
            let timing = try Timing(runs: measuring.runs) {
                try one.run(&sums, Parallelism(threads: threads))
            }
            let rate = timing.rate(products.operations / 1e9)
            let gathered = products.gatheredBytes / 1e9 / timing.median
            report.add(
                "\(one.name) H=\(width) threads=\(threads)", "GFLOP/s", rate,
                also: [
                    .init(unit: "GB/s", value: gathered), .share(rate.median / limit.multiplyAdd, of: "multiply-add"),
                    .share(gathered / gathers[one.isTransposed ? 1 : 0], of: "gather"),
                ],
                printing: !measuring.json)
        }
    }

    private func measureRows(width: Int, _ limits: [Int: MachineLimits], _ report: inout Report) throws {
        let cases = RowCases(rows: zipf.rows, width: width)
        for one in cases.inPlace {
            try cases.check(one)
            var rows = cases.inputs
            try measure(one.name, width, bytes: Double(2 * rows.elementCount * 4), limits, &report) {
                cases.apply(one, to: &rows, parallelism: $0)
            }
        }
        var adam = AdamCase(rows: max(2, zipf.columns), width: width)
        try adam.check()
        try measure("row-sparse Adam", width, bytes: adam.bytes, limits, &report) { adam.step($0) }
    }

    /// Measures an operation that passes over memory, with the minimum number of bytes that it reads and writes.
    private func measure(
        _ name: String, _ width: Int, bytes: Double, _ limits: [Int: MachineLimits], _ report: inout Report,
        _ body: (Parallelism) -> Void
    ) throws {
        for (threads, limit) in limits.sorted(by: { $0.key < $1.key }) {
            let rate = Timing(runs: measuring.runs) { body(Parallelism(threads: threads)) }.rate(bytes / 1e9)
            report.add(
                "\(name) H=\(width) threads=\(threads)", "GB/s", rate,
                also: [.share(rate.median / limit.memoryRead, of: "memory read")], printing: !measuring.json)
        }
    }
}

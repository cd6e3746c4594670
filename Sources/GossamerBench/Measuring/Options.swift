import ArgumentParser
import SparseMatrices

struct MeasuringOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Timed runs a case.", valueName: "n"))
    var runs = 7

    @Option(parsing: .upToNextOption, help: "Numbers of threads to measure.")
    var threads = [1, 2]

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if runs < 1 || threads.isEmpty || threads.contains(where: { !(1...1024).contains($0) }) {
            throw ValidationError("--runs starts at 1, and --threads goes from 1 to 1024")
        }
    }
}

struct LimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Size of what memory bandwidth is measured on, far above the caches.", valueName: "MB"))
    var limitMegabytes = 512

    func validate() throws {
        if !(1...1_000_000).contains(limitMegabytes) { throw ValidationError("--limit-megabytes starts at 1") }
    }

    func measure(_ measuring: MeasuringOptions, _ report: inout Report) -> [Int: MachineLimits] {
        MachineLimits.measure(
            threads: measuring.threads, megabytes: limitMegabytes, runs: measuring.runs, &report,
            printing: !measuring.json)
    }
}

/// Options for the matrix that products are measured with.
struct ZipfOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Rows of the sparse matrix.", valueName: "n"))
    var rows = 20_000

    @Option(help: ArgumentHelp("Columns of the sparse matrix.", valueName: "n"))
    var columns = 50_000

    @Option(help: ArgumentHelp("Entries a row.", valueName: "n"))
    var entries = 80

    @Option(parsing: .upToNextOption, help: "Widths of the dense matrix.")
    var widths = [128, 256]

    func matrix() throws -> CSRMatrix {
        try zipfMatrix(rows: rows, columns: columns, entriesPerRow: entries, seed: 42)
    }

    func validate() throws {
        if rows < 1 || columns < 1 || columns > 1 << 24 || entries < 1 || 4 * entries > columns {
            throw ValidationError(
                "--rows, --columns and --entries start at 1; entries are a quarter of the columns at most")
        }
        if widths.isEmpty || widths.contains(where: { !(8...1 << 16).contains($0) }) {
            throw ValidationError("--widths go from 8 to 65536")
        }
    }
}

/// Options for running peers.
struct PeerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How many threads each may use.", valueName: "n"))
    var threads = 2

    @Option(help: ArgumentHelp("The Python that has the peers.", valueName: "program"))
    var python = "python3"

    @Option(
        name: .customLong("peers"), help: ArgumentHelp("The folder with the peers' scripts.", valueName: "folder"))
    var peersFolder = "Sources/GossamerBench/Peers"

    func validate() throws {
        if !(1...1024).contains(threads) { throw ValidationError("--threads goes from 1 to 1024") }
    }

    var peers: Peers { Peers(python: python, folder: peersFolder, threads: threads) }
}

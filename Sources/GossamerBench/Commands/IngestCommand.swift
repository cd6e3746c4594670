import ArgumentParser
import Corpora
import FileIO
import SparseMatrices

struct IngestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ingest", abstract: "Reading a libsvm file.")

    @Argument(help: "An uncompressed libsvm file with sorted indices, one-based.")
    var file: String

    @OptionGroup var measuring: MeasuringOptions

    func run() throws {
        let mapped = try MappedFile(path: file)
        try check(try LibSVMReader.read(path: file).matrix, against: mapped)
        let megabytes = Double(mapped.bytes.count) / 1e6
        var report = Report()
        for threads in measuring.threads {
            let parallelism = Parallelism(threads: threads)
            let timing = try Timing(runs: measuring.runs) {
                _ = try LibSVMReader.read(path: file, parallelism: parallelism)
            }
            report.add("read libsvm threads=\(threads)", "MB/s", timing.rate(megabytes), printing: !measuring.json)
        }
        if measuring.json { try report.printJSON() }
    }

    /// The first lines, split as text, against the rows read.
    private func check(_ matrix: CSRMatrix, against file: MappedFile) throws {
        let lines = file.bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1000).prefix(1000)
        for (row, line) in lines.enumerated() {
            let pairs = String(decoding: line, as: UTF8.self).split(separator: "#", omittingEmptySubsequences: false)[0]
                .split(whereSeparator: \.isWhitespace).filter { $0.contains(":") && !$0.hasPrefix("qid:") }
                .map { $0.split(separator: ":") }
            let (columns, values) = matrix.row(row)
            guard pairs.compactMap({ UInt32($0[0]).map { $0 - 1 } }) == columns,
                pairs.compactMap({ Float($0[1]) }) == values
            else { throw WrongResult(what: "line \(row + 1) of \(self.file)") }
        }
    }
}

import ArgumentParser
import Corpora
import FileIO
import Foundation
import SparseMatrices

struct IngestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Reading a libsvm file, or text.",
        discussion: """
            Files are read from the system's cache. The share is that of reading as many bytes from memory. Without a \
            file, synthetic documents are read in both formats.
            """)

    @Argument(
        help: """
            An uncompressed file: libsvm, one-based, with sorted indices; or text, a document a line, if it ends in \
            .txt or .tsv. Synthetic documents if left out.
            """)
    var file: String?

    @Option(help: ArgumentHelp("How many synthetic documents.", valueName: "n"))
    var documents = 20_000

    @OptionGroup var limitOptions: LimitOptions
    @OptionGroup var measuring: MeasuringOptions

    func validate() throws {
        if documents < 1 { throw ValidationError("--documents starts at 1") }
    }

    func run() throws {
        var report = Report()
        if let file {
            // Fails if the file is missing, before time is spent on measuring the limits.
            _ = try MappedFile(path: file)
            let limits = limitOptions.measure(measuring, &report)
            let isText = ["txt", "tsv"].contains(URL(fileURLWithPath: file).pathExtension)
            try measure(file, isText ? .text : .libsvm, limits, &report)
        } else {
            let limits = limitOptions.measure(measuring, &report)
            let made = SyntheticDocuments(count: documents, features: 50_000, wordsPerDocument: 100, seed: 1)
            try made.withFile(.libsvm) { try measure($0, .libsvm, limits, &report) }
            try made.withFile(.text) { try measure($0, .text, limits, &report) }
        }
        if measuring.json { try report.printJSON() }
    }

    private func measure(
        _ file: String, _ format: SyntheticDocuments.Format, _ limits: [Int: MachineLimits], _ report: inout Report
    ) throws {
        let mapped = try MappedFile(path: file)
        let reader = try TextCorpusReader()
        func read(_ parallelism: Parallelism) throws -> Corpus {
            switch format {
            case .libsvm: try LibSVMReader.read(path: file, parallelism: parallelism)
            case .text: try reader.read(paths: [file], parallelism: parallelism)
            }
        }
        for threads in measuring.threads {
            let corpus = try read(Parallelism(threads: threads))
            switch format {
            case .libsvm: try PlainReading.check(libsvm: corpus.matrix, against: mapped)
            case .text: try PlainReading.check(text: corpus, against: mapped)
            }
        }
        let megabytes = Double(mapped.bytes.count) / 1e6
        for (threads, limit) in limits.sorted(by: { $0.key < $1.key }) {
            let rate = try Timing(runs: measuring.runs) { _ = try read(Parallelism(threads: threads)) }.rate(megabytes)
            report.add(
                "read \(format) threads=\(threads)", "MB/s", rate,
                also: [.share(rate.median / 1e3 / limit.memoryRead, of: "memory read")], printing: !measuring.json)
        }
    }
}

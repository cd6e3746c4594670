import ArgumentParser
import Corpora
import FileIO
import Gossamer
import Report
import SparseMatrices
import TensorFiles

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Describes a corpus or a model.",
        discussion: "With --strict, each oddity of a corpus is an error at its line and column.")

    @Argument(help: "A corpus or a model file; - is stdin.")
    var file: String

    @OptionGroup(title: "Corpus") var corpusOptions: CorpusOptions
    @OptionGroup var common: RunOptions

    func validate() throws { try OutputPaths.check([:], inputs: [file, corpusOptions.vocabulary]) }

    func run() throws {
        if isModel(file) {
            let summary = ModelSummary(try FeatureModel(contentsOf: file))
            try common.json ? Console.json(summary) : Console.result(summary.text)
        } else {
            let summary = CorpusSummary(try corpusOptions.read(file, parallelism: common.parallelism))
            let chart = Console.isResultTerminal ? summary.chart : ""
            try common.json ? Console.json(summary) : Console.result(summary.text + chart)
        }
    }

    /// Whether the file is a model: a safetensors file that is not a corpus.
    private func isModel(_ path: String) -> Bool {
        // Pipes can be read only once, so they are left to the corpus reader.
        guard path != "-", isRegularFile(path), corpusOptions.source.format.format == nil,
            let format = try? CorpusReader.format(of: path), format.format == .corpus
        else { return false }
        return (try? SafetensorsFile(path: path)).map { !CorpusFile.isCorpus($0) } ?? false
    }
}

private struct CorpusSummary: Encodable {
    struct Spread: Encodable {
        let min: Int
        let median: Int
        let mean: Double
        let max: Int
    }

    let format: String
    let formatReason: String?
    let importedFrom: String?
    let rows: Int
    let columns: Int
    let entries: Int
    let density: Double
    let entriesPerRow: Spread
    let rowsWithoutEntries: Int
    let counts: Bool
    let labels: Int
    let multilabel: Bool
    let ids: Bool
    let vocabulary: Bool
    let tokens: Int?
    let columnsTaken: String?
    let valuesRounded: Int
    let badLinesSkipped: Int
    let indexBase: Int?
    let indexBaseReason: String?
    let unsortedRows: Int
    let duplicatesMerged: Int
    let zerosDropped: Int
    let blankLines: Int
    let commentLines: Int
    let fingerprint: String
    /// The entries of each row, in ascending order.
    private let lengths: [Int]

    private enum CodingKeys: String, CodingKey {
        case format, formatReason, importedFrom, rows, columns, entries, density, entriesPerRow, rowsWithoutEntries
        case counts, labels, multilabel, ids, vocabulary, tokens, columnsTaken, valuesRounded, badLinesSkipped
        case indexBase, indexBaseReason, unsortedRows, duplicatesMerged, zerosDropped, blankLines, commentLines
        case fingerprint
    }

    init(_ corpus: Corpus) {
        let matrix = corpus.matrix
        lengths = (0..<matrix.rowCount).map(matrix.entryCount(ofRow:)).sorted()
        format = corpus.provenance.format
        formatReason = corpus.provenance.formatReason
        importedFrom = corpus.provenance.origin
        rows = matrix.rowCount
        columns = matrix.columnCount
        entries = matrix.entryCount
        density = Double(entries) / max(1, Double(rows) * Double(columns))
        entriesPerRow = Spread(
            min: lengths.first ?? 0, median: lengths.isEmpty ? 0 : lengths[lengths.count / 2],
            mean: Double(entries) / Double(max(1, rows)), max: lengths.last ?? 0)
        rowsWithoutEntries = lengths.count { $0 == 0 }
        counts = matrix.isCounts
        labels = corpus.labels?.names.count ?? 0
        multilabel = corpus.labels?.isMultilabel ?? false
        ids = corpus.ids != nil
        vocabulary = corpus.vocabulary != nil
        tokens = corpus.provenance.text?.tokens
        columnsTaken = corpus.provenance.text?.columns
        valuesRounded = corpus.provenance.valuesRounded
        badLinesSkipped = corpus.provenance.text?.badLinesSkipped ?? 0
        indexBase = corpus.provenance.indexBase?.rawValue
        indexBaseReason = corpus.provenance.indexBaseReason
        unsortedRows = corpus.provenance.unsortedRows
        duplicatesMerged = corpus.provenance.duplicatesMerged
        zerosDropped = corpus.provenance.explicitZerosDropped
        blankLines = corpus.provenance.blankLines
        commentLines = corpus.provenance.commentLines
        fingerprint = Fingerprint.text(corpus.contentFingerprint)
    }

    /// Rows by their number of entries, for a terminal.
    var chart: String {
        TextBars.histogram(CountBands(of: lengths, most: 12)).reduce("\n\nrows by entries") { $0 + "\n  " + $1 }
    }

    var text: String {
        let spread = entriesPerRow
        return """
            format       \(format)\(importedFrom.map { ", from \($0)" } ?? "")\(formatReason.map { " (\($0))" } ?? "")
            rows         \(Format.count(rows))\(rowsWithoutEntries > 0 ? ", \(Format.count(rowsWithoutEntries)) without entries" : "")
            columns      \(Format.count(columns))\(columnsTaken.map { "\ntaken        \($0)" } ?? "")
            entries      \(Format.count(entries)), density \(Format.fixed(100 * density, 3)) %
            per row      min \(spread.min), median \(spread.median), mean \(Format.fixed(spread.mean, 1)), max \(spread.max)
            values       \(counts ? "counts" : "measurements")
            labels       \(labels == 0 ? "none" : "\(labels) distinct\(multilabel ? ", several a row" : "")")
            ids          \(ids ? "yes" : "no")
            words        \(vocabulary ? "yes" : "no")
            index base   \(indexBase.map(String.init) ?? "none")\(indexBaseReason.map { " (\($0))" } ?? "")
            merged       \(Format.count(duplicatesMerged)) duplicates; \(Format.count(unsortedRows)) rows sorted
            left out     \(Format.count(zerosDropped)) zeros, \(blankLines) blank lines, \(commentLines) comment lines
            fingerprint  \(fingerprint)
            """
    }
}

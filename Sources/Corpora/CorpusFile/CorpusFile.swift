import FileIO
import SparseMatrices
import TensorFiles

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Gossamer's corpus file: a safetensors file, which any safetensors library can read. It is used in place: opening it
/// requires neither the time nor the memory for reading its entries.
///
/// Tensors: `row_offsets` (I64, rows + 1), `column_indices` (U32), `values` (F32), the three arrays of a CSR matrix;
/// and where there are any, `labels`, `ids` and `vocabulary`, texts as bytes with a line feed after each (see
/// `EscapedLines`; a row without a label has the line `\N`, one of several has `\,` between them, as the metadata
/// `label_separator` says, one without an id an empty line), `qids` (I64, the smallest
/// number where a row has none) and `weights` (F32). Metadata: `format`, `columns`, `provenance` (JSON), and `text`
/// (JSON) with the options by which text was counted.
///
/// On opening, shapes, row offsets and texts are checked, which takes O(rows + words). Columns and values are checked
/// in one pass before their first use, since accesses without bounds checks rely on them: by `validateEntries`, which
/// reports the error, or at the latest by the matrix. The check does not rely on anything in the file, such as a
/// checksum or a name. The file must not be changed in place while it is in use; the writers of this package never do
/// that.
package enum CorpusFile {
    static let formatName = "gossamer-corpus-1"
    static let noQuery = Int.min
    /// Metadata with the separator between several labels of a row.
    static let labelSeparatorKey = "label_separator"

    /// Whether a safetensors file is a corpus, according to its metadata.
    package static func isCorpus(_ file: SafetensorsFile) -> Bool { file.metadata["format"] == formatName }

    /// Opens a corpus file without reading its entries.
    ///
    /// - Throws: `FileError.unreadable`; `FileError.badData` if the file is not a corpus, is truncated, or has
    ///   inconsistent offsets, shapes or texts.
    package static func open(path: String) throws(FileError) -> Corpus {
        try CorpusFileReader(file: try SafetensorsFile(path: path), path: path).corpus()
    }

    /// Checks all entries of an opened corpus.
    ///
    /// - Parameter path: the file, for messages.
    /// - Throws: `FileError.badData` about the first invalid row.
    package static func validateEntries(
        of corpus: Corpus, path: String, parallelism: Parallelism = .allCores
    ) throws(FileError) {
        do throws(SparseMatrixError) {
            try corpus.matrix.validateEntries(parallelism: parallelism)
        } catch {
            throw badEntries(error, path: path)
        }
    }

    static func badEntries(_ error: SparseMatrixError, path: String) -> FileError {
        CorpusFileReader.bad(path, "\(error)", "columns that rise and are in range, and finite values")
    }

    /// The contents of a file, with its matrix and the texts of its rows in place.
    struct Content {
        let file: SafetensorsFile
        /// The matrix, whose entries have not been checked yet.
        let matrix: CSRMatrix
        let labels: EscapedLines.Cursor?
        let labelSeparator: EscapedLines.ListSeparator
        let ids: EscapedLines.Cursor?
        let vocabulary: Vocabulary?
        let provenance: CorpusProvenance
    }

    /// Opens a corpus file as `open` does and with the same checks, but without creating strings for the rows' texts.
    ///
    /// - Throws: as `open`.
    static func content(of path: String) throws(FileError) -> Content {
        try CorpusFileReader(file: try SafetensorsFile(path: path), path: path).content()
    }
}

/// Reads and checks the parts of a corpus file.
private struct CorpusFileReader {
    let file: SafetensorsFile
    let path: String

    static func bad(_ path: String, _ found: String, _ expected: Message) -> FileError {
        .badData(
            BadData(
                path: path, found: found, expected: expected,
                advice: "the file is damaged or was not written by `gossamer import`: make it again"))
    }

    private func bad(_ found: String, _ expected: Message) -> FileError { Self.bad(path, found, expected) }

    func corpus() throws(FileError) -> Corpus {
        try requireCorpus()
        let matrix = try matrix()
        return Corpus(
            matrix: matrix, labels: try labels(matrix.rowCount),
            ids: try texts("ids", count: matrix.rowCount)?.map { $0 ?? "" }, qids: try qids(matrix.rowCount),
            weights: try weights(matrix.rowCount), vocabulary: try vocabulary(matrix.columnCount),
            textOptions: try json("text"), provenance: try provenance())
    }

    func content() throws(FileError) -> CorpusFile.Content {
        try requireCorpus()
        let matrix = try matrix()
        let content = CorpusFile.Content(
            file: file, matrix: matrix,
            labels: try cursor("labels", count: matrix.rowCount, separator: labelSeparator),
            labelSeparator: labelSeparator,
            ids: try cursor("ids", count: matrix.rowCount), vocabulary: try vocabulary(matrix.columnCount),
            provenance: try provenance())
        _ = try (qids(matrix.rowCount), weights(matrix.rowCount))
        return content
    }

    private func requireCorpus() throws(FileError) {
        guard CorpusFile.isCorpus(file) else {
            throw bad(
                "a safetensors file of another kind", "a corpus that `gossamer import` wrote")
        }
    }

    private func provenance() throws(FileError) -> CorpusProvenance {
        var provenance: CorpusProvenance =
            try json("provenance") ?? CorpusProvenance(format: CorpusFormat.corpus.rawValue)
        provenance.origin = provenance.format
        provenance.format = CorpusFormat.corpus.rawValue
        return provenance
    }

    private func vocabulary(_ columnCount: Int) throws(FileError) -> Vocabulary? {
        try texts("vocabulary", count: columnCount).map { words in Vocabulary(words: words.map { $0 ?? "" }) }
    }

    private func matrix() throws(FileError) -> CSRMatrix {
        guard let text = file.metadata["columns"], let columnCount = Int(text), columnCount >= 0,
            columnCount <= Int(UInt32.max) + 1
        else { throw bad("columns = \(file.metadata["columns"] ?? "nothing")", "a whole number up to 2³²") }
        let offsets = try file.elements(named: "row_offsets", as: Int.self)
        guard !offsets.isEmpty, file.tensor(named: "row_offsets")?.shape == [offsets.count] else {
            throw bad("row_offsets of shape \(file.tensor(named: "row_offsets")?.shape ?? [])", "[rows + 1]")
        }
        let columns = try file.elements(named: "column_indices", as: UInt32.self)
        let values = try file.floats(named: "values", shape: [columns.count])
        do throws(SparseMatrixError) {
            return try CSRMatrix(
                rowCount: offsets.count - 1, columnCount: columnCount, rowOffsets: offsets, columnIndices: columns,
                values: values, validatingEntriesLaterOf: file.mapping)
        } catch {
            throw bad("\(error)", "the offsets of a CSR matrix")
        }
    }

    private func texts(_ name: String, count: Int) throws(FileError) -> [String?]? {
        guard file.tensor(named: name) != nil else { return nil }
        let texts = EscapedLines.texts(in: try file.elements(named: name, as: UInt8.self))
        guard let texts, texts.count == count else { throw badTexts(name, found: texts?.count, expected: count) }
        return texts
    }

    private var labelSeparator: EscapedLines.ListSeparator {
        file.metadata[CorpusFile.labelSeparatorKey] == nil ? .comma : .escapedComma
    }

    private func labels(_ count: Int) throws(FileError) -> RowLabels? {
        guard file.tensor(named: "labels") != nil else { return nil }
        let bytes = try file.elements(named: "labels", as: UInt8.self)
        let sets = EscapedLines.lists(in: bytes, separator: labelSeparator)
        guard let sets, sets.count == count else { throw badTexts("labels", found: sets?.count, expected: count) }
        return RowLabels(sets: sets)
    }

    /// - Parameter separator: nil if each line is one text.
    private func cursor(
        _ name: String, count: Int, separator: EscapedLines.ListSeparator? = nil
    ) throws(FileError) -> EscapedLines.Cursor? {
        guard file.tensor(named: name) != nil else { return nil }
        let bytes = try file.elements(named: name, as: UInt8.self)
        let found = EscapedLines.count(in: bytes, separator: separator)
        guard found == count else { throw badTexts(name, found: found, expected: count) }
        return EscapedLines.Cursor(bytes)
    }

    private func badTexts(_ name: String, found: Int?, expected: Int) -> FileError {
        bad(
            "\(found?.description ?? "unreadable") texts in '\(name)'",
            "\(expected), each UTF-8 with a line feed after it")
    }

    private func qids(_ count: Int) throws(FileError) -> [Int?]? {
        guard file.tensor(named: "qids") != nil else { return nil }
        return try file.array(named: "qids", of: Int.self, shape: [count]).map { $0 == CorpusFile.noQuery ? nil : $0 }
    }

    private func weights(_ count: Int) throws(FileError) -> [Float]? {
        guard file.tensor(named: "weights") != nil else { return nil }
        let weights = try file.array(named: "weights", of: Float.self, shape: [count])
        guard weights.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw bad("a weight that is not a finite number from 0", "row weights")
        }
        return weights
    }

    private func json<Value: Decodable>(_ key: String) throws(FileError) -> Value? {
        guard let text = file.metadata[key] else { return nil }
        guard let value = try? JSONDecoder().decode(Value.self, from: Data(text.utf8)) else {
            throw bad("unreadable metadata '\(key)'", "what `gossamer import` writes there")
        }
        return value
    }
}

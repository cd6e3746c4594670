import FileIO
import SparseMatrices

/// A folder of 10x Genomics: `matrix.mtx` with features × cells, `barcodes.tsv` with the cells' ids and `features.tsv`
/// (`genes.tsv` in its first version) with the features' names, each compressed or not. Cells are the documents.
///
/// The name of a feature is that in the second column; features with equal names are distinguished by the ids in the
/// first column.
enum TenX: MatrixFormat {
    static let declaresWidth = true

    static func folder(_ path: String) -> String? {
        file("matrix.mtx", in: path) != nil && file("barcodes.tsv", in: path) != nil && features(in: path) != nil
            ? "it is a folder with matrix.mtx, barcodes.tsv and features.tsv or genes.tsv" : nil
    }

    static func source(
        _ input: Input, options: CorpusReadingOptions, handing: Handing, parallelism: Parallelism
    ) throws(FileError) -> any CorpusSource {
        let path = input.path
        guard let matrix = file("matrix.mtx", in: path), let barcodes = file("barcodes.tsv", in: path),
            let features = features(in: path)
        else {
            throw .unreadable(path: path, reason: "it is no folder with matrix.mtx, barcodes.tsv and features.tsv")
        }
        var source = try MatrixMarket.source(
            Input(path: matrix), options: options, handing: .whole, parallelism: parallelism)
        let cells = try source.all(parallelism: parallelism).transposed(name: matrix)
        let ids = try lines(of: barcodes, count: cells.rowCount, what: "cells, the columns of matrix.mtx")
        let rows = try lines(of: features, count: cells.featureCount, what: "features, the rows of matrix.mtx")
        var provenance = cells.provenance
        provenance.format = CorpusFormat.tenX.rawValue
        let (words, repeated) = words(rows)
        if let note = sentence(
            repeated, "feature has the name of another: it is called by its name and its id",
            "features have names of others: they are called by their names and ids")
        {
            provenance.notes.append(Message(note))
        }
        let vocabulary = Vocabulary(words: words)
        if let (first, second) = vocabulary.firstRepetition {
            throw .badData(
                BadData(
                    path: features, line: second + 1, column: 1,
                    found: "'\(words[second])', which is line \(first + 1) too",
                    expected: "each feature once", advice: "remove or rename one of them"))
        }
        return WholeCorpus(
            Corpus(matrix: cells.matrix, ids: ids.map { $0[0] }, vocabulary: vocabulary, provenance: provenance))
    }

    private static func features(in folder: String) -> String? {
        file("features.tsv", in: folder) ?? file("genes.tsv", in: folder)
    }

    /// A file of the folder, compressed or not.
    private static func file(_ name: String, in folder: String) -> String? {
        for ending in [""] + FileEnding.compressions.sorted() {
            let path = "\(folder)/\(name)\(ending)"
            if FileKind(path: path) == .file { return path }
        }
        return nil
    }

    /// The fields of each line.
    ///
    /// - Throws: `FileError.badData` if the number of lines is not `count`, or a line is empty.
    private static func lines(of path: String, count: Int, what: String) throws(FileError) -> [[String]] {
        let input = try InputBytes(path: path)
        defer { withExtendedLifetime(input) {} }
        var lines = input.bytes.withoutByteOrderMark.split(separator: 0x0A, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard lines.count == count else {
            throw .badData(
                BadData(
                    path: path, line: min(lines.count, count) + 1, column: 1, found: "\(lines.count) lines",
                    expected: "\(count), one for each of the \(what)",
                    advice: "take the three files from the same folder"))
        }
        var rows: [[String]] = []
        rows.reserveCapacity(count)
        for (number, line) in lines.enumerated() {
            let line = line.last == 0x0D ? line.dropLast() : line
            let fields = line.split(separator: 0x09, omittingEmptySubsequences: false)
                .map { String(validating: $0, as: UTF8.self) }
            guard let first = fields.first, first?.isEmpty == false, !fields.contains(nil) else {
                throw .badData(
                    BadData(
                        path: path, line: number + 1, column: 1,
                        found: fields.contains(nil) ? "bytes that are not UTF-8" : "no name", expected: "a name",
                        advice: "the file may be damaged: copy it again"))
            }
            rows.append(fields.compactMap { $0 })
        }
        return rows
    }

    /// The names of the features, and the number of features whose names include the id.
    private static func words(_ features: [[String]]) -> (words: [String], repeated: Int) {
        let names = features.map { $0.count > 1 && !$0[1].isEmpty ? $0[1] : $0[0] }
        var counts: [ByteKey: Int] = [:]
        for name in names { counts[ByteKey(name), default: 0] += 1 }
        var repeated = 0
        let words = zip(names, features).map { name, feature in
            guard counts[ByteKey(name), default: 0] > 1, name != feature[0] else { return name }
            repeated += 1
            return "\(name) (\(feature[0]))"
        }
        return (words, repeated)
    }
}

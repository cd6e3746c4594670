import FileIO
import SparseMatrices

/// Reads the UCI bag of words, `docword.NAME.txt`: the numbers of documents, words and entries a line each, then
/// `document word count` a line, counted from 1. The words stand in a file of their own, `vocab.NAME.txt`.
public enum DocwordReader {
    /// Reads a file, compressed or not; `-` is standard input. The vocabulary is not looked for.
    ///
    /// - Throws: `FileError`; what is wrong with the content is `.badData` with line and column.
    public static func read(path: String, parallelism: Parallelism = .allCores) throws(FileError) -> Corpus {
        let input = try InputBytes(path: path)
        defer { withExtendedLifetime(input) {} }
        return try read(bytes: input.bytes, name: input.name, parallelism: parallelism)
    }

    /// Reads text in memory; `name` is what error messages call it.
    public static func read(
        bytes: UnsafeRawBufferPointer, name: String, parallelism: Parallelism = .allCores
    ) throws(FileError) -> Corpus {
        let (lines, bodyStart) = try head(bytes, name: name)
        let body = UnsafeRawBufferPointer(rebasing: bytes[bodyStart...]).bindMemory(to: UInt8.self)
        let (pieces, counts) = try lines.parse(body, name: name, parallelism: parallelism)
        var provenance = CorpusProvenance(format: CorpusFormat.uci.rawValue)
        provenance.blankLines = counts.blankLines
        provenance.valuesRounded = counts.valuesRounded
        return try Corpus(
            CoordinatePiece.rowMajor(pieces, rowCount: lines.rowCount, columnCount: lines.columnCount),
            provenance: provenance, name: name, parallelism: parallelism)
    }

    /// The three lines before the entries.
    ///
    /// - Parameter contentBytes: how much there is of the file, if `bytes` is not all of it.
    static func head(
        _ bytes: UnsafeRawBufferPointer, contentBytes: Int? = nil, name: String
    ) throws(FileError) -> (lines: TripletLines, bodyStart: Int) {
        var head = HeadLines(bytes: bytes, name: name)
        let documents = try size("documents", &head)
        let words = try size("words", &head)
        let entries = try size("entries", &head)
        try checkMemory(rowCount: documents, contentBytes: contentBytes ?? bytes.count, path: name)
        let lines = TripletLines(
            rowCount: documents, columnCount: words, entryCount: entries, hasValues: true, hasWholeValues: true,
            rowName: "document", columnName: "word", commentMark: nil, linesBefore: head.line)
        return (lines, head.position)
    }

    private static func size(_ what: String, _ head: inout HeadLines) throws(FileError) -> Int {
        let words = head.next()
        guard let words, words.count == 1, let number = UInt32(words[0]) else {
            throw head.bad(
                words.map { "\"\($0.joined(separator: " "))\"" } ?? "the end of the file",
                "the number of \(what) alone on a line",
                "a docword file begins with the numbers of documents, words and entries, a line each")
        }
        return Int(number)
    }

    /// Where the words of `docword.NAME.txt` usually are: `vocab.NAME.txt` beside it, whatever compression the name
    /// tells of. nil if the name is another, or there is no such file.
    static func vocabularyPath(beside path: String) -> String? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, name.hasPrefix("docword.") else { return nil }
        let folder = parts.dropLast().map { $0 + "/" }.joined()
        var ending = name.dropFirst("docword.".count)
        while true {
            let candidate = folder + "vocab." + ending
            if FileKind(path: candidate) == .file { return candidate }
            guard let dot = ending.lastIndex(of: "."), FileEnding.compressions.contains(String(ending[dot...])) else {
                return nil
            }
            ending = ending[..<dot]
        }
    }
}

import FileIO

/// The UCI bag of words, `docword.NAME.txt`: three lines with the numbers of documents, words and entries, then lines
/// `document word count`, counted from 1. The words are in a separate file, `vocab.NAME.txt`.
enum Docword: TripletFormat {
    static let format = CorpusFormat.uci
    static let beginning: String? = "docword."
    static let headLines = 3
    static let commentMark: UInt8? = nil

    static func shape(of head: HeadShape) -> (reason: String, hint: String?)? {
        let lines = head.lines.prefix(4)
        guard lines.count >= 3, lines.prefix(3).allSatisfy({ $0.count == 1 && HeadShape.isDigits($0[0]) }) else {
            return nil
        }
        guard lines.count < 4 || lines[3].isEmpty || lines[3].count == 3 && lines[3].allSatisfy(HeadShape.isDigits)
        else { return nil }
        return ("it begins with three numbers and then three a line", nil)
    }

    static func head(
        _ bytes: UnsafeRawBufferPointer, contentBytes: Int, name: String
    ) throws(FileError) -> (head: TripletHead, end: Int) {
        var head = HeadLines(bytes: bytes, name: name)
        let documents = try size("documents", &head)
        let words = try size("words", &head)
        let entries = try size("entries", &head)
        try checkMemory(rowCount: documents, contentBytes: contentBytes, path: name)
        let lines = TripletLines(
            rowCount: documents, columnCount: words, entryCount: entries, hasValues: true, hasWholeValues: true,
            rowName: "document", columnName: "word", commentMark: commentMark, linesBefore: head.line)
        return (TripletHead(lines: lines), head.position)
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

    /// The file with the words of `docword.NAME.txt`: `vocab.NAME.txt` beside it, whatever the compression of either.
    /// nil if the name is different, or there is no such file.
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

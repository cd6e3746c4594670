import FileIO

/// What the first lines of an input look like.
struct HeadShape {
    typealias Word = Slice<UnsafeRawBufferPointer>

    let bytes: UnsafeRawBufferPointer
    private let name: String
    /// The columns of a table that were chosen.
    let table: TableColumns?
    /// The words of each line, blank ones included.
    let lines: [[Word]]

    init(_ bytes: UnsafeRawBufferPointer, name: String, table: TableColumns? = nil) {
        self.bytes = bytes
        self.name = name
        self.table = table
        lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D })
        }
    }

    /// The header's length in eight bytes, then a brace.
    static func isSafetensors(_ content: UnsafeRawBufferPointer) -> Bool {
        content.count > 8 && content[8] == UInt8(ascii: "{") && content[7] == 0 && content[6] == 0 && content[5] == 0
    }

    /// An archive with files in it, or without.
    static func isZip(_ content: UnsafeRawBufferPointer) -> Bool {
        content.starts(with: [0x50, 0x4B, 0x03, 0x04]) || content.starts(with: [0x50, 0x4B, 0x05, 0x06])
    }

    /// What a file is that no reader here takes, by its first bytes.
    static func foreignKind(_ content: UnsafeRawBufferPointer) -> String? {
        foreign.first { content.starts(with: $0.mark) }?.name
    }

    private static let foreign: [(mark: [UInt8], name: String)] = [
        (Array("PAR1".utf8), "a Parquet file"), (Array("ARROW1".utf8), "an Arrow file"),
        (Array("FEA1".utf8), "a Feather file"), ([0x89, 0x48, 0x44, 0x46], "an HDF5 file"),
        (Array("SQLite format 3".utf8), "an SQLite database"), (Array("%PDF".utf8), "a PDF document"),
        ([0x80, 0x02], "a Python pickle"), ([0x80, 0x03], "a Python pickle"), ([0x80, 0x04], "a Python pickle"),
        ([0x80, 0x05], "a Python pickle"),
    ]

    /// What to do with such a file.
    static let foreignAdvice: Message = "this is not read here: write the data as .csv, .jsonl, .npz or libsvm"

    static func isDigits(_ word: Word) -> Bool { word.allSatisfy { (0x30...0x39).contains($0) } }

    static func isPair(_ word: Word) -> Bool {
        let index = word.prefix { $0 != UInt8(ascii: ":") }
        return !index.isEmpty && index.count < word.count && isDigits(index)
    }

    /// - Throws: `FileError.badData` if every line is nothing but numbers.
    func refuseNumbers(as format: CorpusFormat) throws(FileError) {
        guard let first = lines.firstIndex(where: { !$0.isEmpty }), lines.allSatisfy({ $0.allSatisfy(Self.isNumeric) })
        else { return }
        let isHeader = lines[first].count == 3 && lines[first].allSatisfy(Self.isDigits)
        let holdsPairs = lines.dropFirst(first + 1).contains { $0.contains(where: Self.isPair) }
        let advice: Message =
            isHeader && holdsPairs
            ? "if the first line says rows, features and labels, remove it and name the format libsvm, with index base 0"
            : holdsPairs
                ? "if these are index:value pairs, name the format libsvm"
                : "if they stand in a table, name the format csv-numbers; or write them as libsvm (sklearn.datasets.dump_svmlight_file), MatrixMarket or .npz; if they are "
                    + "words all the same, name the format \(format.rawValue)"
        throw bad(line: first + 1, "nothing but numbers (\(text(lines[first])))", "words", advice)
    }

    /// Numbers, several with commas or colons between them.
    private static func isNumeric(_ word: Word) -> Bool {
        var hasDigit = false
        for byte in word {
            switch byte {
            case 0x30...0x39: hasDigit = true
            case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "-"),
                UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"):
                break
            default: return false
            }
        }
        return hasDigit
    }

    /// The beginning of a line, for messages.
    func text(_ words: [Word]) -> String {
        let line = words.prefix(8).map { String(decoding: $0.prefix(20), as: UTF8.self) }.joined(separator: " ")
        return "\"\(line)\(words.count > 8 ? " …" : "")\""
    }

    func bad(line: Int, _ found: String, _ expected: Message, _ advice: Message) -> FileError {
        .badData(BadData(path: name, line: line, column: 1, found: found, expected: expected, advice: advice))
    }
}

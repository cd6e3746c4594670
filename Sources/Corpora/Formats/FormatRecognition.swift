import FileIO

/// A format, and how it was recognised, as text.
public struct RecognisedFormat: Sendable, Equatable {
    public let format: CorpusFormat
    public let reason: String
    /// A hint about another possible format, and how to select it; nil if there is none.
    public let hint: String?

    init(format: CorpusFormat, reason: String, hint: String? = nil) {
        (self.format, self.reason, self.hint) = (format, reason, hint)
    }
}

/// Recognises formats.
///
/// 1. The format that a name claims (`.svm`, `.mtx`, `docword.…`; see `FormatClaim`) is used. Content that contradicts
///    it is rejected, here if the head shows it, otherwise by the format's reader, with the line.
/// 2. For names that claim nothing, `.txt` and standard input, the format is recognised by the first bytes
///    (safetensors, zip, MatrixMarket's banner), or by the shape of the lines: UCI's three numbers, JSON objects,
///    `index:value` pairs.
/// 3. Pairs are LDA-C rather than libsvm if every line begins with its number of pairs and this is unlikely to be a
///    coincidence.
/// 4. A `.csv` is a table of numbers if all cells but names, labels and ids are numbers; see `NumberTable.narrows`.
/// 5. Anything else in a `.txt` is text with one document per line. Lines that consist only of numbers are not text.
///
/// The reason for the decision is in `RecognisedFormat.reason`, another possible format in `hint`.
enum FormatRecognition {
    /// The number of bytes of an input that are examined.
    static let headSize = 1 << 18
    static let headLines = 1 << 10

    /// The format of a folder; nil if it has none.
    static func folder(_ path: String) -> RecognisedFormat? {
        first { kind in kind.folder(path).map { ($0, nil) } }
    }

    /// The first format for which `looks` returns a description.
    private static func first(
        _ looks: (any FormatKind.Type) -> (reason: String, hint: String?)?
    ) -> RecognisedFormat? {
        for format in CorpusFormat.allCases {
            if let (reason, hint) = looks(format.kind) {
                return RecognisedFormat(format: format, reason: reason, hint: hint)
            }
        }
        return nil
    }

    /// - Parameters:
    ///   - path: a file's name, or `-`.
    ///   - content: the decompressed content, or its beginning up to the end of a line.
    ///   - table: the columns that were chosen.
    /// - Returns: nil if the format can be determined neither from the content nor from the name.
    /// - Throws: `FileError.badData` if the content contradicts the name, or its format is not supported.
    static func format(
        path: String, content: UnsafeRawBufferPointer, table: TableColumns? = nil
    ) throws(FileError) -> RecognisedFormat? {
        let head = HeadShape(content.withoutByteOrderMark, name: path == "-" ? "<stdin>" : path, table: table)
        let signed = first { kind in kind.signature(of: head).map { ($0, nil) } }
        if let claim = FormatClaim(path: path) {
            if let signed, signed.format != claim.format {
                throw head.bad(
                    line: 1, "\(signed.format.rawValue): \(signed.reason)",
                    "\(claim.format.rawValue), since \(claim.reason)",
                    "rename the file, or name the format \(signed.format.rawValue)")
            }
            if let narrower = first({ $0.narrows(claim.format, in: head).map { ($0, nil) } }) {
                return RecognisedFormat(format: narrower.format, reason: "\(claim.reason), and \(narrower.reason)")
            }
            try claim.format.kind.refuseContradiction(in: head, reason: claim.reason)
            return RecognisedFormat(format: claim.format, reason: claim.reason)
        }
        if let found = signed ?? first({ $0.shape(of: head) }) { return found }
        guard FileEnding.of(path) == ".txt" else { return nil }
        try head.refuseNumbers(as: .text)
        return RecognisedFormat(
            format: .text, reason: "its name ends in .txt", hint: PlainText.labelHint(of: head))
    }
}

/// The format that a file's name claims.
struct FormatClaim {
    let format: CorpusFormat
    let reason: String

    /// Returns nil for names that claim no format, including `.txt`, which may be any text.
    init?(path: String) {
        let name = path.split(separator: "/").last ?? ""
        let ending = FileEnding.of(path)
        for format in CorpusFormat.allCases {
            if let ending, format.kind.endings.contains(ending) {
                (self.format, reason) = (format, "its name ends in \(ending)")
                return
            }
        }
        for format in CorpusFormat.allCases {
            if let beginning = format.kind.beginning, name.hasPrefix(beginning) {
                (self.format, reason) = (format, "its name begins with \(beginning)")
                return
            }
        }
        return nil
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes after a byte order mark, if there is one.
    var withoutByteOrderMark: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: dropFirst(byteOrderMarkLength))
    }
}

/// The extension of a file's name, without that of a compression.
enum FileEnding {
    static let compressions: Set<String> = [".gz", ".bz2", ".xz", ".zst", ".zstd"]

    /// In lower case, with the dot: `.svm` for `a/B.SVM.gz`; nil if there is none.
    static func of(_ path: String) -> String? {
        var name = (path.split(separator: "/").last ?? "")[...]
        while let dot = name.lastIndex(of: "."), dot != name.startIndex {
            let ending = name[dot...].lowercased()
            if !compressions.contains(ending) { return ending }
            name = name[..<dot]
        }
        return nil
    }

    /// The last extension, including that of a compression.
    static func last(of path: String) -> String? {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return name.lastIndex(of: ".").map { name[$0...].lowercased() }
    }
}

/// The shape of the first lines of an input.
struct HeadShape {
    typealias Word = Slice<UnsafeRawBufferPointer>

    let bytes: UnsafeRawBufferPointer
    private let name: String
    /// The columns of a table that were chosen.
    let table: TableColumns?
    /// The words of each line, including blank lines.
    let lines: [[Word]]

    init(_ bytes: UnsafeRawBufferPointer, name: String, table: TableColumns? = nil) {
        self.bytes = bytes
        self.name = name
        self.table = table
        lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D })
        }
    }

    /// Whether the content begins with the header's length in eight bytes, followed by a brace.
    static func isSafetensors(_ content: UnsafeRawBufferPointer) -> Bool {
        content.count > 8 && content[8] == UInt8(ascii: "{") && content[7] == 0 && content[6] == 0 && content[5] == 0
    }

    /// Whether the content is a zip archive, which may be empty.
    static func isZip(_ content: UnsafeRawBufferPointer) -> Bool {
        content.starts(with: [0x50, 0x4B, 0x03, 0x04]) || content.starts(with: [0x50, 0x4B, 0x05, 0x06])
    }

    /// A description of a file type that cannot be read here, by its first bytes; nil if it is none of these.
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

    /// Advice for such a file.
    static let foreignAdvice: Message = "this is not read here: write the data as .csv, .jsonl, .npz or libsvm"

    static func isDigits(_ word: Word) -> Bool { word.allSatisfy { (0x30...0x39).contains($0) } }

    static func isPair(_ word: Word) -> Bool {
        let index = word.prefix { $0 != UInt8(ascii: ":") }
        return !index.isEmpty && index.count < word.count && isDigits(index)
    }

    /// - Throws: `FileError.badData` if every line consists only of numbers.
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

    /// Whether a word is a number, or several separated by commas or colons.
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

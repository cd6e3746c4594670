import FileIO

/// What the first lines of an input look like.
struct HeadShape {
    typealias Word = Slice<UnsafeRawBufferPointer>

    private let bytes: UnsafeRawBufferPointer
    private let name: String
    /// The words of each line, blank ones included.
    private let lines: [[Word]]

    init(_ bytes: UnsafeRawBufferPointer, name: String) {
        self.bytes = bytes
        self.name = name
        lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D })
        }
    }

    // MARK: - What it can be

    /// Formats that begin in a way of their own.
    var byFirstBytes: RecognisedFormat? {
        if Self.isSafetensors(bytes) {
            return RecognisedFormat(format: .corpus, reason: "it begins as a safetensors file does")
        }
        if Self.isZip(bytes) { return RecognisedFormat(format: .npz, reason: "it is a zip archive") }
        if MatrixMarketHeader.isBanner(bytes) {
            return RecognisedFormat(format: .matrixMarket, reason: "it begins with %%MatrixMarket")
        }
        return nil
    }

    /// Formats whose lines have a shape of their own.
    var byLines: RecognisedFormat? {
        if isDocword {
            return RecognisedFormat(format: .uci, reason: "it begins with three numbers and then three a line")
        }
        if isJSONLine {
            return RecognisedFormat(format: .jsonLines, reason: "its first line is a JSON object")
        }
        guard beginsWithPairs else { return nil }
        if isLikelyLDAC {
            return RecognisedFormat(
                format: .ldaC, reason: "each line begins with its number of pairs",
                hint: "if these numbers are labels, name the format libsvm")
        }
        return RecognisedFormat(format: .libSVM, reason: "its lines are index:value pairs")
    }

    /// Of lines of text with a tab in each: that they may be labelled.
    var labelHint: String? {
        let lines = bytes.split(separator: 0x0A).filter { !$0.allSatisfy { $0 <= 0x20 } }
        guard lines.count > 1, lines.allSatisfy({ $0.contains(0x09) }) else { return nil }
        return "each line has a tab, and all of it is taken for the document's text; if a label stands before the tab, "
            + "name the format tsv"
    }

    /// The header's length in eight bytes, then a brace.
    static func isSafetensors(_ content: UnsafeRawBufferPointer) -> Bool {
        content.count > 8 && content[8] == UInt8(ascii: "{") && content[7] == 0 && content[6] == 0 && content[5] == 0
    }

    /// An archive with files in it, or without.
    static func isZip(_ content: UnsafeRawBufferPointer) -> Bool {
        content.starts(with: [0x50, 0x4B, 0x03, 0x04]) || content.starts(with: [0x50, 0x4B, 0x05, 0x06])
    }

    private var isDocword: Bool {
        let lines = lines.prefix(4)
        guard lines.count >= 3, lines.prefix(3).allSatisfy({ $0.count == 1 && Self.isDigits($0[0]) }) else {
            return false
        }
        return lines.count < 4 || lines[3].isEmpty || lines[3].count == 3 && lines[3].allSatisfy(Self.isDigits)
    }

    private var isJSONLine: Bool {
        var rest = bytes.drop { $0 <= 0x20 }
        guard rest.first == UInt8(ascii: "{") else { return false }
        rest = rest.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
        return rest.first == UInt8(ascii: "\"") || rest.first == UInt8(ascii: "}")
    }

    /// Whether the first line that has more than a label has an index and a colon where libsvm has them.
    private var beginsWithPairs: Bool {
        for words in lines {
            guard let first = words.first, first.first != UInt8(ascii: "#") else { continue }
            guard words.count > 1 || Self.isPair(first) else { continue }
            if Self.isPair(first) || words[1].starts(with: Array("qid:".utf8)) { return true }
            // One pair may be the time of day in a sentence.
            return Self.isPair(words[1])
                && (words.count == 2 || Self.isPair(words[2]) || words[2].first == UInt8(ascii: "#"))
        }
        return false
    }

    /// Every line of LDA-C begins with its number of pairs. Of labels that would be a rare chance, unless there are
    /// hardly any lines.
    private var isLikelyLDAC: Bool {
        let rows = LDACRows(bytes)
        return rows.firstMismatch == nil && rows.longest > 1 && (rows.hasZeroIndex || rows.longest > rows.shortest)
    }

    private static func isDigits(_ word: Word) -> Bool { word.allSatisfy { (0x30...0x39).contains($0) } }

    private static func isPair(_ word: Word) -> Bool {
        let index = word.prefix { $0 != UInt8(ascii: ":") }
        return !index.isEmpty && index.count < word.count && isDigits(index)
    }

    // MARK: - What it cannot be

    /// - Throws: `FileError.badData` if the content shows that the name is wrong, or that nothing reads it.
    func refuseContradiction(to claim: FormatClaim) throws(FileError) {
        if let found = byFirstBytes, found.format != claim.format {
            throw bad(
                line: 1, "\(found.format.rawValue): \(found.reason)",
                "\(claim.format.rawValue), since \(claim.reason)",
                "rename the file, or name the format \(found.format.rawValue)")
        }
        switch claim.format {
        case .libSVM: try refuseTables(claim)
        case .tsv: try refuseNumbers(as: .tsv)
        default: break
        }
    }

    /// Numbers between commas or blanks, and not a single pair, are no libsvm.
    private func refuseTables(_ claim: FormatClaim) throws(FileError) {
        let isPaired = lines.contains {
            $0.contains { $0.contains(UInt8(ascii: ":")) || $0.first == UInt8(ascii: "#") }
        }
        guard !isPaired else { return }
        let comma = UInt8(ascii: ",")
        let table = lines.firstIndex { words in words.count > 1 || words.first?.contains(comma) == true }
        guard let table else { return }
        throw bad(
            line: table + 1, "\(text(lines[table])), and not one index:value pair",
            "label index:value …, since \(claim.reason)",
            "a dense table can be written as libsvm with sklearn.datasets.dump_svmlight_file")
    }

    /// - Throws: `FileError.badData` if every line is nothing but numbers.
    func refuseNumbers(as format: CorpusFormat) throws(FileError) {
        guard let first = lines.firstIndex(where: { !$0.isEmpty }), lines.allSatisfy({ $0.allSatisfy(Self.isNumeric) })
        else { return }
        let isHeader = lines[first].count == 3 && lines[first].allSatisfy(Self.isDigits)
        let holdsPairs = lines.dropFirst(first + 1).contains { $0.contains(where: Self.isPair) }
        let advice =
            isHeader && holdsPairs
            ? "if the first line says rows, features and labels, remove it and name the format libsvm, with index base 0"
            : holdsPairs
                ? "if these are index:value pairs, name the format libsvm"
                : "write the numbers as libsvm (sklearn.datasets.dump_svmlight_file), MatrixMarket or .npz; if they are "
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

    private func text(_ words: [Word]) -> String {
        let line = words.prefix(8).map { String(decoding: $0.prefix(20), as: UTF8.self) }.joined(separator: " ")
        return "\"\(line)\(words.count > 8 ? " …" : "")\""
    }

    private func bad(line: Int, _ found: String, _ expected: String, _ advice: String) -> FileError {
        .badData(BadData(path: name, line: line, column: 1, found: found, expected: expected, advice: advice))
    }
}

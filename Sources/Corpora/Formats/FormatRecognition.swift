import FileIO

/// A format and how it was told, in words.
public struct RecognisedFormat: Sendable, Equatable {
    public let format: CorpusFormat
    public let reason: String
}

/// Tells formats apart, by content first, then by the ending of the name.
enum FormatRecognition {
    /// How much of an input is looked at.
    static let headSize = 1 << 18
    static let headLines = 1 << 10

    static let folder = RecognisedFormat(format: .folder, reason: "it is a folder")

    /// - Parameters:
    ///   - path: a file's name, or `-`.
    ///   - content: decompressed; the beginning will do, up to the end of a line.
    /// - Returns: nil if neither content nor name tell.
    static func format(path: String, content: UnsafeRawBufferPointer) -> RecognisedFormat? {
        byMagic(content) ?? byLines(path: path, content) ?? byEnding(path)
    }

    private static func byMagic(_ content: UnsafeRawBufferPointer) -> RecognisedFormat? {
        if isSafetensors(content) {
            return RecognisedFormat(format: .corpus, reason: "it begins as a safetensors file does")
        }
        if isZip(content) {
            return RecognisedFormat(format: .npz, reason: "it is a zip archive")
        }
        if MatrixMarketHeader.isBanner(content) {
            return RecognisedFormat(format: .matrixMarket, reason: "it begins with %%MatrixMarket")
        }
        return nil
    }

    /// The header's length in eight bytes, then a brace.
    static func isSafetensors(_ content: UnsafeRawBufferPointer) -> Bool {
        content.count > 8 && content[8] == UInt8(ascii: "{") && content[7] == 0 && content[6] == 0 && content[5] == 0
    }

    /// An archive with files in it, or without.
    static func isZip(_ content: UnsafeRawBufferPointer) -> Bool {
        content.starts(with: [0x50, 0x4B, 0x03, 0x04]) || content.starts(with: [0x50, 0x4B, 0x05, 0x06])
    }

    private static func byLines(path: String, _ content: UnsafeRawBufferPointer) -> RecognisedFormat? {
        let ending = FileEnding.of(path)
        if [".tsv", ".jsonl", ".ndjson", ".svm", ".libsvm", ".svmlight"].contains(ending) { return nil }
        if isDocword(content) {
            return RecognisedFormat(format: .uci, reason: "it begins with three numbers and then three a line")
        }
        if isJSONLine(content) {
            return RecognisedFormat(format: .jsonLines, reason: "its first line is a JSON object")
        }
        guard hasPairs(content) else { return nil }
        if let reason = ldaCReason(content, ending: ending) { return RecognisedFormat(format: .ldaC, reason: reason) }
        return RecognisedFormat(format: .libSVM, reason: "its lines are index:value pairs")
    }

    private static func byEnding(_ path: String) -> RecognisedFormat? {
        guard let ending = FileEnding.of(path) else { return nil }
        let format: CorpusFormat? =
            switch ending {
            case ".svm", ".libsvm", ".svmlight", ".feat": .libSVM
            case ".mtx", ".mm": .matrixMarket
            case ".npz": .npz
            case ".ldac", ".lda-c": .ldaC
            case ".tsv": .tsv
            case ".txt": .text
            case ".jsonl", ".ndjson": .jsonLines
            case ".safetensors": .corpus
            default: nil
            }
        return format.map { RecognisedFormat(format: $0, reason: "its name ends in \(ending)") }
    }

    // MARK: - Looking at lines

    private static func words(_ line: Slice<UnsafeRawBufferPointer>) -> [Slice<UnsafeRawBufferPointer>] {
        line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D })
    }

    private static func isNumber(_ word: Slice<UnsafeRawBufferPointer>) -> Bool {
        word.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isDocword(_ head: UnsafeRawBufferPointer) -> Bool {
        let lines = head.split(separator: 0x0A, maxSplits: 4, omittingEmptySubsequences: false).prefix(4).map(words)
        guard lines.count >= 3, lines.prefix(3).allSatisfy({ $0.count == 1 && isNumber($0[0]) }) else { return false }
        return lines.count < 4 || lines[3].isEmpty || lines[3].count == 3 && lines[3].allSatisfy(isNumber)
    }

    private static func isJSONLine(_ head: UnsafeRawBufferPointer) -> Bool {
        var rest = head.drop { $0 <= 0x20 }
        guard rest.first == UInt8(ascii: "{") else { return false }
        rest = rest.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
        return rest.first == UInt8(ascii: "\"") || rest.first == UInt8(ascii: "}")
    }

    /// Whether the first line that has more than a label has an index and a colon where libsvm has them.
    private static func hasPairs(_ head: UnsafeRawBufferPointer) -> Bool {
        for line in head.split(separator: 0x0A) {
            let words = words(line)
            guard let first = words.first, first.first != UInt8(ascii: "#") else { continue }
            guard words.count > 1 || isPair(first) else { continue }
            if isPair(first) || words[1].starts(with: Array("qid:".utf8)) { return true }
            // One pair may be the time of day in a sentence.
            return isPair(words[1]) && (words.count == 2 || isPair(words[2]) || words[2].first == UInt8(ascii: "#"))
        }
        return false
    }

    private static func isPair(_ word: Slice<UnsafeRawBufferPointer>) -> Bool {
        let index = word.prefix { $0 != UInt8(ascii: ":") }
        return !index.isEmpty && index.count < word.count && isNumber(index)
    }

    /// Every line of LDA-C begins with its number of pairs. Of labels that would be a rare chance, unless there are
    /// hardly any lines.
    private static func ldaCReason(_ content: UnsafeRawBufferPointer, ending: String?) -> String? {
        let rows = LDACRows(content)
        guard rows.firstMismatch == nil else { return nil }
        let isLikely = rows.longest > 1 && (rows.hasZeroIndex || rows.longest > rows.shortest)
        guard isLikely || [".ldac", ".lda-c"].contains(ending) else { return nil }
        return "each line begins with its number of pairs"
    }
}

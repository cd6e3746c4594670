import FileIO
import SparseMatrices

/// Blei's LDA-C: lines `N id:count …`, N the number of pairs, ids counted from 0.
enum LDAC: MatrixFormat {
    static let endings = [".ldac", ".lda-c"]
    static let hasNoZeros = true
    static let refusesOddities = true

    static func shape(of head: HeadShape) -> (reason: String, hint: String?)? {
        guard head.beginsWithPairs, isLikely(head) else { return nil }
        return ("each line begins with its number of pairs", "if these numbers are labels, name the format libsvm")
    }

    /// Every line of LDA-C begins with its number of pairs. Labels are unlikely to match these numbers by chance,
    /// unless there are hardly any lines.
    static func isLikely(_ head: HeadShape) -> Bool {
        let rows = LDACRows(head.bytes)
        return rows.firstMismatch == nil && rows.longest > 1 && (rows.hasZeroIndex || rows.longest > rows.shortest)
    }

    static func source(
        _ input: Input, options: CorpusReadingOptions, handing: Handing, parallelism: Parallelism
    ) throws(FileError) -> any CorpusSource {
        try LibSVMSource(input, isLDAC: true, options: options, handing: handing)
    }
}

/// The first token and the number of pairs of each line of Blei's LDA-C, `N id:count …`, N the number of pairs.
struct LDACRows {
    struct Mismatch {
        let line: Int
        let found: String
        let pairs: Int
    }

    /// The first line whose first token is not its number of pairs.
    private(set) var firstMismatch: Mismatch?
    private(set) var rowCount = 0
    /// The largest and the smallest number of pairs in a row.
    private(set) var longest = 0
    private(set) var shortest = Int.max
    /// Whether an id is 0, which is rare in libsvm files.
    private(set) var hasZeroIndex = false

    /// - Complexity: O(bytes up to the first mismatch).
    init(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        var line = 0
        while position < bytes.count, firstMismatch == nil {
            let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            line += 1
            add(UnsafeRawBufferPointer(rebasing: bytes[position..<end]), line: line)
            position = end + 1
        }
    }

    /// - Throws: `FileError.badData` about the first line that does not begin with its number of pairs.
    static func requirePairs(_ bytes: UnsafeRawBufferPointer, linesBefore: Int, name: String) throws(FileError) {
        guard let mismatch = LDACRows(bytes).firstMismatch else { return }
        throw .badData(
            BadData(
                path: name, line: linesBefore + mismatch.line, column: 1, found: mismatch.found,
                expected: "\(mismatch.pairs), the number of id:count pairs of the line",
                advice: "the line may be cut short; if this is a libsvm file, say \(setting: "format") libsvm"))
    }

    private mutating func add(_ text: UnsafeRawBufferPointer, line: Int) {
        guard let start = text.firstIndex(where: { !Self.isBlank($0) }) else { return }
        let token = text[start...].prefix { !Self.isBlank($0) }
        var pairs = 0
        for place in start + token.count..<text.count where text[place] == UInt8(ascii: ":") {
            pairs += 1
            let isAlone = place >= 2 && Self.isBlank(text[place - 2])
            if text[place - 1] == UInt8(ascii: "0"), isAlone { hasZeroIndex = true }
        }
        rowCount += 1
        longest = max(longest, pairs)
        shortest = min(shortest, pairs)
        let isNumber = token.count < 10 && token.allSatisfy { (0x30...0x39).contains($0) }
        if !isNumber || token.reduce(0, { $0 * 10 + Int($1) - 0x30 }) != pairs {
            firstMismatch = Mismatch(
                line: line, found: "\"\(String(decoding: token.prefix(40), as: UTF8.self))\"", pairs: pairs)
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}

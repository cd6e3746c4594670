/// The result of parsing one block of lines, without its entries.
struct LibSVMBlock {
    /// The end of each row's entries, counted from the block's first entry.
    var rowEnds: [Int] = []
    var labels = LabelTable()
    /// One for each row: a code of `labels`, or `RowLabels.none`.
    var labelCodes: [UInt32] = []
    /// The ids of the rows that have one; rows are counted from the block's first.
    var ids: [(row: Int, id: String)] = []
    var qids: [(row: Int, qid: Int)] = []
    var weights: [(row: Int, weight: Float)] = []

    /// The number of lines that were read completely.
    var lineCount = 0
    var blankLines = 0
    var commentLines = 0
    var unsortedRows = 0
    var duplicatesMerged = 0
    var explicitZeros = 0
    var valuesRounded = 0
    /// The number of values that are separated from their colon by blanks.
    var valuesApart = 0
    var idsRepaired = 0

    /// The largest index in the file's notation; nil without entries.
    var largestIndex: UInt64?
    var firstZeroIndex: BlockPosition?
    /// The first index that exceeds the requested number of features with either index base.
    var firstExcess: (position: BlockPosition, index: UInt64)?
    /// The first index equal to the number of features, which is too large if indices count from 0.
    var firstAtFeatureCount: BlockPosition?
    var firstLabelled: BlockPosition?
    var firstUnlabelled: BlockPosition?
    /// Whether there are more entries than were counted before, because the file was modified meanwhile.
    var isChanged = false
    /// The error at which reading stopped.
    var fault: LineFault?

    var rowCount: Int { rowEnds.count }
    var entryCount: Int { rowEnds.last ?? 0 }
}

/// The distinct labels of a block, looked up without creating strings.
struct LabelTable {
    private(set) var names: [String] = []
    private var shortLabels: [UInt64: UInt32] = [:]
    private var longLabels: [ByteKey: UInt32] = [:]
    private var lastKey = UInt64.max
    private var lastCode: UInt32 = 0

    /// The code of a known label of up to seven bytes.
    @inline(__always)
    mutating func code(of token: UnsafeBufferPointer<UInt8>) -> UInt32? {
        guard let key = Self.key(token) else { return longLabels[ByteKey(String(decoding: token, as: UTF8.self))] }
        if key == lastKey { return lastCode }
        guard let code = shortLabels[key] else { return nil }
        (lastKey, lastCode) = (key, code)
        return code
    }

    mutating func add(_ token: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let name = String(decoding: token, as: UTF8.self)
        let code = UInt32(names.count)
        names.append(name)
        if let key = Self.key(token) { shortLabels[key] = code } else { longLabels[ByteKey(name)] = code }
        return code
    }

    /// Up to seven bytes and their number as one integer, in which at least one bit is zero.
    @inline(__always)
    private static func key(_ token: UnsafeBufferPointer<UInt8>) -> UInt64? {
        if token.count > 7 { return nil }
        var key = UInt64(token.count)
        for byte in token { key = key &<< 8 | UInt64(byte) }
        return key
    }
}

/// The syntax of labels.
enum LabelSyntax {
    enum Kind { case number, word, invalid, notFinite }

    static func isWord(_ label: String) -> Bool {
        Array(label.utf8).withUnsafeBufferPointer { kind(of: $0) == .word }
    }

    /// The labels of a row, separated by commas.
    static func labels(_ token: String) -> [String] {
        let parts = token.split(separator: ",")
        return parts.count < 2 ? [token] : parts.map(String.init)
    }

    /// Numbers, also several separated by commas, are numbers; a word begins with a letter and has no blank, colon, `#`
    /// or control character. Whether it is valid UTF-8 is not checked.
    static func kind(of token: UnsafeBufferPointer<UInt8>) -> Kind {
        guard let first = token.first else { return .invalid }
        if token.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "#") }) {
            return .invalid
        }
        let parts = token.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        if parts.contains(where: isNotFiniteWord) { return .notFinite }
        let letter = first | 0x20
        if letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z") || first >= 0x80 || first == UInt8(ascii: "_") {
            return .word
        }
        return parts.allSatisfy(isNumber) ? .number : .invalid
    }

    /// The token is padded, because the number parser requires readable bytes after it.
    private static func isNumber(_ token: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let padded = Array(token) + [UInt8](repeating: 0x0A, count: 32)
        return padded.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress, let number = DecimalNumber(at: start) else { return false }
            return number.end == start + token.count
        }
    }

    /// Whether a token is one of the spellings of NaN and infinity.
    static func isNotFiniteWord(_ token: some Sequence<UInt8>) -> Bool {
        var word = token.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
        if word.first == UInt8(ascii: "+") || word.first == UInt8(ascii: "-") { word.removeFirst() }
        return ["nan", "inf", "infinity"].contains { word.elementsEqual($0.utf8) }
    }
}

import SparseMatrices

private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")
private let colon = UInt8(ascii: ":")
private let hash = UInt8(ascii: "#")

/// Parses a block of whole lines. All pointer work of the reader is in this type and its extensions.
///
/// The block's last byte is a newline and at least 16 more bytes may be read after it, so that no loop needs to look
/// out for the end: every scan stops at a newline at the latest. An entry takes at least one colon, so there is room
/// for all entries if the output has as many places as the block has colons.
struct LibSVMBlockParser {
    typealias Bytes = UnsafePointer<UInt8>

    let end: Bytes
    let options: LibSVMOptions
    /// Subtracted (with wrap-around) from every index that is stored.
    let assumedBase: UInt64
    let columnIndices: UnsafeMutablePointer<UInt32>
    let values: UnsafeMutablePointer<Float>

    var block = LibSVMBlock()
    var lineStart: Bytes
    /// The first byte after label, weight and qid of the row that is read.
    var entriesStart: Bytes
    var sortKeys: [UInt64] = []
    var sortValues: [Float] = []

    init(
        lines: UnsafeBufferPointer<UInt8>, start: Bytes, options: LibSVMOptions,
        columnIndices: UnsafeMutablePointer<UInt32>, values: UnsafeMutablePointer<Float>
    ) {
        precondition(lines.last == newline, "a block ends in a newline")
        end = start + lines.count
        lineStart = start
        entriesStart = start
        self.options = options
        assumedBase = options.indexBase == .zero ? 0 : 1
        self.columnIndices = columnIndices
        self.values = values
    }

    /// Reads all lines, or up to the first fault.
    mutating func parse() -> LibSVMBlock {
        do throws(LibSVMFault) {
            while lineStart < end {
                lineStart = try parseLine()
                block.lineCount += 1
            }
        } catch {
            block.fault = error
        }
        return block
    }

    func position(of byte: Bytes) -> BlockPosition {
        BlockPosition(line: block.lineCount, column: byte - lineStart + 1)
    }

    func fault(_ problem: LibSVMProblem, at byte: Bytes) -> LibSVMFault { problem.fault(at: position(of: byte)) }

    /// - Returns: the start of the next line.
    private mutating func parseLine() throws(LibSVMFault) -> Bytes {
        let first = Self.skipBlanks(lineStart)
        if Self.isLineEnd(first) {
            if options.strict { throw fault(.blankLine, at: lineStart) }
            block.blankLines += 1
            return Self.nextLine(first)
        }
        if first[0] == hash {
            block.commentLines += 1
            return Self.nextLine(try endOfComment(first))
        }
        entriesStart = try parseHead(first)
        let row = block.rowCount
        var lineEnd = try parseEntries(from: entriesStart, at: block.entryCount)
        if lineEnd[0] == hash {
            let comment = lineEnd
            lineEnd = try endOfComment(comment)
            try addID(row: row, from: comment + 1, to: lineEnd)
        }
        return Self.nextLine(lineEnd)
    }

    @inline(__always)
    static func skipBlanks(_ start: Bytes) -> Bytes {
        var p = start
        while p[0] == space || p[0] == tab { p += 1 }
        return p
    }

    /// A newline, with a carriage return before it or not.
    @inline(__always)
    static func isLineEnd(_ p: Bytes) -> Bool { p[0] == newline || p[0] == carriageReturn && p[1] == newline }

    @inline(__always)
    static func nextLine(_ lineEnd: Bytes) -> Bytes { lineEnd[0] == newline ? lineEnd + 1 : lineEnd + 2 }

    /// Parses features until the line or a comment ends them.
    private mutating func parseEntries(from start: Bytes, at rowStart: Int) throws(LibSVMFault) -> Bytes {
        var p = start
        var count = rowStart
        var previous: Int64 = -1
        var largest = block.largestIndex.map { Int64($0) } ?? -1
        var isUnsorted = false
        var hasDuplicates = false
        var hasZeros = false
        // Indices beyond this are looked at more closely; most files have none.
        let watchFrom = Int64(options.featureCount ?? Int(UInt32.max) + 1)
        while true {
            let run = DigitRun(at: p)
            var colonAt = p + run.count
            var index = run.number
            if UInt(bitPattern: run.count &- 1) >= 7 || colonAt[0] != colon {
                if run.count == 0, Self.isLineEnd(p) || p[0] == hash { break }
                (index, colonAt) = try parseUnusualIndex(p)
            }
            let valueAt = colonAt + 1
            let value: Float
            let after: Bytes
            let digit = valueAt[0] &- 0x30
            if digit <= 9, valueAt[1] == space || valueAt[1] == newline {
                value = Float(digit)
                after = valueAt + 1
            } else {
                guard let number = DecimalNumber(at: valueAt), number.value.isFinite, Self.endsToken(number.end) else {
                    throw valueFault(at: valueAt)
                }
                value = number.value
                after = number.end
            }
            let signedIndex = Int64(truncatingIfNeeded: index)
            if signedIndex <= previous || value == 0 {
                if options.strict { try refuseOddity(index: index, previous: previous, value: valueAt, token: p) }
                isUnsorted = isUnsorted || signedIndex < previous
                hasDuplicates = hasDuplicates || signedIndex == previous
                hasZeros = hasZeros || value == 0
            }
            if index == 0 || signedIndex >= watchFrom { try note(index: index, at: p) }
            largest = max(largest, signedIndex)
            previous = signedIndex
            columnIndices[count] = UInt32(truncatingIfNeeded: index &- assumedBase)
            values[count] = value
            count += 1
            p = after
            if p[0] == space { p += 1 }
            if p[0] <= space { p = Self.skipBlanks(p) }
        }
        if isUnsorted { block.unsortedRows += 1 }
        if isUnsorted || hasDuplicates { count = try sortAndMerge(rowStart..<count) }
        if hasZeros || isUnsorted || hasDuplicates { count = dropZeros(rowStart..<count) }
        if largest >= 0 { block.largestIndex = UInt64(largest) }
        block.rowEnds.append(count)
        return p
    }

    @inline(__always)
    private static func endsToken(_ p: Bytes) -> Bool {
        p[0] == space || p[0] == newline || p[0] == tab || p[0] == hash || isLineEnd(p)
    }

    /// Keeps what only the whole file can tell whether it is wrong.
    private mutating func note(index: UInt64, at token: Bytes) throws(LibSVMFault) {
        if index == 0 {
            if options.indexBase == .one { throw fault(.zeroIndex, at: token) }
            if block.firstZeroIndex == nil { block.firstZeroIndex = position(of: token) }
        }
        guard let featureCount = options.featureCount else { return }
        if index > featureCount, block.firstExcess == nil { block.firstExcess = position(of: token) }
        if index == featureCount, block.firstAtFeatureCount == nil {
            block.firstAtFeatureCount = position(of: token)
        }
    }

    private func refuseOddity(index: UInt64, previous: Int64, value: Bytes, token: Bytes) throws(LibSVMFault) {
        if Int64(index) == previous { throw fault(.duplicate(index: index), at: token) }
        if Int64(index) < previous {
            throw fault(.unsorted(index: index, previous: UInt64(previous)), at: token)
        }
        throw fault(.explicitZero, at: value)
    }
}

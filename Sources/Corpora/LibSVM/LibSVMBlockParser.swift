import SparseMatrices

private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")
private let colon = UInt8(ascii: ":")
private let hash = UInt8(ascii: "#")

/// Parses a block of complete lines. All pointer operations of the reader are in this type and its extensions.
///
/// The block's last byte is a newline, and at least 16 more bytes may be read after it, so that no loop needs to check
/// for the end: every scan stops at a newline at the latest. An entry contains at least one colon, so there is room for
/// all entries if the capacity of the output is the number of colons in the block.
///
/// A mapped file may be modified meanwhile. Then entries beyond the capacity are not written, and if the last newline
/// has been removed, a scan continues through readable memory to a later one: at the latest to those that `MappedFile`
/// adds after every file. In either case the block reports that the file has changed.
struct LibSVMBlockParser {
    typealias Bytes = UnsafePointer<UInt8>

    let end: Bytes
    let options: LibSVMOptions
    /// The number subtracted (with wrap-around) from every stored index.
    let assumedBase: Int64
    let columnIndices: UnsafeMutablePointer<UInt32>
    let values: UnsafeMutablePointer<Float>
    /// The number of entries that fit in the output.
    let capacity: Int

    var block = LibSVMBlock()
    var lineStart: Bytes
    /// The first byte after label, weight and qid of the current row.
    var entriesStart: Bytes
    var sorter = RowSorter()

    init(
        lines: UnsafeBufferPointer<UInt8>, start: Bytes, options: LibSVMOptions,
        columnIndices: UnsafeMutablePointer<UInt32>, values: UnsafeMutablePointer<Float>, capacity: Int
    ) {
        end = start + lines.count
        lineStart = start
        entriesStart = start
        self.options = options
        assumedBase = options.indexBase == .zero ? 0 : 1
        self.columnIndices = columnIndices
        self.values = values
        self.capacity = capacity
    }

    /// Parses all lines, or those up to the first error.
    mutating func parse() -> LibSVMBlock {
        do throws(LineFault) {
            while lineStart < end {
                lineStart = try parseLine()
                block.lineCount += 1
            }
            if lineStart > end { throw changed(at: end) }
        } catch {
            block.fault = error
        }
        return block
    }

    private mutating func changed(at byte: Bytes) -> LineFault {
        block.isChanged = true
        return fault(.changed, at: byte)
    }

    func position(of byte: Bytes) -> BlockPosition {
        BlockPosition(line: block.lineCount, column: byte - lineStart + 1)
    }

    func fault(_ problem: LibSVMProblem, at byte: Bytes) -> LineFault { problem.fault(at: position(of: byte)) }

    /// - Returns: the start of the next line.
    private mutating func parseLine() throws(LineFault) -> Bytes {
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

    /// Whether there is a newline, optionally preceded by a carriage return.
    @inline(__always)
    static func isLineEnd(_ p: Bytes) -> Bool { p[0] == newline || p[0] == carriageReturn && p[1] == newline }

    @inline(__always)
    static func nextLine(_ lineEnd: Bytes) -> Bytes { lineEnd[0] == newline ? lineEnd + 1 : lineEnd + 2 }

    /// Irregularities to be corrected after a row's entries have been read.
    private struct Oddities {
        var isUnsorted = false
        var hasDuplicates = false
        var hasZeros = false
    }

    /// Parses features up to the end of the line or a comment.
    private mutating func parseEntries(from start: Bytes, at rowStart: Int) throws(LineFault) -> Bytes {
        var p = start
        var count = rowStart
        var previous: Int64 = -1
        var largest = block.largestIndex.map { Int64($0) } ?? -1
        var oddities = Oddities()
        // Indices from this one on need further checks; most files have none.
        let watchFrom = Int64(options.featureCount ?? Int(UInt32.max) + 1)
        while true {
            let run = DigitRun(at: p)
            var colonAt = p + run.count
            var number = run.number
            if UInt(bitPattern: run.count &- 1) >= 7 || colonAt[0] != colon {
                if run.count == 0, Self.isLineEnd(p) || p[0] == hash { break }
                (number, colonAt) = try parseUnusualIndex(p)
            }
            let index = Int64(truncatingIfNeeded: number)
            var valueAt = colonAt + 1
            var parsed = Self.parseValue(at: valueAt)
            if parsed == nil { parsed = try parseValueApart(&valueAt) }
            guard let (value, after) = parsed else { throw valueFault(at: colonAt + 1) }
            if DecimalNumber.isRounded(value, from: valueAt, to: after) {
                if options.strict { throw fault(.rounded(token: token(at: valueAt)), at: valueAt) }
                block.valuesRounded += 1
            }
            if index <= previous || value == 0 {
                if index <= previous, count == rowStart + 1, start == Self.skipBlanks(lineStart) {
                    throw fault(.labelOrFeature(token: token(at: start)), at: start)
                }
                if options.strict { try refuseOddity(index: index, previous: previous, value: valueAt, token: p) }
                oddities.isUnsorted = oddities.isUnsorted || index < previous
                oddities.hasDuplicates = oddities.hasDuplicates || index == previous
                oddities.hasZeros = oddities.hasZeros || value == 0
            }
            if index == 0 || index >= watchFrom { try note(index: index, at: p) }
            guard count < capacity else { throw changed(at: p) }
            largest = max(largest, index)
            previous = index
            columnIndices[count] = UInt32(truncatingIfNeeded: index &- assumedBase)
            values[count] = value
            count += 1
            p = after
            if p[0] == space { p += 1 }
            if p[0] <= space { p = Self.skipBlanks(p) }
        }
        if largest >= 0 { block.largestIndex = UInt64(largest) }
        block.rowEnds.append(try finishRow(rowStart..<count, oddities))
        return p
    }

    /// Returns nil unless the token is a finite number. Static, since a call on `self` would copy it for each entry.
    @inline(__always)
    private static func parseValue(at start: Bytes) -> (value: Float, end: Bytes)? {
        let digit = start[0] &- 0x30
        if digit <= 9, start[1] == space || start[1] == newline { return (Float(digit), start + 1) }
        guard let number = DecimalNumber(at: start), number.value.isFinite, endsToken(number.end) else { return nil }
        return (number.value, number.end)
    }

    /// Parses a value that is separated from its colon by blanks, as in some files of LIBSVM's collection.
    ///
    /// - Parameter start: just after the colon; moved to the beginning of the value.
    /// - Returns: nil if there is no value, or another feature follows.
    private mutating func parseValueApart(_ start: inout Bytes) throws(LineFault) -> (value: Float, end: Bytes)? {
        let first = Self.skipBlanks(start)
        guard first > start, let parsed = Self.parseValue(at: first) else { return nil }
        if options.strict { throw fault(.valueApart, at: start) }
        start = first
        block.valuesApart += 1
        return parsed
    }

    /// - Returns: the end of the row's entries afterwards.
    private mutating func finishRow(_ entries: Range<Int>, _ oddities: Oddities) throws(LineFault) -> Int {
        var end = entries.upperBound
        if oddities.isUnsorted { block.unsortedRows += 1 }
        if oddities.isUnsorted || oddities.hasDuplicates {
            end = try sortAndMerge(entries)
        } else if !oddities.hasZeros {
            return end
        }
        // Merged duplicates may sum to zero.
        return dropZeros(entries.lowerBound..<end)
    }

    @inline(__always)
    private static func endsToken(_ p: Bytes) -> Bool {
        p[0] == space || p[0] == newline || p[0] == tab || p[0] == hash || isLineEnd(p)
    }

    /// Records an index that may be invalid, which is known only after the whole file has been read.
    private mutating func note(index: Int64, at token: Bytes) throws(LineFault) {
        if index == 0 {
            if options.indexBase == .one { throw fault(.zeroIndex, at: token) }
            if block.firstZeroIndex == nil { block.firstZeroIndex = position(of: token) }
        }
        guard let featureCount = options.featureCount else { return }
        if index > featureCount, block.firstExcess == nil {
            block.firstExcess = (position(of: token), UInt64(index))
        }
        if index == featureCount, block.firstAtFeatureCount == nil {
            block.firstAtFeatureCount = position(of: token)
        }
    }

    private func refuseOddity(index: Int64, previous: Int64, value: Bytes, token: Bytes) throws(LineFault) {
        if index == previous { throw fault(.duplicate(index: UInt64(index)), at: token) }
        if index < previous {
            throw fault(.unsorted(index: UInt64(index), previous: UInt64(previous)), at: token)
        }
        throw fault(.explicitZero, at: value)
    }
}

/// Corrections of rows that are not sorted or have duplicates or zeros.
extension LibSVMBlockParser {
    /// Sorts a row's entries and adds up duplicates: in file order, in Double, rounded once.
    ///
    /// - Returns: the end of the entries afterwards.
    mutating func sortAndMerge(_ entries: Range<Int>) throws(LineFault) -> Int {
        sorter.removeAll()
        for entry in entries {
            // Index 0 was stored as 2³²−1 if indices were assumed to count from 1.
            let index = columnIndices[entry] &+ UInt32(assumedBase)
            sorter.append(index: index, value: values[entry])
        }
        sorter.sort()
        var count = entries.lowerBound
        var next = 0
        while next < sorter.count {
            let first = next
            let index = sorter.index(first)
            var sum = 0.0
            while next < sorter.count, sorter.index(next) == index {
                sum += Double(sorter.value(next))
                next += 1
            }
            columnIndices[count] = index &- UInt32(assumedBase)
            values[count] = Float(sum)
            guard values[count].isFinite else {
                let last = try lastToken(ofIndex: index, entryCount: entries.count)
                throw fault(.duplicateSumOverflow(index: UInt64(index)), at: last)
            }
            block.duplicatesMerged += next - first - 1
            count += 1
        }
        return count
    }

    /// Removes entries with the value zero and counts them.
    ///
    /// - Returns: the end of the entries afterwards.
    mutating func dropZeros(_ entries: Range<Int>) -> Int {
        var count = entries.lowerBound
        for entry in entries where values[entry] != 0 {
            columnIndices[count] = columnIndices[entry]
            values[count] = values[entry]
            count += 1
        }
        block.explicitZeros += entries.upperBound - count
        return count
    }

    /// The position of a row's last entry with an index, found by parsing the row's text again.
    private func lastToken(ofIndex index: UInt32, entryCount: Int) throws(LineFault) -> Bytes {
        var p = entriesStart
        var last = p
        for _ in 0..<entryCount {
            let (found, colon) = try parseUnusualIndex(p)
            if found == index { last = p }
            p = Self.skipBlanks(colon + 1)
            while p[0] > 0x20 { p += 1 }
            p = Self.skipBlanks(p)
        }
        return last
    }
}

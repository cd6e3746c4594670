import FileIO
import SparseMatrices

/// A list of entries as text, lines `row column [value]` counted from 1, or a list of values only, in column-major
/// order: the body of MatrixMarket and UCI files.
struct TripletLines {
    let rowCount: Int
    let columnCount: Int
    /// The number of entries according to the file's header.
    let entryCount: Int
    /// Whether the indices are followed by a value; otherwise values are 1.
    let hasValues: Bool
    /// Whether values must be integers.
    let hasWholeValues: Bool
    /// The positions of values that are stored without indices; nil if entries have indices.
    var dense: ColumnMajor?
    /// The names of rows and columns in messages.
    let rowName: String
    let columnName: String
    /// The character that begins a comment, if the format has comments.
    let commentMark: UInt8?
    /// The number of lines before the first line that is passed to `parse`.
    let linesBefore: Int
    /// The approximate number of bytes in a block of lines.
    var blockSize = 1 << 20
}

/// The positions of a matrix in column-major order: all of them, or those on and below, or only below, the diagonal.
struct ColumnMajor {
    enum Part: Int { case all, fromDiagonal, belowDiagonal }

    let rowCount: Int
    let columnCount: Int
    let part: Part

    private func firstRow(ofColumn column: Int) -> Int {
        switch part {
        case .all: 0
        case .fromDiagonal: column
        case .belowDiagonal: column + 1
        }
    }

    /// The number of positions; nil if it exceeds `Int`.
    ///
    /// - Precondition: a triangle has as many rows as columns.
    var count: Int? {
        let all = rowCount.multipliedReportingOverflow(by: columnCount)
        if all.overflow { return nil }
        let diagonal = part == .all ? 0 : part == .fromDiagonal ? rowCount : -rowCount
        return part == .all ? all.partialValue : (all.partialValue + diagonal) / 2
    }

    /// Finds positions by ascending numbers.
    struct Cursor {
        private let places: ColumnMajor
        private var column: Int
        private var row: Int
        /// The number of the current position.
        private var number: Int

        /// Starts at position number 0.
        init(_ places: ColumnMajor) {
            (self.places, column, number) = (places, 0, 0)
            row = places.firstRow(ofColumn: 0)
        }

        /// Replaces the numbers of entries by their positions.
        ///
        /// - Parameter first: the number that corresponds to 0 in the piece.
        mutating func place(_ piece: CoordinatePiece, before first: Int) {
            for entry in 0..<piece.count {
                (piece.rows.baseAddress[entry], piece.columns.baseAddress[entry]) =
                    place(ofNumber: first + Int(piece.rows.baseAddress[entry]))
            }
        }

        /// - Precondition: the number is not less than that of the previous call, and the position exists.
        private mutating func place(ofNumber wanted: Int) -> (row: UInt32, column: UInt32) {
            row += wanted - number
            number = wanted
            while row >= places.rowCount {
                if places.part == .all {
                    column += row / places.rowCount
                    row %= places.rowCount
                } else {
                    row -= places.rowCount
                    column += 1
                    row += places.firstRow(ofColumn: column)
                }
            }
            return (UInt32(row), UInt32(column))
        }
    }
}

/// The counts of parsing entries.
struct TripletCounts {
    var blankLines = 0
    var valuesRounded = 0
    /// The number of nonzero values in the text that became zero as Floats.
    var tooSmall = 0
}

/// Parses a list of entries piece by piece.
struct TripletParsing {
    private let format: TripletLines
    private let name: String
    private var line: Int
    private var entries = 0
    private var places: ColumnMajor.Cursor?
    private(set) var counts = TripletCounts()

    init(_ format: TripletLines, name: String) {
        self.format = format
        self.name = name
        places = format.dense.map(ColumnMajor.Cursor.init)
        line = format.linesBefore
    }

    /// Parses the next complete lines, in blocks in parallel.
    ///
    /// - Throws: `FileError.badData` about the first invalid line, or if there are more entries than announced.
    mutating func parse(
        _ text: UnsafeBufferPointer<UInt8>, parallelism: Parallelism
    ) throws(FileError) -> [CoordinatePiece] {
        let lines = LineBlocks(text, blockSize: format.blockSize, isStart: false)
        let blocks = parallelism.map(lines.count) { [format] block in
            lines.withLines(ofBlock: block) { TripletBlock($0, format) }
        }
        for (number, block) in blocks.enumerated() {
            let excess = format.entryCount - entries
            if block.entryCount > excess {
                let place = lines.withLines(ofBlock: number) { TripletBlock.line(ofEntry: excess, in: $0, format) }
                throw .badData(format.tooMany(path: name, line: line + place + 1))
            }
            if block.isChanged { throw .changed(path: name) }
            if let fault = block.fault { throw .badData(fault.badData(path: name, linesBefore: line)) }
            places?.place(block.piece, before: entries)
            line += block.lineCount
            entries += block.entryCount
            counts.blankLines += block.blankLines
            counts.tooSmall += block.tooSmall
            counts.valuesRounded += block.piece.valuesRounded
        }
        return blocks.map(\.piece)
    }

    /// - Throws: `FileError.badData` if there were fewer entries than announced.
    func requireAll() throws(FileError) {
        if entries < format.entryCount { throw .badData(format.tooFew(path: name, line: line + 1, entries: entries)) }
    }
}

extension TripletLines {
    fileprivate func tooMany(path: String, line: Int) -> BadData {
        BadData(
            path: path, line: line, column: 1, found: "one more entry",
            expected: "the end of the file, since the header announces \(entryCount) entries",
            advice: "correct the header, or check that the file is whole and one file only")
    }

    fileprivate func tooFew(path: String, line: Int, entries: Int) -> BadData {
        BadData(
            path: path, line: line, column: 1, found: "the end of the file after \(entries) entries",
            expected: "\(entryCount) entries, as the header announces",
            advice: "the file may be cut short: copy it again, or correct the header")
    }
}

/// One block of lines, parsed up to its first error.
private struct TripletBlock {
    /// If values are stored without indices, rows are the numbers of the block's values, and zeros are left out.
    private(set) var piece: CoordinatePiece
    private(set) var entryCount = 0
    private(set) var lineCount = 0
    private(set) var tooSmall = 0
    private(set) var blankLines = 0
    private(set) var fault: LineFault?
    /// Whether there are more lines than were counted before, because the file was modified meanwhile.
    private(set) var isChanged = false

    init(_ lines: UnsafeBufferPointer<UInt8>, _ format: TripletLines) {
        let room = LineBlocks.count(UInt8(ascii: "\n"), in: lines)
        let rows = AlignedBuffer<UInt32>(uninitialized: room)
        let columns = AlignedBuffer<UInt32>(uninitialized: room)
        let values = AlignedBuffer<Float>(uninitialized: room)
        var count = 0
        var rounded = 0
        let isDense = format.dense != nil
        if let start = lines.baseAddress {
            var p = start
            do throws(LineFault) {
                while p < start + lines.count {
                    var line = TripletLine(start: p, number: lineCount, format: format)
                    if line.isEntry {
                        guard entryCount < room else {
                            isChanged = true
                            break
                        }
                        if isDense {
                            let (value, isZero) = try line.onlyValue(&rounded)
                            rows.baseAddress[count] = UInt32(truncatingIfNeeded: entryCount)
                            values.baseAddress[count] = value
                            if value != 0 { count += 1 } else if !isZero { tooSmall += 1 }
                        } else {
                            (rows.baseAddress[count], columns.baseAddress[count], values.baseAddress[count]) =
                                try line.entry(&rounded)
                            count += 1
                        }
                        entryCount += 1
                    } else if line.isBlank {
                        blankLines += 1
                    }
                    p = line.nextLine()
                    lineCount += 1
                }
                if p > start + lines.count { isChanged = true }
            } catch {
                fault = error
            }
        }
        piece = CoordinatePiece(
            rows: rows, columns: columns, values: values, count: count, valuesRounded: rounded)
    }

    /// The line of an entry, counted from the block's first line.
    static func line(ofEntry entry: Int, in lines: UnsafeBufferPointer<UInt8>, _ format: TripletLines) -> Int {
        guard let start = lines.baseAddress else { return 0 }
        var p = start
        var number = 0
        var entriesLeft = entry
        // The entry exists, unless the file has been modified meanwhile.
        while p < start + lines.count {
            var line = TripletLine(start: p, number: number, format: format)
            if line.isEntry {
                if entriesLeft == 0 { return number }
                entriesLeft -= 1
            }
            p = line.nextLine()
            number += 1
        }
        return number
    }
}

/// A cursor over one line. The line ends in a newline, and 16 more bytes may be read after it.
private struct TripletLine {
    private let start: UnsafePointer<UInt8>
    private var p: UnsafePointer<UInt8>
    private let number: Int
    private let format: TripletLines

    @inline(__always)
    init(start: UnsafePointer<UInt8>, number: Int, format: TripletLines) {
        self.start = start
        self.number = number
        self.format = format
        p = Self.skipBlanks(start)
    }

    @inline(__always)
    var isBlank: Bool { p[0] == UInt8(ascii: "\n") }
    @inline(__always)
    var isEntry: Bool { !isBlank && p[0] != format.commentMark }

    @inline(__always)
    private static func skipBlanks(_ start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        var p = start
        while p[0] == 0x20 || p[0] == 0x09 || p[0] == 0x0D { p += 1 }
        return p
    }

    /// - Parameter rounded: counts values that differ from their text.
    mutating func entry(_ rounded: inout Int) throws(LineFault) -> (row: UInt32, column: UInt32, value: Float) {
        let row = try index(format.rowName, count: format.rowCount)
        let column = try index(format.columnName, count: format.columnCount)
        let value = format.hasValues ? try value(&rounded) : 1
        try requireEnd()
        return (row, column, value)
    }

    /// Parses a value without indices; also returns whether its text is zero.
    mutating func onlyValue(_ rounded: inout Int) throws(LineFault) -> (value: Float, isZero: Bool) {
        let first = p
        let value = try value(&rounded)
        try requireEnd()
        return (value, value == 0 && DecimalNumber.isZero(from: first))
    }

    private func requireEnd() throws(LineFault) {
        guard p[0] != UInt8(ascii: "\n") else { return }
        let expected: Message = format.hasValues ? "the end of the line" : "no value, since the header says pattern"
        throw fault("\"\(token)\" after the entry", expected, "write an entry a line, as the header announces")
    }

    /// An index counted from 1, converted to one counted from 0.
    @inline(__always)
    private mutating func index(_ name: String, count: Int) throws(LineFault) -> UInt32 {
        let tokenStart = p
        var index: UInt64 = 0
        var run = DigitRun(at: p)
        var digits = run.count
        if digits > 0 { index = run.number }
        p += run.count
        while run.count == 8, digits <= 16 {
            run = DigitRun(at: p)
            for _ in 0..<run.count { index = index &* 10 }
            if run.count > 0 { index = index &+ run.number }
            digits += run.count
            p += run.count
        }
        guard digits > 0, digits <= 16, p[0] <= 0x20, index >= 1, index <= UInt64(count) else {
            p = tokenStart
            throw indexFault(name, count: count)
        }
        p = Self.skipBlanks(p)
        return UInt32(truncatingIfNeeded: index &- 1)
    }

    private func indexFault(_ name: String, count: Int) -> LineFault {
        if isBlank { return fault("the end of the line", "a \(name)", "the file may be cut short or damaged here") }
        return fault(
            "\(name) \"\(token)\"", count == 0 ? "no entry, since there are 0" : "a whole number from 1 to \(count)",
            "indices count from 1 up to the size in the header; correct the header or the line")
    }

    private mutating func value(_ rounded: inout Int) throws(LineFault) -> Float {
        guard !isBlank else {
            throw fault("the end of the line", "a value", "give each entry a value, or correct the header")
        }
        guard let number = DecimalNumber(at: p), number.end[0] <= 0x20, number.value.isFinite else {
            throw fault("\"\(token)\"", "a finite number", "replace or remove the entry")
        }
        if format.hasWholeValues, number.value != number.value.rounded(.towardZero) {
            throw fault("\"\(token)\"", "a whole number, as the format or its header says", "correct the line")
        }
        if DecimalNumber.isRounded(number.value, from: p, to: number.end) { rounded += 1 }
        p = Self.skipBlanks(number.end)
        return number.value
    }

    @inline(__always)
    mutating func nextLine() -> UnsafePointer<UInt8> {
        while p[0] != UInt8(ascii: "\n") { p += 1 }
        return p + 1
    }

    private var token: String {
        var end = p
        while end[0] > 0x20, end - p < 40 { end += 1 }
        return String(decoding: UnsafeBufferPointer(start: p, count: end - p), as: UTF8.self)
    }

    private func fault(_ found: String, _ expected: Message, _ advice: Message) -> LineFault {
        LineFault(
            position: BlockPosition(line: number, column: p - start + 1), found: found, expected: expected,
            advice: advice)
    }
}

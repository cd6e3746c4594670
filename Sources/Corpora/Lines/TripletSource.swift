import FileIO
import SparseMatrices

/// A format with a header, which contains the number of entries, followed by a list of entries: MatrixMarket and UCI.
protocol TripletFormat: MatrixFormat {
    static var format: CorpusFormat { get }
    /// The number of lines of the header, without comments.
    static var headLines: Int { get }
    /// The character that begins a comment, if the format has comments.
    static var commentMark: UInt8? { get }

    /// - Parameter contentBytes: an upper bound of the size of the file's content.
    /// - Throws: `FileError.badData`.
    static func head(
        _ bytes: UnsafeRawBufferPointer, contentBytes: Int, name: String
    ) throws(FileError) -> (head: TripletHead, end: Int)
}

extension TripletFormat {
    static var declaresWidth: Bool { true }
    static var hasNoZeros: Bool { true }
    static var isBareMatrix: Bool { true }

    static func source(
        _ input: Input, options: CorpusReadingOptions, handing: Handing, parallelism: Parallelism
    ) throws(FileError) -> any CorpusSource {
        try TripletSource<Self>(input, options: options, handing: handing, parallelism: parallelism)
    }
}

/// The header's information about the entries.
struct TripletHead {
    let lines: TripletLines
    var mirroring = Mirroring.none
}

/// The rows of a list of entries. They are returned piece by piece if the entries are sorted by rows. Otherwise all
/// entries are read into memory first: for other orders, symmetric matrices, and inputs that cannot be read a second
/// time if the order is found to be different.
struct TripletSource<Format: TripletFormat>: CorpusSource {
    private var entries: TripletEntries<Format>
    private var pieces: RowMajorPieces
    /// Whether all entries are collected before the first row is returned.
    let isWhole: Bool
    private(set) var startsOver = false
    private var isAtEnd = false

    /// Opens an input.
    ///
    /// - Throws: `FileError`.
    init(
        _ input: Input, options: CorpusReadingOptions, handing: Handing, parallelism: Parallelism
    ) throws(FileError) {
        func open(_ handing: Handing) throws(FileError) -> TripletEntries<Format> {
            try TripletEntries(try LineInput(input, handing, pieceSize: options.pieceSize))
        }
        guard handing != .whole, input.size != nil else {
            self.init(try open(.whole))
            return
        }
        var stream = try open(handing)
        var isWhole = stream.head.mirroring != .none || stream.head.lines.dense != nil
        if !isWhole, handing == .final {
            // Rows that have been returned cannot be revoked, so the order of all entries is checked first.
            if let isInOrder = try stream.readAhead(parallelism: parallelism) {
                isWhole = !isInOrder
            } else {
                isWhole = try !open(handing).areInOrder(parallelism: parallelism)
            }
        }
        // Values without indices need no second reading, since only nonzero values are stored.
        let isReopened = isWhole && stream.head.lines.dense == nil
        self.init(isReopened ? try open(.whole) : stream, isWhole: isWhole)
    }

    /// - Parameter lines: all lines of the input.
    init(_ lines: LineInput) throws(FileError) { self.init(try TripletEntries(lines)) }

    private init(_ entries: TripletEntries<Format>, isWhole: Bool = true) {
        self.entries = entries
        self.isWhole = isWhole
        pieces = RowMajorPieces(
            rowCount: entries.head.lines.rowCount, columnCount: entries.head.lines.columnCount, name: entries.name,
            format: Format.format)
    }

    var announcedRowCount: Int? { pieces.rowCount }

    var provenance: CorpusProvenance {
        var provenance = CorpusProvenance(format: Format.format.rawValue)
        if Format.commentMark == nil { provenance.blankLines = entries.counts.blankLines }
        provenance.valuesRounded = entries.counts.valuesRounded
        provenance.explicitZerosDropped = entries.counts.tooSmall
        return provenance
    }

    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        if isAtEnd { return nil }
        if isWhole {
            isAtEnd = true
            return try whole(parallelism: parallelism)
        }
        guard let next = try entries.next(parallelism: parallelism) else {
            isAtEnd = true
            return try pieces.finish(parallelism: parallelism)
        }
        let piece = try pieces.add(next, parallelism: parallelism)
        startsOver = piece == nil
        return piece
    }

    private mutating func whole(parallelism: Parallelism) throws(FileError) -> Corpus {
        var all: [CoordinatePiece] = []
        while let next = try entries.next(parallelism: parallelism) { all += next }
        let laidOut = CoordinatePiece.rowMajor(
            all, rowCount: pieces.rowCount, columnCount: pieces.columnCount, mirroring: entries.head.mirroring)
        return try Corpus(
            laidOut, provenance: CorpusProvenance(format: Format.format.rawValue), name: entries.name,
            parallelism: parallelism)
    }
}

/// The entries of a list in the order of the file.
private struct TripletEntries<Format: TripletFormat> {
    let head: TripletHead
    private let lines: LineInput
    private var parsing: TripletParsing
    /// Entries that were read to determine their order, the last piece first.
    private var ahead: [[CoordinatePiece]] = []

    /// Reads the head.
    ///
    /// - Throws: `FileError`.
    init(_ lines: LineInput) throws(FileError) {
        self.lines = lines
        head = try lines.head(isComplete: { Self.isComplete($0) }) { bytes, contentBytes throws(FileError) in
            try Format.head(bytes, contentBytes: contentBytes, name: lines.name)
        }
        parsing = TripletParsing(head.lines, name: lines.name)
    }

    var name: String { lines.name }
    var counts: TripletCounts { parsing.counts }

    /// Whether the header is complete.
    private static func isComplete(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var cursor = HeadLines(bytes: bytes, name: "")
        var missing = Format.headLines
        while missing > 0, let line = cursor.next() {
            let isComment = line.first.map { $0.utf8.first == Format.commentMark } ?? true
            if Format.commentMark == nil || !isComment { missing -= 1 }
        }
        return missing == 0
    }

    /// The next entries; nil at the end.
    ///
    /// - Throws: `FileError`; for invalid content `.badData` about the first invalid line.
    mutating func next(parallelism: Parallelism) throws(FileError) -> [CoordinatePiece]? {
        if let next = ahead.popLast() { return next }
        let next = try lines.next { text throws(FileError) in try parsing.parse(text, parallelism: parallelism) }
        if next == nil { try parsing.requireAll() }
        return next
    }

    /// Whether the entries are sorted by rows; nil if there are more than two pieces, so that the others must be
    /// checked as well. The entries that were read are kept.
    mutating func readAhead(parallelism: Parallelism) throws(FileError) -> Bool? {
        var first: [[CoordinatePiece]] = []
        while first.count < 2, let next = try next(parallelism: parallelism) { first.append(next) }
        ahead = first.reversed()
        var row = 0
        return first.count < 2 ? first.joined().allSatisfy { $0.isInOrder(from: &row) } : nil
    }

    /// Whether the remaining entries are sorted by rows.
    func areInOrder(parallelism: Parallelism) throws(FileError) -> Bool {
        var (rest, row) = (self, 0)
        while let next = try rest.next(parallelism: parallelism) {
            guard next.allSatisfy({ $0.isInOrder(from: &row) }) else { return false }
        }
        return true
    }
}

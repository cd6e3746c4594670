import FileIO
import SparseMatrices

/// The entries of a MatrixMarket or UCI docword file, piece by piece.
struct TripletStream {
    let name: String
    let head: TripletHead
    private let lines: LineStream
    private var parsing: TripletParsing
    /// Lines that were read with the head.
    private var first: [UInt8]?

    /// Reads the head.
    ///
    /// - Throws: `FileError`.
    init(_ path: String, format: CorpusFormat, pieceSize: Int) throws(FileError) {
        let stream = try ByteStream(path: path)
        lines = LineStream(stream, blockSize: pieceSize)
        name = stream.name
        var bytes: [UInt8] = []
        while !TripletHead.isComplete(bytes, format: format), let more = try lines.next() { bytes += more }
        head = try bytes.withUnsafeBytes { [name] bytes in
            Result { () throws(FileError) in try TripletHead(bytes, format: format, name: name) }
        }.get()
        parsing = TripletParsing(head.lines, name: name)
        first = Array(bytes[head.bodyStart...])
    }

    var counts: TripletCounts { parsing.counts }

    /// The next entries, nil at the end.
    ///
    /// - Throws: `FileError`; of content that is wrong `.badData` about the first line.
    mutating func next(parallelism: Parallelism) throws(FileError) -> [CoordinatePiece]? {
        var text = first
        first = nil
        if text == nil { text = try lines.next() }
        guard let text else {
            try parsing.requireAll()
            return nil
        }
        var result: Result<[CoordinatePiece], FileError> = .success([])
        text.withUnsafeBufferPointer { text in
            result = Result { () throws(FileError) in try parsing.parse(text, parallelism: parallelism) }
        }
        return try result.get()
    }
}

extension CoordinatePiece {
    /// Whether the entries' rows do not fall, from `row` on, which becomes that of the last entry.
    func isInOrder(from row: inout Int) -> Bool {
        var last = row
        for entryRow in rows.elements[..<count] {
            if entryRow < last { return false }
            last = Int(entryRow)
        }
        row = last
        return true
    }
}

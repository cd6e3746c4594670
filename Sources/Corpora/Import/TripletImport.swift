import FileIO
import SparseMatrices

/// Reads MatrixMarket and UCI docword files piece by piece into a corpus file, if their entries stand by rows.
enum TripletImport {
    /// - Returns: nil if the file has to be read as a whole: entries in another order, a symmetric matrix, or an input
    ///   that could not be read a second time if it came to that.
    /// - Throws: `FileError`; of content that is wrong `.badData` about the first line.
    static func append(
        _ path: String, format: CorpusFormat, options: CorpusReadingOptions, to spools: RowSpools,
        parallelism: Parallelism
    ) throws(FileError) -> CorpusPart? {
        guard path != "-", FileKind(path: path) == .file else { return nil }
        let stream = try ByteStream(path: path)
        let lines = LineStream(stream, blockSize: options.pieceSize)
        var first: [UInt8] = []
        while !TripletHead.isComplete(first, format: format), let more = try lines.next() { first += more }
        let head = try first.withUnsafeBytes { bytes in
            Result { () throws(FileError) in try TripletHead(bytes, format: format, name: stream.name) }
        }.get()
        if head.mirroring != .none { return nil }
        var parsing = TripletParsing(head.lines, name: stream.name)
        var reading = RowMajorImport(
            rowCount: head.lines.rowCount, columnCount: head.lines.columnCount, name: stream.name,
            provenance: CorpusProvenance(format: format.rawValue))
        var next: [UInt8]? = Array(first[head.bodyStart...])
        while let piece = next {
            let parsed = try piece.withUnsafeBufferPointer { text in
                Result { () throws(FileError) in try parsing.parse(text, parallelism: parallelism) }
            }.get()
            guard try reading.append(parsed, to: spools, parallelism: parallelism) else { return nil }
            next = try lines.next()
        }
        try parsing.requireAll()
        var part = try reading.finish(spools, parallelism: parallelism)
        if format == .uci { part.provenance.blankLines = parsing.blankLines }
        return part
    }
}

/// What stands before the entries.
struct TripletHead {
    let lines: TripletLines
    let bodyStart: Int
    let mirroring: Mirroring

    /// Whether all that stands before the entries is there: MatrixMarket's line of sizes, below a banner and comments,
    /// or UCI's three lines.
    static func isComplete(_ bytes: [UInt8], format: CorpusFormat) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var cursor = HeadLines(bytes: bytes, name: "")
            var missing = format == .uci ? 3 : 1
            while missing > 0, let line = cursor.next() {
                let isComment = line.first.map { $0.utf8.first == UInt8(ascii: "%") } ?? true
                if format == .uci || !isComment { missing -= 1 }
            }
            return missing == 0
        }
    }

    /// - Throws: `FileError.badData`.
    init(_ bytes: UnsafeRawBufferPointer, format: CorpusFormat, name: String) throws(FileError) {
        switch format {
        case .matrixMarket:
            let header = try MatrixMarketHeader(bytes, name: name)
            (lines, bodyStart, mirroring) = (header.lines, header.bodyStart, header.symmetry.mirroring)
        case .uci:
            (lines, bodyStart) = try DocwordReader.head(bytes, name: name)
            mirroring = .none
        default: preconditionFailure("\(format) has no list of entries")
        }
    }
}

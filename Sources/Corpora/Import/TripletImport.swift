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
        var stream = try TripletStream(path, format: format, pieceSize: options.pieceSize)
        if stream.head.mirroring != .none { return nil }
        var reading = RowMajorImport(
            rowCount: stream.head.lines.rowCount, columnCount: stream.head.lines.columnCount, name: stream.name,
            provenance: CorpusProvenance(format: format.rawValue))
        while let entries = try stream.next(parallelism: parallelism) {
            guard let rows = try reading.add(entries, parallelism: parallelism) else { return nil }
            try spools.append(rows)
        }
        try spools.append(try reading.finish(parallelism: parallelism))
        var part = CorpusPart(
            name: stream.name, featureCount: reading.columnCount, vocabulary: nil, provenance: reading.provenance)
        if format == .uci { part.provenance.blankLines = stream.counts.blankLines }
        part.provenance.valuesRounded = stream.counts.valuesRounded
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

    /// - Parameter bytes: the beginning of a file, of which nobody knows how much there is: it may be a pipe, or
    ///   compressed. The rows that it announces are held to the memory that there is alone.
    /// - Throws: `FileError.badData`.
    init(_ bytes: UnsafeRawBufferPointer, format: CorpusFormat, name: String) throws(FileError) {
        switch format {
        case .matrixMarket:
            let header = try MatrixMarketHeader(bytes, contentBytes: .max, name: name)
            (lines, bodyStart, mirroring) = (header.lines, header.bodyStart, header.symmetry.mirroring)
        case .uci:
            (lines, bodyStart) = try DocwordReader.head(bytes, contentBytes: .max, name: name)
            mirroring = .none
        default: preconditionFailure("\(format) has no list of entries")
        }
    }
}

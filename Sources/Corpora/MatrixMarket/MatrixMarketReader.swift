import FileIO
import SparseMatrices

/// Reads MatrixMarket coordinate files: real, integer, unsigned-integer or pattern; general, symmetric or skew-symmetric. Documents are
/// the rows.
///
/// Entries may stand in any order. Entries of the same place are added up; of a symmetric matrix both halves come
/// about, whichever is stored.
public enum MatrixMarketReader {
    /// Reads a file, compressed or not; `-` is standard input.
    ///
    /// - Throws: `FileError`; what is wrong with the content is `.badData` with line and column.
    public static func read(path: String, parallelism: Parallelism = .allCores) throws(FileError) -> Corpus {
        let input = try InputBytes(path: path)
        defer { withExtendedLifetime(input) {} }
        return try read(bytes: input.bytes, name: input.name, parallelism: parallelism)
    }

    /// Reads text in memory; `name` is what error messages call it.
    public static func read(
        bytes: UnsafeRawBufferPointer, name: String, parallelism: Parallelism = .allCores
    ) throws(FileError) -> Corpus {
        let header = try MatrixMarketHeader(bytes, name: name)
        let body = UnsafeRawBufferPointer(rebasing: bytes[header.bodyStart...]).bindMemory(to: UInt8.self)
        let (pieces, counts) = try header.lines.parse(body, name: name, parallelism: parallelism)
        var provenance = CorpusProvenance(format: CorpusFormat.matrixMarket.rawValue)
        provenance.valuesRounded = counts.valuesRounded
        return try Corpus(
            CoordinatePiece.rowMajor(
                pieces, rowCount: header.rowCount, columnCount: header.columnCount,
                mirroring: header.symmetry.mirroring),
            provenance: provenance, name: name, parallelism: parallelism)
    }
}

extension MatrixMarketHeader {
    /// The entries that follow.
    var lines: TripletLines {
        TripletLines(
            rowCount: rowCount, columnCount: columnCount, entryCount: entryCount, hasValues: field != .pattern,
            hasWholeValues: field == .integer || field == .unsignedInteger, rowName: "row", columnName: "column", commentMark: UInt8(ascii: "%"),
            linesBefore: lineCount)
    }
}

extension MatrixMarketHeader.Symmetry {
    var mirroring: Mirroring {
        switch self {
        case .general: .none
        case .symmetric: .symmetric
        case .skewSymmetric: .skew
        }
    }
}

import FileIO
import SparseMatrices
import TensorFiles

/// A matrix written by `numpy.save`, documents × features, whose zeros are not stored: any type of real numbers and
/// byte order, in row-major or column-major order.
enum DenseArray: MatrixFormat {
    static let endings = [".npy"]
    static let declaresWidth = true
    static let isBareMatrix = true

    static func signature(of head: HeadShape) -> String? {
        head.bytes.starts(with: [0x93] + Array("NUMPY".utf8)) ? "it begins as NumPy's arrays do" : nil
    }

    static func source(
        _ input: Input, options: CorpusReadingOptions, handing: Handing, parallelism: Parallelism
    ) throws(FileError) -> any CorpusSource {
        try DenseRows.source(
            try NpyMatrix(input), contentBytes: input.size ?? .max, format: .npy,
            options: options,
            handing: handing, parallelism: parallelism)
    }
}

/// The rows of a dense matrix, without zeros.
struct DenseRows: CorpusSource {
    private let matrix: NpyMatrix
    private let rowsAtOnce: Int
    private var numbers: [Float]
    private var isAtEnd = false
    private(set) var provenance: CorpusProvenance

    /// - Parameter contentBytes: the size of the file's content.
    /// - Throws: `FileError.badData` if the number of rows is implausible for the size of the file.
    static func source(
        _ matrix: NpyMatrix, contentBytes: Int, format: CorpusFormat, options: CorpusReadingOptions, handing: Handing,
        parallelism: Parallelism
    ) throws(FileError) -> any CorpusSource {
        var rows = try DenseRows(
            matrix, contentBytes: contentBytes, format: format, pieceSize: options.pieceSize,
            pieceRows: handing == .final ? options.pieceRows : .max)
        return handing == .whole ? WholeCorpus(try rows.all(parallelism: parallelism)) : rows
    }

    private init(
        _ matrix: NpyMatrix, contentBytes: Int, format: CorpusFormat, pieceSize: Int, pieceRows: Int
    ) throws(FileError) {
        try checkMemory(rowCount: matrix.rowCount, contentBytes: contentBytes, path: matrix.name)
        let rowBytes = max(1, matrix.columnCount) * MemoryLayout<Float>.stride
        try AnnouncedSize.check(
            2 * rowBytes, contentBytes: contentBytes, what: "a row of \(matrix.columnCount) numbers", path: matrix.name)
        self.matrix = matrix
        rowsAtOnce = min(pieceRows, max(1, pieceSize / rowBytes))
        numbers = [Float](repeating: 0, count: min(rowsAtOnce, matrix.rowCount) * matrix.columnCount)
        provenance = CorpusProvenance(format: format.rawValue)
    }

    var isWhole: Bool { false }
    var announcedRowCount: Int? { matrix.rowCount }

    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        if isAtEnd { return nil }
        let width = matrix.columnCount
        var done = (rows: 0, rounded: 0, tooSmall: 0)
        // A buffer is needed even if there are no columns.
        if numbers.isEmpty { numbers = [0] }
        done = try numbers.withUnsafeMutableBufferPointer { [matrix, rowsAtOnce] numbers in
            Result { () throws(FileError) in
                try matrix.next(rowsAtOnce, to: numbers.baseAddress.unsafelyUnwrapped)
            }
        }.get()
        if done.rows == 0 {
            isAtEnd = true
            if matrix.rowCount > 0 { return nil }
        }
        let offsets = AlignedBuffer<Int>(uninitialized: done.rows + 1)
        var (columns, values) = ([UInt32](), [Float]())
        offsets.elements[0] = 0
        for row in 0..<done.rows {
            for column in 0..<width where numbers[row * width + column] != 0 {
                columns.append(UInt32(truncatingIfNeeded: column))
                values.append(numbers[row * width + column])
            }
            offsets.elements[row + 1] = columns.count
        }
        let matrix = CSRMatrix(
            validRowCount: done.rows, columnCount: width, rowOffsets: offsets, columnIndices: AlignedBuffer(columns),
            values: AlignedBuffer(values))
        var piece = CorpusProvenance(format: provenance.format)
        piece.valuesRounded = done.rounded
        piece.explicitZerosDropped = done.tooSmall
        piece.rowsWithoutFeatures = matrix.emptyRowCount
        return Corpus(matrix: matrix, provenance: piece)
    }
}

import FileIO
import SparseMatrices
import TensorFiles

/// Sparse matrices written by `scipy.sparse.save_npz`: csr, csc, coo, bsr and dia, compressed or not; or a single dense
/// matrix written by `numpy.savez`. Documents are the rows.
///
/// Values are converted to Floats; those that are not exactly representable are counted. Columns of a row may be in any
/// order, and entries with equal coordinates are added. Zeros that fill blocks, diagonals and dense matrices are not
/// stored.
enum SciPy: MatrixFormat {
    static let endings = [".npz"]
    static let declaresWidth = true
    static let isBareMatrix = true

    static func signature(of head: HeadShape) -> String? {
        HeadShape.isZip(head.bytes) ? "it is a zip archive" : nil
    }

    static func source(
        _ input: Input, options: CorpusReadingOptions, handing: Handing, parallelism: Parallelism
    ) throws(FileError) -> any CorpusSource {
        let file = try NpzFile(input: try input.bytes())
        guard let array = try denseArray(of: file) else {
            return WholeCorpus(try corpus(of: file, parallelism: parallelism))
        }
        return try DenseRows.source(
            try NpyMatrix(array, of: file), contentBytes: file.contentBytes, format: .npz, options: options,
            handing: handing, parallelism: parallelism)
    }

    /// The array of a file with a single array; nil if there are several.
    private static func denseArray(of file: NpzFile) throws(FileError) -> NpzArray? {
        file.arrayNames.count == 1 && file.arrayNames[0] != "format" ? try file.array(named: file.arrayNames[0]) : nil
    }

    /// The rows of a sparse matrix as a whole, since its arrays are stored one after another.
    ///
    /// - Throws: `FileError.badData` if the arrays are not those of a sparse matrix, have the wrong type or shape, or
    ///   contain an index out of range or a number that is not finite. Pickled objects are rejected.
    private static func corpus(of file: NpzFile, parallelism: Parallelism) throws(FileError) -> Corpus {
        let matrix = SciPyMatrix(file: file)
        var provenance = CorpusProvenance(format: CorpusFormat.npz.rawValue)
        let format = try matrix.format()
        let (rowCount, columnCount) = try matrix.shape()
        let values = try matrix.values(&provenance)
        let entries: RowMajorEntries
        switch format {
        case .csr:
            let (offsets, indices) = try matrix.compressed(majorCount: rowCount, minorCount: columnCount, values.count)
            entries = RowMajorEntries(
                rowCount: rowCount, columnCount: columnCount, rowOffsets: offsets, columnIndices: indices,
                values: values)
        case .csc:
            let (offsets, rows) = try matrix.compressed(majorCount: columnCount, minorCount: rowCount, values.count)
            let columns = AlignedBuffer<UInt32>(uninitialized: values.count)
            for column in 0..<columnCount {
                for entry in offsets.elements[column]..<offsets.elements[column + 1] {
                    columns.baseAddress[entry] = UInt32(column)
                }
            }
            let piece = CoordinatePiece(rows: rows, columns: columns, values: values, count: values.count)
            entries = CoordinatePiece.rowMajor([piece], rowCount: rowCount, columnCount: columnCount)
        case .coo:
            let piece = CoordinatePiece(
                rows: try matrix.indices("row", below: rowCount, count: values.count),
                columns: try matrix.indices("col", below: columnCount, count: values.count), values: values,
                count: values.count)
            entries = CoordinatePiece.rowMajor([piece], rowCount: rowCount, columnCount: columnCount)
        case .bsr:
            entries = CoordinatePiece.rowMajor(
                [try matrix.blocks(rowCount: rowCount, columnCount: columnCount, values)], rowCount: rowCount,
                columnCount: columnCount)
        case .dia:
            entries = CoordinatePiece.rowMajor(
                [try matrix.diagonals(rowCount: rowCount, columnCount: columnCount, values)], rowCount: rowCount,
                columnCount: columnCount)
        }
        return try Corpus(entries, provenance: provenance, name: file.name, parallelism: parallelism)
    }
}

/// The arrays of a sparse matrix, each checked as it is read.
private struct SciPyMatrix {
    enum Format: String { case csr, csc, coo, bsr, dia }

    let file: NpzFile

    private func array(_ name: String) throws(FileError) -> NpzArray {
        guard let array = try file.array(named: name) else {
            let names = file.arrayNames.map { "'\($0)'" }.joined(separator: ", ")
            throw bad(
                names.isEmpty ? "no arrays" : "the arrays \(names)",
                "an array '\(name)' of a sparse matrix\(name == "format" ? ", or a dense one alone" : "")",
                "write the matrix with scipy.sparse.save_npz")
        }
        return array
    }

    private func bad(_ found: String, _ expected: Message, _ advice: Message) -> FileError {
        .badData(BadData(path: file.name, found: found, expected: expected, advice: advice))
    }

    func format() throws(FileError) -> Format {
        let array = try array("format")
        guard let format = array.text.flatMap(Format.init(rawValue:)) else {
            throw array.bad(
                array.text.map { "with '\($0)'" } ?? "of type \(array.type) and shape \(array.shape)",
                "'csr', 'csc', 'coo', 'bsr' or 'dia'", "save the matrix's tocsr()")
        }
        return format
    }

    func shape() throws(FileError) -> (rows: Int, columns: Int) {
        let array = try array("shape")
        let extents = try array.integers()
        guard extents.count == 2, extents.allSatisfy({ $0 >= 0 && $0 <= Int(UInt32.max) }) else {
            throw array.bad(
                "with \(extents)", "two numbers from 0 to \(UInt32.max), rows and columns", "save a matrix")
        }
        try checkMemory(rowCount: extents[0], contentBytes: file.contentBytes, path: file.name)
        if try format() == .csc {
            try checkMemory(rowCount: extents[1], contentBytes: file.contentBytes, path: file.name)
        }
        return (extents[0], extents[1])
    }

    func values(_ provenance: inout CorpusProvenance) throws(FileError) -> AlignedBuffer<Float> {
        let array = try array("data", dimensions: [.bsr: 3, .dia: 2][try format()] ?? 1)
        let values = AlignedBuffer<Float>(uninitialized: array.count)
        provenance.valuesRounded = try array.copyFloats(to: values.baseAddress)
        return values
    }

    func indices(_ name: String, below limit: Int, count: Int) throws(FileError) -> AlignedBuffer<UInt32> {
        let array = try list(name)
        guard array.count == count else {
            throw array.bad("with \(array.count) elements", "\(count), one for each of 'data'", "write the file again")
        }
        let indices = AlignedBuffer<UInt32>(uninitialized: count)
        try array.copyIndices(to: indices.baseAddress, below: limit)
        return indices
    }

    /// Reads `indptr` and `indices`.
    func compressed(
        majorCount: Int, minorCount: Int, _ entryCount: Int
    ) throws(FileError) -> (offsets: AlignedBuffer<Int>, indices: AlignedBuffer<UInt32>) {
        let indices = try indices("indices", below: minorCount, count: entryCount)
        let array = try list("indptr")
        let offsets = try array.integers()
        guard offsets.count == majorCount + 1 else {
            throw array.bad("with \(offsets.count) elements", "\(majorCount + 1)", "check the shape of the matrix")
        }
        var previous = 0
        for (place, offset) in offsets.enumerated() {
            guard place == 0 ? offset == 0 : offset >= previous, offset <= entryCount,
                place < majorCount || offset == entryCount
            else {
                throw array.bad(
                    "with \(offset) at position \(place)", "numbers that rise from 0 to \(entryCount)",
                    "write the file again")
            }
            previous = offset
        }
        return (AlignedBuffer(offsets), indices)
    }

    private func list(_ name: String) throws(FileError) -> NpzArray { try array(name, dimensions: 1) }

    private func array(_ name: String, dimensions: Int) throws(FileError) -> NpzArray {
        let array = try array(name)
        guard array.shape.count == dimensions else {
            throw array.bad(
                "of shape \(array.shape)", dimensions == 1 ? "one dimension" : "\(dimensions) dimensions",
                "write the matrix with scipy.sparse.save_npz")
        }
        return array
    }

    /// The entries of bsr: `data` has blocks of R × C, and `indices` and `indptr` have their positions, as in csr.
    func blocks(
        rowCount: Int, columnCount: Int, _ values: AlignedBuffer<Float>
    ) throws(FileError) -> CoordinatePiece {
        let data = try array("data", dimensions: 3)
        let (count, height, width) = (data.shape[0], data.shape[1], data.shape[2])
        guard height > 0, width > 0, rowCount % height == 0, columnCount % width == 0 else {
            throw data.bad(
                "with blocks of \(height) × \(width)", "blocks that divide \(rowCount) × \(columnCount)",
                "save the matrix's tocsr()")
        }
        let (offsets, indices) = try compressed(
            majorCount: rowCount / height, minorCount: columnCount / width, count)
        let entries = FilledEntries(capacity: values.elements.count { $0 != 0 })
        for blockRow in 0..<rowCount / height {
            for block in offsets.elements[blockRow]..<offsets.elements[blockRow + 1] {
                for inner in 0..<height * width {
                    let (row, column) = (inner / width, inner % width)
                    let place =
                        data.isRowMajor ? block * height * width + inner : block + count * (row + height * column)
                    entries.append(
                        row: blockRow * height + row, column: Int(indices.elements[block]) * width + column,
                        values.elements[place])
                }
            }
        }
        return entries.piece
    }

    /// The entries of dia: element j of the diagonal with offset k is in row j − k, column j.
    func diagonals(
        rowCount: Int, columnCount: Int, _ values: AlignedBuffer<Float>
    ) throws(FileError) -> CoordinatePiece {
        let data = try array("data", dimensions: 2)
        let (count, length) = (data.shape[0], data.shape[1])
        let list = try list("offsets")
        let offsets = try list.integers()
        guard offsets.count == count, Set(offsets).count == count else {
            throw list.bad(
                "with \(offsets.count) elements, \(Set(offsets).count) of them distinct",
                "\(count), a distinct one for each row of 'data'", "write the file again")
        }
        let entries = FilledEntries(capacity: values.elements.count { $0 != 0 })
        for (diagonal, offset) in offsets.enumerated() where offset > -rowCount && offset < columnCount {
            let end = min(length, columnCount, rowCount + offset)
            for column in max(0, offset)..<max(end, max(0, offset)) {
                entries.append(
                    row: column - offset, column: column,
                    values.elements[data.isRowMajor ? diagonal * length + column : diagonal + count * column])
            }
        }
        return entries.piece
    }
}

/// Collects entries one by one, without zeros.
private final class FilledEntries {
    private let rows: AlignedBuffer<UInt32>
    private let columns: AlignedBuffer<UInt32>
    private let values: AlignedBuffer<Float>
    private var count = 0

    /// - Parameter capacity: the maximum number of entries.
    init(capacity: Int) {
        rows = AlignedBuffer(uninitialized: capacity)
        columns = AlignedBuffer(uninitialized: capacity)
        values = AlignedBuffer(uninitialized: capacity)
    }

    func append(row: Int, column: Int, _ value: Float) {
        guard value != 0 else { return }
        rows.baseAddress[count] = UInt32(truncatingIfNeeded: row)
        columns.baseAddress[count] = UInt32(truncatingIfNeeded: column)
        values.baseAddress[count] = value
        count += 1
    }

    var piece: CoordinatePiece { CoordinatePiece(rows: rows, columns: columns, values: values, count: count) }
}

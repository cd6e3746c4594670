import FileIO
import SparseMatrices
import TensorFiles

/// Writes a sparse matrix in the format of `scipy.sparse.load_npz`: csr, values as float32. The format cannot store
/// labels, ids and words.
package enum SciPyWriter {
    /// - Throws: `FileError.badData` if the number of columns exceeds SciPy's 32-bit indices; errors of the output
    ///   file.
    package static func write(_ matrix: CSRMatrix, to path: String) throws(FileError) {
        guard matrix.columnCount <= Int32.max else {
            throw .badData(
                BadData(
                    path: path, found: "\(matrix.columnCount) columns to write", expected: "at most \(Int32.max)",
                    advice: "write a corpus file (.safetensors) or MatrixMarket (.mtx) instead"))
        }
        try matrix.withUnsafeView { view throws(FileError) in
            let arrays = SciPyArrays(
                file: try NpzWriter(path: path), rowCount: view.rowCount, columnCount: view.columnCount,
                entryCount: view.values.count)
            try arrays.write { write throws(FileError) in
                try write(view.rowOffsets)
            } columnIndices: { write throws(FileError) in
                // Indices below 2³¹ have the same bit pattern whether signed or not.
                try write(UnsafeRawBufferPointer(view.columnIndices).bindMemory(to: Int32.self))
            } values: { write throws(FileError) in
                try write(view.values)
            }
        }
    }
}

/// The arrays of a csr matrix, in the order in which SciPy writes them.
struct SciPyArrays {
    let file: NpzWriter
    let rowCount: Int
    let columnCount: Int
    let entryCount: Int

    /// Writes all arrays and completes the file.
    ///
    /// - Parameters:
    ///   - rowOffsets: passes the row offsets, one more than rows, in pieces.
    ///   - columnIndices: passes the column indices, in pieces.
    ///   - values: passes the values, in pieces.
    /// - Precondition: there are fewer than 2³¹ columns.
    func write(
        rowOffsets: ((UnsafeBufferPointer<Int>) throws(FileError) -> Void) throws(FileError) -> Void,
        columnIndices: ((UnsafeBufferPointer<Int32>) throws(FileError) -> Void) throws(FileError) -> Void,
        values: ((UnsafeBufferPointer<Float>) throws(FileError) -> Void) throws(FileError) -> Void
    ) throws(FileError) {
        precondition(columnCount <= Int32.max, "\(columnCount) columns do not fit in 32 bits")
        try file.beginArray(named: "indices", type: .int32, shape: [entryCount])
        try columnIndices { (piece) throws(FileError) in try file.write(piece) }
        // SciPy uses 32-bit offsets if they suffice.
        let isNarrow = entryCount <= Int32.max
        try file.beginArray(named: "indptr", type: isNarrow ? .int32 : .int64, shape: [rowCount + 1])
        try rowOffsets { (piece) throws(FileError) in
            guard isNarrow else { return try file.write(piece) }
            try piece.map(Int32.init).withUnsafeBufferPointer { (narrow) throws(FileError) in try file.write(narrow) }
        }
        try file.add(text: "csr", named: "format")
        try file.add([rowCount, columnCount], named: "shape", shape: [2])
        try file.beginArray(named: "data", type: .float32, shape: [entryCount])
        try values { (piece) throws(FileError) in try file.write(piece) }
        try file.commit()
    }
}

import FileIO
import TensorFiles

/// `.npy`: rows × latent units.
final class NpyEmbeddingWriter: EmbeddingWriter {
    private let file: NpyWriter
    private var rowCounter: RowCounter

    init(path: String, table: EmbeddingTable) throws(FileError) {
        rowCounter = RowCounter(table)
        file = try NpyWriter(path: path, type: .float32, shape: [table.rowCount, table.columnCount])
    }

    func append(rows: UnsafeBufferPointer<Float>, count: Int) throws(FileError) {
        _ = rowCounter.add(rows, count: count)
        try file.write(rows)
    }

    func finish() throws(FileError) {
        rowCounter.checkComplete()
        try file.commit()
    }
}

/// `.safetensors`: `embeddings`, rows × latent units, and `ids`, the bytes of the ids with a line feed between each
/// two.
final class SafetensorsEmbeddingWriter: EmbeddingWriter {
    private let file: SafetensorsWriter
    private let joinedIDs: [UInt8]?
    private var rowCounter: RowCounter

    init(path: String, table: EmbeddingTable) throws(FileError) {
        rowCounter = RowCounter(table)
        joinedIDs = table.metadata.ids.map { ids in
            var bytes: [UInt8] = []
            for (row, id) in ids.enumerated() {
                if row > 0 { bytes.append(UInt8(ascii: "\n")) }
                bytes.append(contentsOf: singleLine(id).utf8)
            }
            return bytes
        }
        var tensors = [
            TensorDescription(name: "embeddings", type: .float32, shape: [table.rowCount, table.columnCount])
        ]
        if let joinedIDs { tensors.append(TensorDescription(name: "ids", type: .uint8, shape: [joinedIDs.count])) }
        file = try SafetensorsWriter(path: path, tensors: tensors)
    }

    func append(rows: UnsafeBufferPointer<Float>, count: Int) throws(FileError) {
        _ = rowCounter.add(rows, count: count)
        try file.write(rows, to: "embeddings")
    }

    func finish() throws(FileError) {
        rowCounter.checkComplete()
        if let joinedIDs { try file.write(joinedIDs, to: "ids") }
        try file.commit()
    }
}

/// `.npz`: the arrays of a SciPy CSR matrix. How many entries there are is known only at the end and stands before
/// them in the file, so they wait on disk until then.
final class NpzEmbeddingWriter: EmbeddingWriter {
    private let file: NpzWriter
    private let table: EmbeddingTable
    private let values: SpoolFile<Float>
    private let columnIndices: SpoolFile<Int32>
    private var rowOffsets = [0]
    private var rowCounter: RowCounter

    init(path: String, table: EmbeddingTable) throws(FileError) {
        precondition(table.columnCount <= Int32.max, "\(table.columnCount) columns do not fit in 32 bits")
        self.table = table
        rowCounter = RowCounter(table)
        file = try NpzWriter(path: path)
        values = try SpoolFile(besides: path)
        columnIndices = try SpoolFile(besides: path)
        rowOffsets.reserveCapacity(table.rowCount + 1)
    }

    func append(rows: UnsafeBufferPointer<Float>, count: Int) throws(FileError) {
        _ = rowCounter.add(rows, count: count)
        for row in 0..<count {
            for column in 0..<table.columnCount {
                let value = rows[row * table.columnCount + column]
                guard value != 0 else { continue }
                try columnIndices.append(Int32(column))
                try values.append(value)
            }
            rowOffsets.append(values.count)
        }
    }

    func finish() throws(FileError) {
        rowCounter.checkComplete()
        let arrays = SciPyArrays(
            file: file, rowCount: table.rowCount, columnCount: table.columnCount, entryCount: values.count)
        try arrays.write(rowOffsets: rowOffsets) { write throws(FileError) in
            try columnIndices.forEachPiece { piece, _ throws(FileError) in try write(UnsafeBufferPointer(piece)) }
        } values: { write throws(FileError) in
            try values.forEachPiece { piece, _ throws(FileError) in try write(UnsafeBufferPointer(piece)) }
        }
    }
}

import FileIO
import TensorFiles

/// `.npy`: rows × latent units.
final class NpyEmbeddingWriter: EmbeddingWriter {
    private let file: NpyWriter
    private var rowCounter: RowCounter

    init(path: String, columnCount: Int) throws(FileError) {
        rowCounter = RowCounter(columnCount: columnCount)
        file = try NpyWriter(path: path, type: .float32, rowShape: [columnCount])
    }

    func append(rows: UnsafeBufferPointer<Float>, count: Int, metadata: RowMetadata) throws(FileError) {
        _ = rowCounter.add(rows, count: count, metadata)
        try file.write(rows)
    }

    func finish() throws(FileError) { try file.commit(rowCount: rowCounter.count) }
}

/// `.safetensors`: `embeddings`, rows × latent units, and `ids`, the bytes of the ids separated by line feeds. Since
/// sizes precede both in the file, they are stored in temporary files until the end.
final class SafetensorsEmbeddingWriter: EmbeddingWriter {
    private let path: String
    private let embeddings: SpoolFile<Float>
    private let joinedIDs: SpoolFile<UInt8>
    private var hasIDs = false
    private var rowCounter: RowCounter

    init(path: String, columnCount: Int) throws(FileError) {
        self.path = path
        rowCounter = RowCounter(columnCount: columnCount)
        embeddings = try SpoolFile(besides: path)
        joinedIDs = try SpoolFile(besides: path)
    }

    func append(rows: UnsafeBufferPointer<Float>, count: Int, metadata: RowMetadata) throws(FileError) {
        let first = rowCounter.add(rows, count: count, metadata)
        try embeddings.append(contentsOf: rows)
        hasIDs = hasIDs || metadata.ids != nil
        var lines: [UInt8] = []
        for row in 0..<count {
            if first + row > 0 { lines.append(UInt8(ascii: "\n")) }
            if let ids = metadata.ids { lines.append(contentsOf: singleLine(ids[row]).utf8) }
        }
        try joinedIDs.append(contentsOf: lines)
    }

    func finish() throws(FileError) {
        var tensors = [
            TensorDescription(
                name: "embeddings", type: .float32, shape: [rowCounter.count, rowCounter.columnCount])
        ]
        if hasIDs { tensors.append(TensorDescription(name: "ids", type: .uint8, shape: [joinedIDs.count])) }
        let file = try SafetensorsWriter(path: path, tensors: tensors)
        try embeddings.forEachPiece { piece, _ throws(FileError) in
            try file.write(UnsafeBufferPointer(piece), to: "embeddings")
        }
        if hasIDs {
            try joinedIDs.forEachPiece { piece, _ throws(FileError) in
                try file.write(UnsafeBufferPointer(piece), to: "ids")
            }
        }
        try file.commit()
    }
}

/// `.npz`: the arrays of a SciPy CSR matrix. Since the number of entries is known only at the end and precedes them in
/// the file, they are stored in temporary files until then.
final class NpzEmbeddingWriter: EmbeddingWriter {
    private let file: NpzWriter
    private let values: SpoolFile<Float>
    private let columnIndices: SpoolFile<Int32>
    private let rowOffsets: SpoolFile<Int>
    private var rowCounter: RowCounter

    init(path: String, columnCount: Int) throws(FileError) {
        precondition(columnCount <= Int32.max, "\(columnCount) columns do not fit in 32 bits")
        rowCounter = RowCounter(columnCount: columnCount)
        file = try NpzWriter(path: path)
        values = try SpoolFile(besides: path)
        columnIndices = try SpoolFile(besides: path)
        rowOffsets = try SpoolFile(besides: path)
        try rowOffsets.append(0)
    }

    func append(rows: UnsafeBufferPointer<Float>, count: Int, metadata: RowMetadata) throws(FileError) {
        _ = rowCounter.add(rows, count: count, metadata)
        for row in 0..<count {
            for column in 0..<rowCounter.columnCount {
                let value = rows[row * rowCounter.columnCount + column]
                guard value != 0 else { continue }
                try columnIndices.append(Int32(column))
                try values.append(value)
            }
            try rowOffsets.append(values.count)
        }
    }

    func finish() throws(FileError) {
        let arrays = SciPyArrays(
            file: file, rowCount: rowCounter.count, columnCount: rowCounter.columnCount, entryCount: values.count)
        try arrays.write { write throws(FileError) in
            try rowOffsets.forEachPiece { piece, _ throws(FileError) in try write(UnsafeBufferPointer(piece)) }
        } columnIndices: { write throws(FileError) in
            try columnIndices.forEachPiece { piece, _ throws(FileError) in try write(UnsafeBufferPointer(piece)) }
        } values: { write throws(FileError) in
            try values.forEachPiece { piece, _ throws(FileError) in try write(UnsafeBufferPointer(piece)) }
        }
    }
}

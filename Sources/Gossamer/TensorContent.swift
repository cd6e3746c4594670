import FileIO
import SparseMatrices
import TensorFiles

/// What a tensor of the model file holds.
enum TensorContent {
    case matrix(DenseMatrix)
    case vector([Float])
    case bytes([UInt8])
    case counts([UInt32])
    /// rows × columns, row-major.
    case table([UInt32], columns: Int)

    func description(named name: String) -> TensorDescription {
        switch self {
        case .matrix(let m): TensorDescription(name: name, type: .float32, shape: [m.rowCount, m.columnCount])
        case .vector(let v): TensorDescription(name: name, type: .float32, shape: [v.count])
        case .bytes(let b): TensorDescription(name: name, type: .uint8, shape: [b.count])
        case .counts(let c): TensorDescription(name: name, type: .uint32, shape: [c.count])
        case .table(let t, let columns):
            TensorDescription(name: name, type: .uint32, shape: [t.count / columns, columns])
        }
    }

    func write(to writer: SafetensorsWriter, as name: String) throws(FileError) {
        switch self {
        case .matrix(let matrix):
            try matrix.withUnsafeElements { elements throws(FileError) in
                try writer.write(UnsafeBufferPointer(start: elements, count: matrix.elementCount), to: name)
            }
        case .vector(let vector): try writer.write(vector, to: name)
        case .bytes(let bytes): try writer.write(bytes, to: name)
        case .counts(let numbers), .table(let numbers, _): try writer.write(numbers, to: name)
        }
    }
}

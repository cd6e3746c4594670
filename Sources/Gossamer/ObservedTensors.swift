import FileIO
import SparseMatrices
import TensorFiles

extension ObservedDocuments {
    private static let sizesName = "observed.sizes"
    private static let documentsName = "observed.documents_per_feature"
    private static let smallestName = "observed.smallest_entry"
    private static let codesName = "observed.codes"

    /// The tensors of the model file.
    var contents: [String: TensorContent] {
        var contents: [String: TensorContent] = [
            Self.sizesName: .table(
                zip(sizes.values, sizes.documents).flatMap { [$0.entries, $0.tokens, $1] }, columns: 3),
            Self.documentsName: .counts(documentsPerFeature), Self.smallestName: .vector([smallestEntry]),
        ]
        if let codes { contents[Self.codesName] = .matrix(codes) }
        return contents
    }

    /// - Returns: nil if the file holds none, as files did not once.
    init?(_ reader: ModelReader, features: Int, codeWidth: Int) throws(FileError) {
        guard reader.file.tensor(named: Self.sizesName) != nil else { return nil }
        let numbers = try reader.file.array(named: Self.sizesName, of: UInt32.self)
        let starts = stride(from: 0, to: numbers.count - numbers.count % 3, by: 3)
        let sizes = starts.map { DocumentSize(entries: numbers[$0], tokens: numbers[$0 + 1]) }
        let documents = starts.map { numbers[$0 + 2] }
        guard reader.file.tensor(named: Self.sizesName)?.shape == [sizes.count, 3],
            Histogram.isValid(values: sizes, documents: documents),
            sizes.allSatisfy({ Int($0.entries) <= features })
        else {
            throw reader.bad(
                found: "an odd tensor \(Self.sizesName)", expected: "rising sizes, each with its documents")
        }
        let holdsCodes = reader.file.tensor(named: Self.codesName) != nil
        self.init(
            sizes: Histogram(values: sizes, documents: documents),
            documentsPerFeature: try reader.file.array(named: Self.documentsName, of: UInt32.self, shape: [features]),
            smallestEntry: try reader.vector(Self.smallestName, count: 1)[0],
            codes: holdsCodes ? try reader.codes(Self.codesName, width: codeWidth) : nil)
    }
}

extension ModelReader {
    fileprivate func codes(_ name: String, width: Int) throws(FileError) -> DenseMatrix {
        let rows = file.tensor(named: name)?.shape.first ?? 0
        guard rows > 0 else { throw bad(found: "tensor \(name) of no rows", expected: "at least one code") }
        return try matrix(name, rows: rows, columns: width)
    }
}

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

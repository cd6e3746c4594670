import Autoencoders
import FileIO
import SparseMatrices
import TensorFiles

/// The size of a document.
package struct DocumentSize: Sendable, Hashable, Comparable {
    /// The number of stored entries.
    package let entries: UInt32
    /// The sum of the entries, rounded to a non-negative integer.
    package let tokens: UInt32

    package init(entries: UInt32, tokens: UInt32) {
        self.entries = entries
        self.tokens = tokens
    }

    package static func < (a: DocumentSize, b: DocumentSize) -> Bool { (a.entries, a.tokens) < (b.entries, b.tokens) }
}

/// Statistics of the training documents that are stored with a model, for generating similar documents and comparing
/// with them.
package struct ObservedDocuments: Sendable, Equatable {
    package let sizes: Histogram<DocumentSize>
    /// The number of documents that each feature occurs in.
    package let documentsPerFeature: [UInt32]
    /// The smallest stored entry before weighting; 0 if there are none.
    package let smallestEntry: Float
    /// The codes of at most `mostCodes` documents, rows in the corpus' order; for a variational model each posterior's
    /// mean followed by its log-variance, so twice as wide.
    package let codes: DenseMatrix?

    /// Enough for the smoothed bootstrap; with a thousand units these codes take 4 MB of a model file.
    package static let mostCodes = 1024

    /// - Precondition: at least one code, if any.
    package init(
        sizes: Histogram<DocumentSize>, documentsPerFeature: [UInt32], smallestEntry: Float, codes: DenseMatrix?
    ) {
        precondition(codes?.rowCount ?? 1 > 0, "no codes are to be nil")
        self.sizes = sizes
        self.documentsPerFeature = documentsPerFeature
        self.smallestEntry = smallestEntry
        self.codes = codes
    }

    /// - Parameter matrix: the documents before weighting, at least one.
    /// - Complexity: O(entries + features).
    package init(_ matrix: CSRMatrix) {
        var documents = [UInt32](repeating: 0, count: matrix.columnCount)
        let smallest = matrix.withUnsafeView { view in
            for column in view.columnIndices { documents[Int(column)] += 1 }
            return view.values.min() ?? 0
        }
        // Lazily, since there may be many documents and few sizes.
        let sizes = zip(matrix.tokenCounts, 0..<matrix.rowCount).lazy.map { tokens, row in
            DocumentSize(entries: UInt32(matrix.entryCount(ofRow: row)), tokens: tokens)
        }
        self.init(
            sizes: Histogram(counting: sizes), documentsPerFeature: documents, smallestEntry: smallest, codes: nil)
    }

    /// The features that occur in the training documents.
    package var usedFeatures: Set<UInt32> {
        Set(documentsPerFeature.indices.lazy.filter { documentsPerFeature[$0] > 0 }.map { UInt32($0) })
    }

    /// The number of stored entries of a document on average.
    var meanEntries: Double {
        let entries = zip(sizes.values, sizes.documents).reduce(0.0) { $0 + Double($1.0.entries) * Double($1.1) }
        return entries / Double(sizes.documentCount)
    }

    var holdsNegatives: Bool { smallestEntry < 0 }
}

extension FeatureModel {
    /// The same model with the codes of at most `ObservedDocuments.mostCodes` of its training documents, picked by the
    /// seed, in row order. Codes that are not finite are left out.
    func rememberingCodes(of inputs: WeightedRows, execution: Execution) -> FeatureModel {
        guard let observed else { return self }
        var generator = RandomGenerator(seed: record.training.seed, stream: 0x636f_6465)
        let count = min(inputs.rowCount, ObservedDocuments.mostCodes)
        // The first rows of a shuffled list, of which only what was moved is stored: there may be many rows.
        var moved: [Int: Int] = [:]
        let picked = (0..<count).map { i in
            let j = Int.random(in: i..<inputs.rowCount, using: &generator)
            let row = moved[j] ?? j
            moved[j] = moved[i] ?? i
            return row
        }
        let sample = inputs.rows(picked.sorted())
        let width = codeWidth(withVariance: network.hasPosterior)
        var codes: [Float] = []
        encodeBlocks(of: sample, withVariance: network.hasPosterior, execution: execution) { block, rows in
            for i in 0..<rows.count {
                let code = UnsafeBufferPointer(start: block + i * width, count: width)
                if code.allSatisfy(\.isFinite) { codes += code }
            }
        }
        let rowCount = codes.count / width
        var model = self
        model.observed = ObservedDocuments(
            sizes: observed.sizes, documentsPerFeature: observed.documentsPerFeature,
            smallestEntry: observed.smallestEntry,
            codes: rowCount == 0 ? nil : DenseMatrix(rowCount: rowCount, columnCount: width, elements: codes))
        return model
    }
}

extension ObservedDocuments {
    private static let sizesName = "observed.sizes"
    private static let documentsName = "observed.documents_per_feature"
    private static let smallestName = "observed.smallest_entry"
    private static let codesName = "observed.codes"

    /// The tensors as they are stored in the model file.
    var contents: [String: TensorContent] {
        var contents: [String: TensorContent] = [
            Self.sizesName: .table(
                zip(sizes.values, sizes.documents).flatMap { [$0.entries, $0.tokens, $1] }, columns: 3),
            Self.documentsName: .counts(documentsPerFeature), Self.smallestName: .vector([smallestEntry]),
        ]
        if let codes { contents[Self.codesName] = .matrix(codes) }
        return contents
    }

    /// - Returns: nil if the file holds none, as is the case for older files.
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

/// The content of a tensor in the model file.
enum TensorContent {
    case matrix(DenseMatrix)
    case vector([Float])
    case doubles([Double])
    case bytes([UInt8])
    case counts([UInt32])
    /// rows × columns, row-major.
    case table([UInt32], columns: Int)

    func description(named name: String) -> TensorDescription {
        switch self {
        case .matrix(let m): TensorDescription(name: name, type: .float32, shape: [m.rowCount, m.columnCount])
        case .vector(let v): TensorDescription(name: name, type: .float32, shape: [v.count])
        case .doubles(let d): TensorDescription(name: name, type: .float64, shape: [d.count])
        case .bytes(let b): TensorDescription(name: name, type: .uint8, shape: [b.count])
        case .counts(let c): TensorDescription(name: name, type: .uint32, shape: [c.count])
        case .table(let t, let columns):
            TensorDescription(name: name, type: .uint32, shape: [t.count / columns, columns])
        }
    }

    func write(to writer: SafetensorsWriter, as name: String) throws(FileError) {
        try withBytes { bytes in Result { () throws(FileError) in try writer.write(raw: bytes, to: name) } }.get()
    }

    /// Calls `body` with the elements' bytes, valid within the call only.
    func withBytes<Outcome>(_ body: (UnsafeRawBufferPointer) -> Outcome) -> Outcome {
        switch self {
        case .matrix(let matrix):
            matrix.withUnsafeElements {
                body(UnsafeRawBufferPointer(UnsafeBufferPointer(start: $0, count: matrix.elementCount)))
            }
        case .vector(let vector): vector.withUnsafeBytes(body)
        case .doubles(let doubles): doubles.withUnsafeBytes(body)
        case .bytes(let bytes): bytes.withUnsafeBytes(body)
        case .counts(let numbers), .table(let numbers, _): numbers.withUnsafeBytes(body)
        }
    }
}

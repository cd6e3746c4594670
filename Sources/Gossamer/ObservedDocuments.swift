import Autoencoders
import SparseMatrices

/// How large a document is.
package struct DocumentSize: Sendable, Hashable, Comparable {
    /// Stored entries.
    package let entries: UInt32
    /// The sum of the entries, rounded to a whole number from 0.
    package let tokens: UInt32

    package init(entries: UInt32, tokens: UInt32) {
        self.entries = entries
        self.tokens = tokens
    }

    package static func < (a: DocumentSize, b: DocumentSize) -> Bool { (a.entries, a.tokens) < (b.entries, b.tokens) }
}

/// What a model keeps of the documents it was trained on, so that new ones can be made like them and held against them.
package struct ObservedDocuments: Sendable, Equatable {
    package let sizes: Histogram<DocumentSize>
    /// How many documents each feature occurs in.
    package let documentsPerFeature: [UInt32]
    /// Of all stored entries before weighting; 0 if there are none.
    package let smallestEntry: Float
    /// The codes of some documents, at most `mostCodes`, rows in the corpus' order; of a variational model each
    /// posterior's mean and then its log-variance, twice as wide.
    package let codes: DenseMatrix?

    /// Enough for the smoothed bootstrap to draw on; with a thousand units they take 4 MB of a model file.
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
        let sizes = zip(matrix.tokenCounts, 0..<matrix.rowCount).map { tokens, row in
            DocumentSize(entries: UInt32(matrix.entryCount(ofRow: row)), tokens: tokens)
        }
        self.init(
            sizes: Histogram(counting: sizes), documentsPerFeature: documents, smallestEntry: smallest, codes: nil)
    }

    /// The features that occur.
    package var usedFeatures: Set<UInt32> {
        Set(documentsPerFeature.indices.lazy.filter { documentsPerFeature[$0] > 0 }.map { UInt32($0) })
    }

    var holdsNegatives: Bool { smallestEntry < 0 }
}

extension FeatureModel {
    /// The same model with the codes of at most `ObservedDocuments.mostCodes` of its training documents, picked by the
    /// seed, in row order; without those that are not finite.
    func rememberingCodes(of inputs: WeightedRows, execution: Execution) -> FeatureModel {
        guard let observed else { return self }
        var generator = RandomGenerator(seed: record.training.seed, stream: 0x636f_6465)
        var rows = Array(0..<inputs.rowCount)
        for i in 0..<min(rows.count, ObservedDocuments.mostCodes) {
            rows.swapAt(i, Int.random(in: i..<rows.count, using: &generator))
        }
        let sample = inputs.rows(rows.prefix(ObservedDocuments.mostCodes).sorted())
        let width = codeWidth(withVariance: network.hasPosterior)
        var codes: [Float] = []
        encodeBlocks(of: sample, withVariance: network.hasPosterior, execution: execution) { block, rows in
            for i in 0..<rows.count {
                let code = UnsafeBufferPointer(start: block + i * width, count: width)
                if code.allSatisfy(\.isFinite) { codes += code }
            }
        }
        let count = codes.count / width
        var model = self
        model.observed = ObservedDocuments(
            sizes: observed.sizes, documentsPerFeature: observed.documentsPerFeature,
            smallestEntry: observed.smallestEntry,
            codes: count == 0 ? nil : DenseMatrix(rowCount: count, columnCount: width, elements: codes))
        return model
    }
}

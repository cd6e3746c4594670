import Corpora
import Gossamer
import SparseMatrices

/// A corpus in figures.
public struct CorpusFigures: Sendable, Equatable {
    public internal(set) var documents = 0
    public internal(set) var entries = 0
    /// The sum of all values, before weighting.
    public internal(set) var tokens = 0.0
    /// How many documents have each number of entries.
    public internal(set) var documentsOfLength: [Int: Int] = [:]
    /// How many documents hold each feature.
    public internal(set) var documentsPerFeature: [UInt32]
    /// How many documents activate each number of units.
    public internal(set) var documentsOfActiveUnits: [Int: Int] = [:]

    init(features: Int) { documentsPerFeature = Array(repeating: 0, count: features) }

    /// What a model remembers of the documents that it has learned from, those of earlier trainings included.
    init(remembered model: FeatureModel) {
        self.init(features: model.featureCount)
        documents = model.learnedDocuments
        entries = model.learnedEntries
        guard let observed = model.observed else { return }
        documentsPerFeature = observed.documentsPerFeature
        for (size, count) in zip(observed.sizes.values, observed.sizes.documents) {
            documentsOfLength[Int(size.entries), default: 0] += Int(count)
            tokens += Double(size.tokens) * Double(count)
        }
    }

    /// - Parameter rows: those of the matrix to add.
    mutating func add(_ matrix: CSRMatrix, rows: Range<Int>) {
        documents += rows.count
        matrix.withUnsafeView { view in
            for row in rows {
                let range = view.entries(ofRow: row)
                entries += range.count
                documentsOfLength[range.count, default: 0] += 1
                for entry in range {
                    tokens += Double(view.values[entry])
                    documentsPerFeature[Int(view.columnIndices[entry])] += 1
                }
            }
        }
    }

    mutating func add(codes: UnsafePointer<Float>, rows: Int, width: Int) {
        for row in 0..<rows {
            let code = UnsafeBufferPointer(start: codes + row * width, count: width)
            documentsOfActiveUnits[code.count { $0 != 0 }, default: 0] += 1
        }
    }
}

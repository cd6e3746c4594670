import FileIO
import SparseMatrices

/// A model whose training would need more memory than there is.
public struct MemoryError: ExplainedError, Equatable {
    public let features: Int
    /// The minimum that training needs besides the documents.
    public let neededBytes: Double
    public let availableBytes: Int

    public var message: Message {
        "found \(features.grouped) features, for which this model needs \(Self.gigabytes(neededBytes)) GB; expected at most "
            + "the \(Self.gigabytes(Double(availableBytes))) GB that there are; check the largest index of the corpus, "
            + "or take fewer units"
    }

    static func gigabytes(_ bytes: Double) -> String { "\((bytes / 1e8).rounded() / 10)" }
}

extension ModelSettings {
    /// Checks that training can have the memory that it needs at least. Checked before anything is laid out, since one
    /// wrong index of a corpus may ask for more than there is.
    ///
    /// - Parameter earlier: a model that training goes on from; nil for a new one.
    /// - Throws: `MemoryError`.
    /// - Complexity: O(1), or O(entries) if only the features that occur may fit.
    package func checkMemory(
        on matrix: CSRMatrix, continuing earlier: FeatureModel? = nil, available: Int = MemoryLimit.bytes
    ) throws(MemoryError) {
        let needed = architecture.trainingBytes(
            on: matrix, optimizer: training.optimizer, continuing: earlier?.featureCount, available: Double(available))
        if needed <= Double(available) { return }
        throw MemoryError(features: matrix.columnCount, neededBytes: needed, availableBytes: available)
    }
}

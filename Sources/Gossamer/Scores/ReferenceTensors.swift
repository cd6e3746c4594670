import Autoencoders
import FileIO
import SparseMatrices
import TensorFiles

/// The reference of `score` in the model file: two tensors, absent where training kept no documents out of learning.
extension ScoreReference {
    private static let sizesName = "reference.entries"
    private static let lossesName = "reference.losses"

    var contents: [String: TensorContent] {
        [Self.sizesName: .counts(sizes.map { UInt32($0) }), Self.lossesName: .vector(losses.map { Float($0) })]
    }

    /// - Returns: nil if the file holds none.
    init?(_ reader: ModelReader) throws(FileError) {
        guard let tensor = reader.file.tensor(named: Self.sizesName) else { return nil }
        let sizes = try reader.file.array(named: Self.sizesName, of: UInt32.self)
        guard tensor.shape == [sizes.count], !sizes.isEmpty else {
            throw reader.bad(found: "an odd tensor \(Self.sizesName)", expected: "one number a document, at least one")
        }
        self.init(
            sizes: sizes.map { Int($0) },
            losses: try reader.vector(Self.lossesName, count: sizes.count).map { Double($0) })
    }
}

extension FeatureModel {
    /// The same model with the losses of the rows of its training corpus that it did not learn from, in row order;
    /// without those that are beyond 32-bit numbers.
    func rememberingLosses(of inputs: WeightedRows, execution: Execution) -> FeatureModel {
        let rows = record.training.split(rowCount: inputs.rowCount).heldOut
        if rows.isEmpty { return self }
        var settings = ScoreSettings()
        settings.seed = record.training.seed
        let all = ScoreReference(self, onInputs: inputs.rows(rows), settings, execution: execution)
        // As the model file keeps them, so that a model that was saved and read again is the same.
        let kept = zip(all.sizes, all.losses).map { ($0, Float($1)) }.filter { $1.isFinite }
        if kept.isEmpty { return self }
        var model = self
        model.reference = ScoreReference(sizes: kept.map(\.0), losses: kept.map { Double($1) })
        return model
    }
}

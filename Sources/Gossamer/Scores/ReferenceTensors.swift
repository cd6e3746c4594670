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
    ///
    /// - Parameter inputs: the whole corpus, weighted, with all its columns.
    func rememberingLosses(of inputs: WeightedRows, execution: Execution) -> FeatureModel {
        let (rows, training) = record.training.split(rowCount: inputs.rowCount)
        if rows.isEmpty { return self }
        var settings = ScoreSettings()
        settings.seed = record.training.seed
        // Features that no learned row has say as little of these documents as unknown ones of others.
        let known = inputs.rowCountsOfColumns(in: training).map { $0 > 0 }
        let reference = ScoreReference(
            self, onInputs: inputs.rows(rows, withColumnsWhere: { known[$0] }), settings, execution: execution)
        if reference.losses.isEmpty { return self }
        var model = self
        model.reference = reference
        return model
    }
}

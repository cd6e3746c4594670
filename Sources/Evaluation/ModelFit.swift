import Autoencoders
import Corpora
import Gossamer
import SparseMatrices

/// How well a model accounts for documents.
public enum ModelFit: Sendable {
    /// Of a variational model: the bound on those documents that hold anything.
    case bound(BoundReport)
    /// Of a sparse autoencoder: what its reconstruction leaves over.
    case reconstruction(ReconstructionReport)
}

extension FeatureModel {
    /// The model's own judgement of documents, which may be documents it has generated.
    ///
    /// - Parameter documents: before weighting.
    /// - Returns: nil if all documents are empty.
    /// - Throws: `WeightingError`, `LikelihoodError`.
    public func fit(
        of documents: Corpus, _ settings: VariationalAutoencoder.BoundSettings, execution: Execution = Execution()
    ) throws -> ModelFit? {
        let inputs = try inputs(from: documents)
        switch network {
        case .variational(let model, _):
            return model.heldOutBound(on: inputs, settings, execution: execution).map { .bound($0) }
        case .sparse(let model):
            if inputs.entryCount == 0 { return nil }
            return .reconstruction(model.reconstruction(of: inputs, execution: execution))
        }
    }
}

import Autoencoders
import SparseMatrices

extension FeatureModel {
    /// Draws new documents of the kind that the model was trained on, as counts, documents × features: a latent vector
    /// from the prior, a length from the training documents' lengths, then that many words.
    ///
    /// - Returns: nil for a sparse autoencoder, which describes no distribution of documents.
    public func generate(_ count: Int, seed: UInt64 = 0, parallelism: Parallelism = .allCores) -> CSRMatrix? {
        guard case .variational(let model, let lengths) = network else { return nil }
        return DocumentGenerator(model, seed: seed) { lengths.draw(using: &$0) }
            .documents(count, parallelism: parallelism)
    }
}

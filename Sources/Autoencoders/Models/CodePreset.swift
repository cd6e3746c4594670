/// A named set of defaults for the codes of a sparse autoencoder; single settings override what they name.
public enum CodePreset: String, Sendable, CaseIterable {
    /// ReLU units, most of which are active on a document: the better codes at the same width for linear classifiers.
    case dense
    /// Top-k units, a quarter of which are active at most: codes of a few numbers, better for search by nearest
    /// neighbours and easier to read.
    case sparse

    /// What the latent units do.
    ///
    /// - Parameter width: H; of sparse codes, at most ⌊H/4⌋ units are active, but one at least.
    public func activation(width: Int) -> Activation {
        switch self {
        case .dense: .relu
        case .sparse: .topK(max(1, width / 4))
        }
    }
}

import SparseMatrices

/// A Gaussian q(z|x) for each row of a batch, against the prior p(z) = N(0, I).
package protocol LatentPosterior: AnyObject {
    var rowCount: Int { get }
    /// K.
    var width: Int { get }
    /// rows × K.
    var mean: ScratchMatrix { get }

    /// Samples of every row from standard normal noise ε (Kingma & Welling, "Auto-Encoding Variational Bayes",
    /// ICLR 2014).
    ///
    /// - Parameters:
    ///   - noise: (rows·draws) × K, those of a row one after the other.
    ///   - z: as many, overwritten.
    func reparameterize(_ noise: ScratchMatrix, draws: Int, into z: ScratchMatrix, parallelism: Parallelism)

    /// ½ ln det Σ, which makes ln q(z|x) = −½‖ε‖² − ½ ln det Σ − ½K ln 2π at a sample.
    func logVolume(ofRow row: Int) -> Double

    /// KL(q‖p) of a row.
    func divergence(ofRow row: Int) -> LatentDivergence
}

/// KL(q‖p) in nats.
package struct LatentDivergence {
    package let total: Double
    /// That of each unit's own marginal distribution; where units are correlated the total is more than their sum.
    package let byUnit: [Double]
}

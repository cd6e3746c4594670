/// Masking noise on the inputs of a denoising autoencoder (Vincent et al., "Extracting and Composing Robust Features
/// with Denoising Autoencoders", ICML 2008): each stored entry is dropped with the same probability, the rest is
/// rescaled so that the expected input stays the same.
package struct Corruption: Sendable, Equatable {
    /// Of dropping an entry; in [0, 1).
    package let probability: Float
    private let seed: UInt64
    private let epoch: Int

    package init(probability: Float, seed: UInt64, epoch: Int) {
        precondition((0..<1).contains(probability), "a dropping probability of \(probability) is not in [0, 1)")
        self.probability = probability
        self.seed = seed
        self.epoch = epoch
    }

    /// What kept entries are multiplied by.
    var scale: Float { 1 / (1 - probability) }

    func generator(forRow row: Int) -> RandomGenerator {
        RandomGenerator(seed: seed, stream: 0x636f_7272, UInt64(epoch), UInt64(row))
    }

    @inline(__always)
    func keeps(_ generator: inout RandomGenerator) -> Bool { generator.nextUniform() >= probability }
}

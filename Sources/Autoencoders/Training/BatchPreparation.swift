import Dispatch
import SparseMatrices

/// Loads the batch of the next step on a thread of its own while the step before it is computed.
///
/// Loading depends on the data and the corruption only, never on the model, so when it happens changes nothing.
final class BatchPreparation: @unchecked Sendable {
    /// What a batch is loaded from.
    struct Source: Sendable {
        var targets: WeightedRows
        /// Where the encoder sees others than the targets.
        let inputs: WeightedRows?
        let scale: Float

        func load(_ rows: ArraySlice<Int>, corruption: Corruption?, into batch: inout SparseBatch) {
            batch.load(rows, of: targets, inputs: inputs, corruption: corruption, scale: scale)
        }
    }

    /// Belongs to the loading thread until the group is empty.
    private var batch: SparseBatch
    private var job: (rows: ArraySlice<Int>, corruption: Corruption?)?
    private let loading = DispatchGroup()

    init(columnCount: Int) { batch = SparseBatch(columnCount: columnCount) }

    /// Loads rows, unless that has been done, and starts loading the next ones.
    ///
    /// - Parameter next: empty to load nothing ahead.
    func load(
        _ rows: ArraySlice<Int>, next: ArraySlice<Int>, corruption: Corruption?, from source: Source,
        into batch: inout SparseBatch
    ) {
        if !take(rows, corruption: corruption, into: &batch) {
            source.load(rows, corruption: corruption, into: &batch)
        }
        if !next.isEmpty { start(next, corruption: corruption, from: source) }
    }

    /// Starts loading; `take` gets the result.
    private func start(_ rows: ArraySlice<Int>, corruption: Corruption?, from source: Source) {
        loading.wait()
        job = (rows, corruption)
        DispatchQueue.global().async(group: loading) { [self] in
            source.load(rows, corruption: corruption, into: &batch)
        }
    }

    /// Waits for what was started.
    ///
    /// - Returns: whether these rows were, and are now in `batch`.
    private func take(_ rows: ArraySlice<Int>, corruption: Corruption?, into batch: inout SparseBatch) -> Bool {
        loading.wait()
        defer { job = nil }
        guard let job, job.rows == rows, job.corruption == corruption else { return false }
        swap(&self.batch, &batch)
        return true
    }
}

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

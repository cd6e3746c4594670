import SparseMatrices
import VectorKernelInterface

extension Activation {
    /// In training the k·rows largest positive entries of a batch, so that a document with much to say takes more
    /// units than one with little; afterwards z where z > θ, else 0, with one learned θ that gives k units a document
    /// on average of the training rows (Bussmann, Leask & Nanda, "BatchTopK Sparse Autoencoders", 2024). New documents
    /// may activate more, the more so the more units there are to few training rows; `topK` holds its limit on all.
    public static func batchTopK(_ k: Int) -> Activation { Activation(function: BatchTopKActivation(k: k)) }
}

package final class BatchTopKActivation: LatentActivation, LimitedActivation {
    package static let name = "batch-topk"
    package static let usage = "batch-topk:K (K a document on average)"
    let k: Int

    init(k: Int) { self.k = k }

    package var denoising: Float { 0.4 }
    package func thresholdCount(width: Int) -> Int { 1 }

    package func apply(
        _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism
    ) {
        let threshold = thresholds[0]
        parallelism.forEachRange(of: rows) { range in
            for i in range.lowerBound * width..<range.upperBound * width where !(z[i] > threshold) { z[i] = 0 }
        }
    }

    package func clip(_ code: inout [Float]) { clipToPositive(&code) }

    package func makeTraining(activityPrice: Float) -> any LatentTraining { Training(k: k) }

    package func makeCalibration() -> (any ThresholdCalibration)? { Calibration(k: k) }

    package final class Training: LatentTraining {
        private let k: Int
        /// The smallest entry that was kept in the last batch; nil if none was.
        package private(set) var smallestKept: Float?

        init(k: Int) { self.k = k }

        package func apply(
            _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism
        ) {
            kernels.keepTopK(count: rows * width, k: k * rows, x: z)
            smallestKept = (0..<rows * width).lazy.map { z[$0] }.filter { $0 > 0 }.min()
        }

        package func backpropagate(
            _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
            thresholds: [Float], parallelism: Parallelism
        ) {
            ReLUActivation().backpropagate(delta, outputs: h, rows: rows, width: width, parallelism: parallelism)
        }

        /// A running mean, so that the model can be used at any time; `Calibration` has the last word.
        package func update(_ thresholds: inout [Float]) {
            guard let smallestKept else { return }
            let last = thresholds[0]
            thresholds[0] = last == 0 ? smallestKept : last + 0.1 * (smallestKept - last)
        }
    }

    /// The θ that leaves k units a document on average, to a two-thousandth. Noise on the inputs makes pre-activations
    /// larger than they are without it, so the θ of training would be off; and the paper's estimate, a mean over
    /// batches, is when batches are few or differ in size.
    private struct Calibration: ThresholdCalibration {
        let k: Int
        /// Floats above zero are in the order of their bits, so these counts are a histogram with narrow bins.
        var counts = [Int](repeating: 0, count: 1 << (32 - shift))
        private static let shift: UInt32 = 12

        init(k: Int) { self.k = k }

        mutating func add(_ codes: UnsafeBufferPointer<Float>) {
            for code in codes where code > 0 { counts[Int(code.bitPattern >> Self.shift)] += 1 }
        }

        func thresholds(documents: Int) -> [Float]? {
            var active = 0
            for bin in counts.indices.reversed() where counts[bin] > 0 {
                active += counts[bin]
                // The largest value of the bin that would be too much.
                if active > k * documents { return [Float(bitPattern: UInt32(bin + 1) << Self.shift).nextDown] }
            }
            return nil
        }
    }
}

import SparseMatrices

/// How the thresholds of batch-top-k and jumpReLU units come about.
extension AutoencoderTrainer {
    /// Where thresholds start: jumpReLU's at the root mean square of the pre-activations over some rows, where a good
    /// part of the documents activates each unit, with a kernel half as wide.
    mutating func startThresholds(from rows: ArraySlice<Int>) {
        guard encoder.activation == .jumpReLU else { return }
        encode(rows, isTraining: true)
        let squares = encoderWorkspace.competition.rootMeanSquares()
        let mean = squares.reduce(0, +) / Float(max(1, squares.count))
        // A unit that no row reaches must still have a threshold above zero.
        let floor = mean > 0 ? mean / 100 : 1e-3
        encoder.thresholds = squares.map { max($0, floor) }
        encoderWorkspace.competition.bandwidth = max(0.5 * mean, floor)
    }

    /// What the step just taken says of the thresholds.
    ///
    /// - Parameter rate: the step of the dense layers; logarithms of thresholds move ten times as far.
    mutating func learnThresholds(rate: Float) {
        switch encoder.activation {
        case .jumpReLU:
            optimizer.stepThresholds(
                &encoder, gradient: encoderWorkspace.competition.thresholdGradient, rate: 10 * rate)
        case .batchTopK:
            // A running mean, so that the model can be used at any time; `calibrateThreshold` has the last word.
            guard let smallest = encoderWorkspace.competition.smallestKept else { return }
            let last = encoder.thresholds[0]
            encoder.thresholds[0] = last == 0 ? smallest : last + 0.1 * (smallest - last)
        default: break
        }
    }

    /// Batch-top-k: the θ that leaves k units a document on average over rows with clean inputs, to a two-thousandth.
    /// Noise on the inputs makes pre-activations larger than they are without it, so the θ of training would be off;
    /// and the paper's estimate, a mean over batches, is when batches are few or differ in size.
    ///
    /// - Complexity: one encoding of the rows; memory for a million counts.
    mutating func calibrateThreshold(on rows: [Int]) {
        guard case .batchTopK(let k) = encoder.activation else { return }
        encoder.thresholds[0] = 0
        // Floats above zero are in the order of their bits, so these counts are a histogram with narrow bins.
        let shift = 12
        var counts = [Int](repeating: 0, count: 1 << (32 - shift))
        for start in stride(from: 0, to: rows.count, by: 512) {
            encode(rows[start...].prefix(512), isTraining: false)
            let codes = encoderWorkspace.codes
            for i in 0..<codes.elementCount where codes.elements[i] > 0 {
                counts[Int(codes.elements[i].bitPattern >> UInt32(shift))] += 1
            }
        }
        var active = 0
        for bin in counts.indices.reversed() where counts[bin] > 0 {
            active += counts[bin]
            if active > k * rows.count {
                // The largest value of the bin that would be too much.
                encoder.thresholds[0] = Float(bitPattern: UInt32(bin + 1) << UInt32(shift)).nextDown
                return
            }
        }
    }
}

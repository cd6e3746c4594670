import SparseMatrices

/// How the thresholds of latent units come about; what they follow is up to the activation.
extension AutoencoderTrainer {
    /// Where thresholds start, from the pre-activations of some rows.
    mutating func startThresholds(from rows: ArraySlice<Int>) {
        guard encoder.activation.learnsThresholds else { return }
        encode(rows, isTraining: true)
        if let thresholds = encoderWorkspace.training(of: encoder.activation)?.startThresholds() {
            encoder.thresholds = thresholds
        }
    }

    /// What the step just taken says of the thresholds.
    ///
    /// - Parameter rate: the step of the dense layers; logarithms of thresholds move ten times as far.
    mutating func learnThresholds(rate: Float) {
        guard let training = encoderWorkspace.training(of: encoder.activation) else { return }
        if encoder.activation.learnsThresholds {
            optimizer.stepThresholds(&encoder, gradient: training.thresholdGradient, rate: 10 * rate)
        } else {
            training.update(&encoder.thresholds)
        }
    }

    /// The thresholds of the finished encoder, from all rows with clean inputs, where those of training are not the
    /// ones.
    ///
    /// - Complexity: one encoding of the rows; memory for a million counts.
    mutating func calibrateThreshold(on rows: [Int]) {
        let function = encoder.activation.function as? any LatentActivation
        guard var calibration = function?.makeCalibration() else { return }
        let zeros = [Float](repeating: 0, count: encoder.thresholds.count)
        encoder.thresholds = zeros
        for start in stride(from: 0, to: rows.count, by: 512) {
            encode(rows[start...].prefix(512), isTraining: false)
            let codes = encoderWorkspace.codes
            calibration.add(UnsafeBufferPointer(start: codes.elements, count: codes.elementCount))
        }
        encoder.thresholds = calibration.thresholds(documents: rows.count) ?? zeros
    }
}

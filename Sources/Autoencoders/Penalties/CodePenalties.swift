/// The penalties on a batch's codes: their sum, and its gradient. Decoders apply them, since they know ‖D_j‖.
package struct CodePenalties: Sendable, ExpressibleByArrayLiteral {
    private let penalties: [SparsityPenalty]
    /// Of the activation.
    private let codesAreShares: Bool

    package init(_ penalties: [SparsityPenalty], activation: Activation = .relu) {
        self.penalties = penalties
        codesAreShares = activation.function.codesAreShares
    }

    package init(_ settings: AutoencoderSettings) {
        self.init(settings.penalties, activation: settings.activation)
    }

    package init(arrayLiteral elements: SparsityPenalty...) { self.init(elements) }

    var isEmpty: Bool { penalties.isEmpty }

    /// λ, summed, of the penalties on the number of active units.
    package var activityPrice: Float {
        penalties.reduce(0) { $0 + $1.function.activityPrice }
    }

    /// Adds the penalties of a batch to its loss, and the gradient of their mean over the rows to `delta`.
    ///
    /// - Parameters:
    ///   - codes: rows × H.
    ///   - norms: ‖D_j‖ in units of s; held constant, as the decoder follows the codes and not the penalty.
    ///   - delta: rows × H.
    package func accumulate(
        codes: UnsafePointer<Float>, rows: Int, norms: [Float], delta: UnsafeMutablePointer<Float>,
        to total: inout BatchLoss
    ) {
        let batch = CodeBatch(codes: codes, rows: rows, norms: norms, codesAreShares: codesAreShares, delta: delta)
        for penalty in penalties { total.penalty += penalty.function.add(to: batch) }
    }
}

/// The codes that penalties look at, and where their gradient goes.
package struct CodeBatch {
    /// rows × H.
    let codes: UnsafePointer<Float>
    let rows: Int
    /// ‖D_j‖ of every unit.
    let norms: [Float]
    /// Whether codes are in (0, 1) whatever the decoder, as sigmoid units are.
    let codesAreShares: Bool
    /// rows × H.
    let delta: UnsafeMutablePointer<Float>

    /// H.
    var width: Int { norms.count }
    /// Of a row in the mean.
    var weight: Float { 1 / Float(max(1, rows)) }
}

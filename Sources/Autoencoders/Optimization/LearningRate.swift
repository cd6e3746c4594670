import SparseMatrices

/// The step size over the course of training: a linear rise over the warm-up, then a fall.
package struct LearningRateSchedule: Sendable, Equatable {
    /// How steps become shorter.
    package enum Fall: Sendable, Equatable {
        /// To a twentieth, all the way, the warm-up being at most a quarter of it.
        case linear
        /// Half a cosine, down to a fiftieth.
        case cosine
    }

    package let peak: Float
    package let warmupSteps: Int
    package let totalSteps: Int
    package let fall: Fall

    package init(peak: Float, warmupSteps: Int, totalSteps: Int, fall: Fall = .linear) {
        self.peak = peak
        self.warmupSteps = fall == .linear ? max(1, min(warmupSteps, totalSteps / 4)) : max(1, warmupSteps)
        self.totalSteps = max(1, totalSteps)
        self.fall = fall
    }

    /// The rate of a step, counted from 1.
    package func rate(atStep step: Int) -> Float {
        let rise = min(1, Float(step) / Float(warmupSteps))
        switch fall {
        case .linear: return peak * rise * (1 - 0.95 * Float(step) / Float(totalSteps))
        case .cosine:
            return rise * Float(0.02 + 0.49 * (1 + cosineOfHalfTurns(Double(step) / Double(totalSteps)))) * peak
        }
    }

    /// A peak for Adam on the input layer, from the data's own scale: one step moves a pre-activation by about
    /// rate·‖x‖₁, so the rate is a hundredth of the inverse of the mean ‖x‖₁ over rows that are not empty.
    package static func peak(for matrix: WeightedRows) -> Float { RowLengths(of: matrix).peakRate }

    /// A peak for a matrix as it comes; see the overload above.
    package static func peak(for matrix: CSRMatrix) -> Float { peak(for: WeightedRows(matrix)) }
}

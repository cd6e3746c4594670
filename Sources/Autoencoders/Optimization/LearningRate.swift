import SparseMatrices

/// The step size over the course of training: a linear rise over the warm-up, then a linear fall to a twentieth.
public struct LearningRateSchedule: Sendable, Equatable {
    public let peak: Float
    public let warmupSteps: Int
    public let totalSteps: Int

    public init(peak: Float, warmupSteps: Int, totalSteps: Int) {
        self.peak = peak
        self.warmupSteps = max(1, min(warmupSteps, totalSteps / 4))
        self.totalSteps = max(1, totalSteps)
    }

    /// The rate of a step, counted from 1.
    public func rate(atStep step: Int) -> Float {
        peak * min(1, Float(step) / Float(warmupSteps)) * (1 - 0.95 * Float(step) / Float(totalSteps))
    }

    /// A peak for Adam on the input layer, from the data's own scale: one step moves a pre-activation by about
    /// rate·‖x‖₁, so the rate is a hundredth of the inverse of the mean ‖x‖₁ over rows that are not empty.
    public static func peak(for matrix: WeightedRows) -> Float { RowLengths(of: matrix).peakRate }

    /// A peak for a matrix as it comes; see the overload above.
    public static func peak(for matrix: CSRMatrix) -> Float { peak(for: WeightedRows(matrix)) }
}

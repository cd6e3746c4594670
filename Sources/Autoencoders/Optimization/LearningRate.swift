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
    public static func peak(for matrix: WeightedRows) -> Float {
        var sum = 0.0, rows = 0
        matrix.forEachRow(in: 0..<matrix.rowCount) { _, _, values in
            if values.isEmpty { return }
            rows += 1
            for value in values { sum += Double(abs(value)) }
        }
        return sum > 0 ? Float(0.01 * Double(rows) / sum) : 0.01
    }

    /// A peak for a matrix as it comes; see the overload above.
    public static func peak(for matrix: CSRMatrix) -> Float { peak(for: WeightedRows(matrix)) }
}

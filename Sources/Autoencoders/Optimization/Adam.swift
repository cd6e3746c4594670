import SparseMatrices
import VectorKernelInterface

/// Adam's state for one dense parameter array (Kingma & Ba, ICLR 2015).
///
/// Bias correction is left out: the schedule's warm-up keeps the first steps small instead.
package struct AdamState: Sendable {
    private var firstMoment: [Float]
    private var secondMoment: [Float]

    package init(count: Int) {
        firstMoment = Array(repeating: 0, count: count)
        secondMoment = Array(repeating: 0, count: count)
    }

    package var count: Int { firstMoment.count }

    /// Forgets the gradients of some columns of a matrix of `width` columns; of an array, of some entries.
    mutating func restart(_ columns: [Int], width: Int? = nil) {
        for start in stride(from: 0, to: count, by: max(1, width ?? count)) {
            for column in columns {
                firstMoment[start + column] = 0
                secondMoment[start + column] = 0
            }
        }
    }

    package mutating func update(_ weights: inout [Float], gradient: [Float], _ settings: AdamCoefficients) {
        precondition(weights.count == firstMoment.count && gradient.count == weights.count, "sizes differ")
        let count = weights.count
        kernels.adam(
            count: count, gradient: gradient, weights: &weights, firstMoment: &firstMoment,
            secondMoment: &secondMoment, settings: settings)
    }

    /// - Parameter rowScales: what the step of each row is multiplied by; nil for the same step everywhere.
    package mutating func update(
        _ weights: inout DenseMatrix, gradient: UnsafePointer<Float>, _ settings: AdamCoefficients,
        rowScales: [Float]? = nil, parallelism: Parallelism
    ) {
        precondition(weights.elementCount == firstMoment.count, "sizes differ")
        let (rows, width) = (weights.rowCount, weights.columnCount)
        weights.withUnsafeMutableElements { weights in
            // Each range of rows writes to places of its own.
            nonisolated(unsafe) let weights = weights
            withMoments { first, second in
                func step(_ rows: Range<Int>, scale: Float) {
                    var settings = settings
                    settings.rate *= scale
                    let start = rows.lowerBound * width
                    kernels.adam(
                        count: rows.count * width, gradient: gradient + start, weights: weights + start,
                        firstMoment: first + start, secondMoment: second + start, settings: settings)
                }
                parallelism.forEachRange(of: rows, blockSize: Self.rowsPerBlock(width: width)) { range in
                    if let rowScales {
                        for row in range { step(row..<row + 1, scale: rowScales[row]) }
                    } else {
                        step(range, scale: 1)
                    }
                }
            }
        }
    }

    /// Rows that one thread works on at a time: about 16,384 weights, and a multiple of eight rows, so that blocks
    /// begin where the vectors of the whole would.
    private static func rowsPerBlock(width: Int) -> Int { max(8, 16_384 / max(width, 1) / 8 * 8) }

    private mutating func withMoments(
        _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
    ) {
        firstMoment.withUnsafeMutableBufferPointer { first in
            secondMoment.withUnsafeMutableBufferPointer { second in
                if let first = first.baseAddress, let second = second.baseAddress { body(first, second) }
            }
        }
    }
}

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

/// Adam's state for a matrix of which a step touches only some rows: rows that the batch does not touch keep their
/// weights and moments, so a step costs nothing for them.
package struct RowSparseAdamState: Sendable {
    private var firstMoment: DenseMatrix
    private var secondMoment: DenseMatrix

    package init(rowCount: Int, columnCount: Int) {
        firstMoment = DenseMatrix(rowCount: rowCount, columnCount: columnCount)
        secondMoment = DenseMatrix(rowCount: rowCount, columnCount: columnCount)
    }

    /// Forgets the gradients of some columns.
    ///
    /// - Complexity: O(rows·columns.count).
    mutating func restart(columns: [Int]) {
        firstMoment.clear(columns: columns)
        secondMoment.clear(columns: columns)
    }

    /// One step on the given rows.
    ///
    /// - Parameters:
    ///   - rows: which rows of `weights`, each once.
    ///   - gradient: rows.count × columns, in the order of `rows`.
    /// - Complexity: O(rows·columns).
    package mutating func update(
        _ weights: inout DenseMatrix, rows: [UInt32], gradient: UnsafePointer<Float>, _ settings: AdamCoefficients,
        parallelism: Parallelism
    ) {
        precondition(weights.rowCount == firstMoment.rowCount, "the state belongs to another matrix")
        weights.withUnsafeMutableElements {
            update($0, rows: rows, gradient: gradient, settings, parallelism: parallelism)
        }
    }

    /// One step on the given rows; see the overload above.
    ///
    /// - Parameter weights: all rows × columns.
    mutating func update(
        _ weights: UnsafeMutablePointer<Float>, rows: [UInt32], gradient: UnsafePointer<Float>,
        _ settings: AdamCoefficients, parallelism: Parallelism
    ) {
        let width = firstMoment.columnCount
        withMoments { first, second in
            parallelism.forEachRange(of: rows.count, blockSize: 128) { range in
                rows.withUnsafeBufferPointer { places in
                    guard let places = places.baseAddress else { return }
                    kernels.adamRows(
                        count: range.count, places: places + range.lowerBound, width: width,
                        gradient: gradient + range.lowerBound * width, weights: weights, firstMoment: first,
                        secondMoment: second, settings: settings)
                }
            }
        }
    }

    /// One step by the gradient Xᵀ·Δ, of which a few rows at a time are computed and used up while the cache has them.
    ///
    /// - Parameters:
    ///   - rows: which rows of `weights`, each once.
    ///   - transposed: Xᵀ, with a row for each of `rows`.
    ///   - delta: Δ, as many rows as X.
    /// - Complexity: O((nnz(X) + rows)·columns).
    mutating func update(
        _ weights: inout DenseMatrix, rows: [UInt32], transposed: CSRView, delta: UnsafePointer<Float>,
        scratch: ScratchMatrix, _ settings: AdamCoefficients, execution: Execution
    ) {
        let width = firstMoment.columnCount
        // GraphBLAS has threads of its own, which are not to be nested in ours.
        let isNested = execution.backend == .swift
        let product = Execution(
            backend: execution.backend, parallelism: isNested ? .serial : execution.parallelism)
        let outer = isNested ? execution.parallelism : .serial
        let blockSize = isNested ? 32 : max(1, rows.count)
        scratch.resize(rows: outer.threads * blockSize, width: width)
        weights.withUnsafeMutableElements { weights in
            withMoments { first, second in
                rows.withUnsafeBufferPointer { places in
                    guard let places = places.baseAddress else { return }
                    outer.forEachRange(of: rows.count, blockSize: blockSize) { range, worker in
                        let gradient = scratch.elements + worker * blockSize * width
                        gradient.update(repeating: 0, count: range.count * width)
                        product.spmm(transposed.rows(range), delta, width: width, into: gradient)
                        kernels.adamRows(
                            count: range.count, places: places + range.lowerBound, width: width, gradient: gradient,
                            weights: weights, firstMoment: first, secondMoment: second, settings: settings)
                    }
                }
            }
        }
    }

    /// The moments, each rows × columns.
    mutating func withMoments(_ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void) {
        firstMoment.withUnsafeMutableElements { first in
            secondMoment.withUnsafeMutableElements { second in body(first, second) }
        }
    }
}

extension DenseMatrix {
    /// Sets columns to zero.
    mutating func clear(columns: [Int]) {
        let (rowCount, width) = (rowCount, columnCount)
        withUnsafeMutableElements { elements in
            for row in 0..<rowCount { for column in columns { elements[row * width + column] = 0 } }
        }
    }
}

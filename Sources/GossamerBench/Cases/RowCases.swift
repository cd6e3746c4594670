import Autoencoders
import Foundation
import SparseMatrices
import VectorKernelInterface

/// Kernels that work on dense rows, to be measured: keeping the largest entries, the softmax, and a step of Adam on
/// some rows of a matrix.
struct RowCases {
    let width: Int
    /// Numbers of both signs, like pre-activations.
    let inputs: DenseMatrix

    init(rows: Int, width: Int) {
        self.width = width
        let uniform = randomMatrix(rows: rows, columns: width, seed: 3)
        inputs = DenseMatrix(
            rowCount: rows, columnCount: width, elements: uniform.elements.map { 8 * $0 - 4 })
    }

    /// An in-place operation on rows.
    struct Case {
        let name: String
        let run: @Sendable (UnsafeMutablePointer<Float>) -> Void
        let plain: ([Float]) -> [Double]
    }

    var inPlace: [Case] {
        let (width, k) = (width, max(1, width / 8))
        return [
            Case(
                name: "top-\(k) of each row", run: { kernels.keepTopK(count: width, k: k, x: $0) },
                plain: { Self.topK($0, k) }),
            Case(name: "softmax of each row", run: { Self.softmax(width, $0) }, plain: Self.softmax),
        ]
    }

    /// Applies a case to a copy of the inputs' rows; copying is included in the time.
    func apply(_ one: Case, to rows: inout DenseMatrix, parallelism: Parallelism) {
        let width = width
        inputs.withUnsafeElements { source in
            rows.withUnsafeMutableElements { target in
                // Each range of rows writes to separate memory.
                nonisolated(unsafe) let (source, target) = (source, target)
                parallelism.forEachRange(of: inputs.rowCount) { range in
                    for row in range {
                        (target + row * width).update(from: source + row * width, count: width)
                        one.run(target + row * width)
                    }
                }
            }
        }
    }

    func check(_ one: Case) throws {
        var rows = DenseMatrix(rowCount: inputs.rowCount, columnCount: width)
        apply(one, to: &rows, parallelism: .allCores)
        for row in 0..<min(1_000, inputs.rowCount) {
            let plain = one.plain(inputs.row(row))
            guard zip(rows.row(row), plain).allSatisfy({ abs(Double($0) - $1) <= 1e-5 * max(1, abs($1)) }) else {
                throw WrongResult(what: "\(one.name), row \(row + 1) at H = \(width)")
            }
        }
    }

    private static func softmax(_ width: Int, _ x: UnsafeMutablePointer<Float>) {
        let sum = kernels.expSum(count: width, shift: kernels.maximum(count: width, x: x), x: x)
        kernels.scale(count: width, alpha: 1 / sum, x: x)
    }

    private static func softmax(_ row: [Float]) -> [Double] {
        let powers = row.map { exp(Double($0)) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    private static func topK(_ row: [Float], _ k: Int) -> [Double] {
        // Among equal entries the first are kept.
        let order = row.indices.sorted { (-row[$0], $0) < (-row[$1], $1) }
        var kept = [Double](repeating: 0, count: row.count)
        for i in order.prefix(k) where row[i] > 0 { kept[i] = Double(row[i]) }
        return kept
    }
}

/// A step of Adam on every second row of a matrix and its moments, which are larger than the caches.
struct AdamCase {
    private let rows: [UInt32]
    private let gradient: DenseMatrix
    private let start: DenseMatrix
    private var weights: DenseMatrix
    private var state: RowSparseAdamState
    private let settings = AdamCoefficients(rate: 1e-3)

    /// - Parameter count: the number of rows of the matrix, at least 2.
    init(rows count: Int, width: Int) {
        rows = (0..<UInt32(count / 2)).map { 2 * $0 }
        gradient = randomMatrix(rows: rows.count, columns: width, seed: 4)
        start = randomMatrix(rows: count, columns: width, seed: 5)
        weights = start
        state = RowSparseAdamState(rowCount: count, columnCount: width)
    }

    /// The number of bytes that a step reads and writes: weights and two moments are read and written, the gradient is
    /// only read.
    var bytes: Double { Double(7 * gradient.elementCount * MemoryLayout<Float>.size) }

    mutating func step(_ parallelism: Parallelism) {
        gradient.withUnsafeElements { gradient in
            state.update(
                &weights, rows: rows, gradient: .stored(gradient), settings,
                execution: Execution(parallelism: parallelism))
        }
    }

    /// Compares two steps on a new matrix with the same steps in Double.
    mutating func check() throws {
        step(.allCores)
        step(.serial)
        let width = start.columnCount
        let (gradient, start, weights) = (gradient.elements, start.elements, weights.elements)
        for row in 0..<start.count / width {
            for column in 0..<width {
                let i = row * width + column
                let expected =
                    row % 2 == 0 && row / 2 < rows.count
                    ? twoSteps(from: start[i], gradient: gradient[row / 2 * width + column]) : Double(start[i])
                guard abs(Double(weights[i]) - expected) <= 1e-5 else {
                    throw WrongResult(what: "row-sparse Adam, row \(row + 1) at H = \(width)")
                }
            }
        }
    }

    private func twoSteps(from weight: Float, gradient: Float) -> Double {
        let (g, beta1, beta2) = (Double(gradient), Double(settings.beta1), Double(settings.beta2))
        var (w, m, v) = (Double(weight), 0.0, 0.0)
        for _ in 0..<2 {
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g * g
            w -= Double(settings.rate) * m / (v.squareRoot() + Double(settings.epsilon))
        }
        return w
    }
}

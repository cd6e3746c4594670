import SparseMatrices

@testable import Autoencoders

/// The statistics of `OptimalDecoder` and all that follows from them, by plain dense loops in Double.
struct DenseLeastSquares {
    let features: Int
    let width: Int
    let hasBias: Bool
    /// A, with the constant last.
    private(set) var moments: [[Double]]
    /// B: features × order.
    private(set) var cross: [[Double]]

    init(features: Int, width: Int, hasBias: Bool) {
        self.features = features
        self.width = width
        self.hasBias = hasBias
        let order = width + (hasBias ? 1 : 0)
        moments = Array(repeating: Array(repeating: 0, count: order), count: order)
        cross = Array(repeating: Array(repeating: 0, count: order), count: features)
    }

    var order: Int { moments.count }

    /// A ← γA + HᵀH, B ← γB + XᵀH.
    mutating func learn(_ x: [[Double]], codes: [Float], decay: Double) {
        for i in 0..<order { for j in 0..<order { moments[i][j] *= decay } }
        for v in 0..<features { for j in 0..<order { cross[v][j] *= decay } }
        for (row, values) in x.enumerated() {
            let h = augmented(codes, row: row)
            for i in 0..<order { for j in 0..<order { moments[i][j] += h[i] * h[j] } }
            for v in 0..<features where values[v] != 0 {
                for j in 0..<order { cross[v][j] += values[v] * h[j] }
            }
        }
    }

    private func augmented(_ codes: [Float], row: Int) -> [Double] {
        codes[row * width..<(row + 1) * width].map(Double.init) + (hasBias ? [1] : [])
    }

    /// D = B(A + εI)⁻¹: features × order.
    var decoder: [[Double]] {
        let system = system
        return cross.map { solve(system, $0) }
    }

    /// A + εI with ε a thousandth of the mean of A's diagonal over the units.
    private var system: [[Double]] {
        let trace = (0..<width).reduce(0.0) { $0 + moments[$1][$1] }
        let epsilon = 1e-3 * trace / Double(width)
        var system = moments
        for i in 0..<order { system[i][i] += epsilon }
        return system
    }

    /// What an error of the statistics may grow by when the system is solved: the ratio of the trace, which no eigenvalue
    /// exceeds, to the least eigenvalue, found by inverse iteration.
    var condition: Double {
        let system = system
        var x = (0..<order).map { 1 + 0.1 * Double($0) }, inverseOfLeast = 0.0
        for _ in 0..<200 {
            x = solve(system, x)
            inverseOfLeast = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
            if !(inverseOfLeast > 0 && inverseOfLeast.isFinite) { return 1 }
            x = x.map { $0 / inverseOfLeast }
        }
        return (0..<order).reduce(0) { $0 + system[$1][$1] } * inverseOfLeast
    }

    /// Gaussian elimination; the system is symmetric and positive definite, so it needs no pivots.
    private func solve(_ system: [[Double]], _ rightSide: [Double]) -> [Double] {
        var (a, b) = (system, rightSide)
        for i in 0..<order {
            for k in i + 1..<max(order, i + 1) {
                let factor = a[k][i] / a[i][i]
                for j in i..<order { a[k][j] -= factor * a[i][j] }
                b[k] -= factor * b[i]
            }
        }
        for i in stride(from: order - 1, through: 0, by: -1) {
            for j in i + 1..<max(order, i + 1) { b[i] -= a[i][j] * b[j] }
            b[i] /= a[i][i]
        }
        return b
    }

    /// MᵀM for a matrix of rows × order.
    static func gram(_ matrix: [[Double]]) -> [[Double]] {
        let order = matrix.first?.count ?? 0
        var gram = Array(repeating: [Double](repeating: 0, count: order), count: order)
        for row in matrix {
            for i in 0..<order { for j in 0..<order { gram[i][j] += row[i] * row[j] } }
        }
        return gram
    }

    /// Σ ½(|x| + |D|·|h| + |c|)² over the rows: the magnitudes of what the loss is summed from.
    static func magnitude(_ x: [[Double]], codes: [Float], decoder: [[Double]], width: Int) -> Double {
        loss(
            x.map { $0.map { -abs($0) } }, codes: codes.map { abs($0) }, decoder: decoder.map { $0.map { abs($0) } },
            width: width)
    }

    /// Σ ½‖x − D·h − c‖² over the rows.
    static func loss(_ x: [[Double]], codes: [Float], decoder: [[Double]], width: Int) -> Double {
        var sum = 0.0
        for (row, values) in x.enumerated() {
            for (v, d) in decoder.enumerated() {
                var residual = values[v] - (d.count > width ? d[width] : 0)
                for j in 0..<width { residual -= d[j] * Double(codes[row * width + j]) }
                sum += 0.5 * residual * residual
            }
        }
        return sum
    }
}

extension ReconstructionDecoder {
    /// The loss of a batch with the given codes, and ∂(loss/rows)/∂codes.
    func evaluate(_ batch: SparseBatch, codes: [Float], workspace: DecoderWorkspace = DecoderWorkspace())
        -> (loss: BatchLoss, delta: [Float])
    {
        var delta = [Float](repeating: .nan, count: codes.count)
        let loss = evaluate(batch, codes: codes, delta: &delta, workspace: workspace, execution: .serial)
        return (loss, delta)
    }

    /// One step of training: evaluate, then learn.
    mutating func train(_ batch: SparseBatch, codes: [Float], rate: Float = 0.01) {
        let workspace = DecoderWorkspace()
        _ = evaluate(batch, codes: codes, workspace: workspace)
        learn(batch, codes: codes, workspace: workspace, rate: rate, execution: .serial)
    }
}

extension FittedDecoder {
    mutating func collect(_ batch: SparseBatch, codes: [Float]) {
        collect(batch, codes: codes, workspace: DecoderWorkspace(), execution: .serial)
    }
}

extension LinearDecoder {
    /// D with c as its last column, in Double.
    func rows(withBias: Bool) -> [[Double]] {
        (0..<featureCount).map { weights.row($0).map(Double.init) + (withBias ? [Double(bias[$0])] : []) }
    }
}

extension OptimalDecoder {
    /// The used part of a stride × stride matrix.
    func used<T: BinaryFloatingPoint>(_ matrix: [T]) -> [[Double]] {
        let order = width + (hasBias ? 1 : 0)
        return (0..<order).map { i in (0..<order).map { Double(matrix[i * stride + $0]) } }
    }
}

/// max |a − b| / max |b|.
func relativeError(_ a: [[Double]], _ b: [[Double]]) -> Double {
    guard a.map(\.count) == b.map(\.count) else { return .infinity }
    let (a, b) = (a.joined(), b.joined())
    let scale = b.map(abs).max() ?? 0
    let error = zip(a, b).map { abs($0 - $1) }.reduce(0) { $1 <= $0 ? $0 : $1 }
    return scale > 0 ? error / scale : error
}

import SparseMatrices

/// A textbook implementation of an autoencoder with one ReLU layer and the least-squares decoder of its codes: dense,
/// in Double, with plain loops. It shares no code with the implementation that it checks.
struct PlainAutoencoder {
    typealias Matrix = [[Double]]

    /// features × H.
    private(set) var weights: Matrix
    /// H.
    private(set) var bias: [Double]
    private var weightAdam: [PlainAdam]
    private var biasAdam: PlainAdam

    init(weights: Matrix, bias: [Double]) {
        self.weights = weights
        self.bias = bias
        weightAdam = weights.map { PlainAdam(count: $0.count) }
        biasAdam = PlainAdam(count: bias.count)
    }

    /// max(X·W + b, 0): rows × H.
    func codes(_ x: Matrix) -> Matrix {
        x.map { document in
            var sums = bias
            for (feature, value) in document.enumerated() where value != 0 {
                for unit in sums.indices { sums[unit] += value * weights[feature][unit] }
            }
            return sums.map { max($0, 0) }
        }
    }

    /// The decoder that minimises ½‖X − H·Dᵀ‖² + ½ε‖D‖², with a constant 1 appended to H: features × (H + 1).
    ///
    /// - Parameter ridge: ε as a fraction of the units' mean square.
    func decoder(for x: Matrix, ridge: Double) -> Matrix {
        let h = codes(x).map { $0 + [1] }, order = bias.count + 1
        var moments = Matrix(repeating: [Double](repeating: 0, count: order), count: order)
        for code in h { for i in 0..<order { for j in 0..<order { moments[i][j] += code[i] * code[j] } } }
        let meanSquare = bias.indices.reduce(0) { $0 + moments[$1][$1] } / Double(bias.count)
        for i in 0..<order { moments[i][i] += ridge * meanSquare }
        return weights.indices.map { feature in
            var cross = [Double](repeating: 0, count: order)
            for (document, code) in zip(x, h) where document[feature] != 0 {
                for i in 0..<order { cross[i] += document[feature] * code[i] }
            }
            return solve(moments, cross)
        }
    }

    /// Performs a step of Adam on the mean of ½‖x − D·h‖² over the documents, with D fixed.
    ///
    /// - Returns: the loss before the step, summed over the documents.
    mutating func step(_ x: Matrix, decoder d: Matrix, rate: Double, biasRate: Double) -> Double {
        let h = codes(x), width = bias.count
        var loss = 0.0
        var gradient = Matrix(repeating: [Double](repeating: 0, count: width), count: weights.count)
        var biasGradient = [Double](repeating: 0, count: width)
        for (document, code) in zip(x, h) {
            var delta = [Double](repeating: 0, count: width)
            for (feature, row) in d.enumerated() {
                var residual = row[width] - document[feature]
                for unit in 0..<width { residual += row[unit] * code[unit] }
                loss += 0.5 * residual * residual
                for unit in 0..<width { delta[unit] += residual * row[unit] / Double(x.count) }
            }
            for unit in 0..<width where code[unit] > 0 {
                biasGradient[unit] += delta[unit]
                for (feature, value) in document.enumerated() where value != 0 {
                    gradient[feature][unit] += value * delta[unit]
                }
            }
        }
        for feature in weights.indices { weightAdam[feature].step(&weights[feature], gradient[feature], rate: rate) }
        biasAdam.step(&bias, biasGradient, rate: biasRate)
        return loss
    }

    /// √v of a weight's second moment: the size of its recent gradients.
    func gradientSize(feature: Int, unit: Int) -> Double { weightAdam[feature].second[unit].squareRoot() }

    /// Gaussian elimination; the system is symmetric and positive definite, so no pivoting is needed.
    private func solve(_ system: Matrix, _ rightSide: [Double]) -> [Double] {
        var (a, b) = (system, rightSide)
        for i in b.indices {
            for k in b.indices.dropFirst(i + 1) {
                let factor = a[k][i] / a[i][i]
                for j in i..<b.count { a[k][j] -= factor * a[i][j] }
                b[k] -= factor * b[i]
            }
        }
        for i in b.indices.reversed() {
            for j in b.indices.dropFirst(i + 1) { b[i] -= a[i][j] * b[j] }
            b[i] /= a[i][i]
        }
        return b
    }
}

/// Adam for a few parameters, without bias correction, as in training.
private struct PlainAdam {
    var first: [Double]
    var second: [Double]

    init(count: Int) {
        first = Array(repeating: 0, count: count)
        second = first
    }

    mutating func step(_ parameters: inout [Double], _ gradient: [Double], rate: Double) {
        for i in parameters.indices {
            first[i] = 0.9 * first[i] + 0.1 * gradient[i]
            second[i] = 0.99 * second[i] + 0.01 * gradient[i] * gradient[i]
            parameters[i] -= rate * first[i] / (second[i].squareRoot() + 1e-8)
        }
    }
}

extension CSRMatrix {
    /// The matrix as rows of Double, zeros included.
    var plainRows: [[Double]] {
        (0..<rowCount).map { index in
            var dense = [Double](repeating: 0, count: columnCount)
            let entries = row(index)
            for (column, value) in zip(entries.columnIndices, entries.values) { dense[Int(column)] = Double(value) }
            return dense
        }
    }
}

extension DenseMatrix {
    var plainRows: [[Double]] { (0..<rowCount).map { row($0).map(Double.init) } }
}

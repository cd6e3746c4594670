import SparseMatrices

/// A finished linear decoder: x̂ = D·h + c.
public struct LinearDecoder: Sendable {
    /// D: features × H; column j is what unit j adds to a document.
    public package(set) var weights: DenseMatrix
    /// c: features.
    public package(set) var bias: [Float]

    public init(weights: DenseMatrix, bias: [Float]) {
        precondition(weights.rowCount == bias.count, "\(weights.rowCount) features have \(bias.count) biases")
        self.weights = weights
        self.bias = bias
    }

    public var featureCount: Int { weights.rowCount }
    public var latentWidth: Int { weights.columnCount }
}

extension LinearDecoder {
    /// ‖D_j‖ for every unit j.
    ///
    /// - Complexity: O(features·H).
    public func columnNorms() -> [Float] {
        var squares = [Double](repeating: 0, count: latentWidth)
        weights.withUnsafeElements { d in
            for feature in 0..<featureCount {
                for unit in 0..<latentWidth {
                    let weight = Double(d[feature * latentWidth + unit])
                    squares[unit] += weight * weight
                }
            }
        }
        return squares.map { Float($0.squareRoot()) }
    }

    /// Adds the penalties of a batch's codes to its loss, and their gradient to `delta`.
    func addPenalties(
        _ penalties: [SparsityPenalty], rows: Int, codes: UnsafePointer<Float>, delta: UnsafeMutablePointer<Float>,
        to total: inout BatchLoss
    ) {
        if penalties.isEmpty { return }
        let norms = columnNorms()
        for row in 0..<rows {
            for penalty in penalties {
                total.penalty += penalty.accumulate(
                    codes: codes + row * latentWidth, norms: norms, weight: 1 / Float(rows),
                    delta: delta + row * latentWidth)
            }
        }
    }
}

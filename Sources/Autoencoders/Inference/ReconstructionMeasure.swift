import SparseMatrices

/// What the squared error needs of a decoder, computed once.
package struct ReconstructionMeasure {
    private let decoder: LinearDecoder
    /// DᵀD, H × H.
    private let gram: [Double]
    /// Dᵀc.
    private let projectedBias: [Double]
    /// ‖c‖².
    private let squaredBias: Double

    package init(_ decoder: LinearDecoder, parallelism: Parallelism) {
        self.decoder = decoder
        let width = decoder.latentWidth
        gram = decoder.gram(parallelism: parallelism)
        var projectedBias = [Double](repeating: 0, count: width)
        decoder.weights.withUnsafeElements { d in
            for feature in 0..<decoder.featureCount {
                let bias = Double(decoder.bias[feature])
                for unit in 0..<width { projectedBias[unit] += Double(d[feature * width + unit]) * bias }
            }
        }
        self.projectedBias = projectedBias
        squaredBias = decoder.bias.reduce(0) { $0 + Double($1) * Double($1) }
    }

    /// ‖x − x̂‖² of each of some rows.
    ///
    /// - Parameter codes: of these rows.
    package func squaredErrors(
        of inputs: CSRMatrix, rows: Range<Int>, codes: UnsafePointer<Float>, parallelism: Parallelism
    ) -> [Double] {
        let width = decoder.latentWidth
        var errors = [Double](repeating: 0, count: rows.count)
        errors.withUnsafeMutableBufferPointer { errors in
            // Each block of rows writes to places of its own.
            nonisolated(unsafe) let errors = errors
            inputs.withUnsafeView { view in
                decoder.weights.withUnsafeElements { weights in
                    parallelism.forEachRange(of: rows.count, blockSize: 32) { block in
                        for i in block {
                            let code = (0..<width).map { Double(codes[i * width + $0]) }
                            let observed = observedTerms(view, row: rows.lowerBound + i, code: code, weights)
                            errors[i] = max(0, observed + squaredLength(ofReconstruction: code))
                        }
                    }
                }
            }
        }
        return errors
    }

    /// Σ x_v·(x_v − 2x̂_v) over a row's stored entries.
    private func observedTerms(
        _ view: CSRView, row: Int, code: [Double], _ weights: UnsafePointer<Float>
    ) -> Double {
        let width = code.count
        var sum = 0.0
        for entry in view.entries(ofRow: row) {
            let feature = Int(view.columnIndices[entry])
            var reconstruction = Double(decoder.bias[feature])
            for unit in 0..<width { reconstruction += Double(weights[feature * width + unit]) * code[unit] }
            let value = Double(view.values[entry])
            sum += value * (value - 2 * reconstruction)
        }
        return sum
    }

    /// ‖D·h + c‖² = hᵀGh + 2·hᵀDᵀc + ‖c‖².
    private func squaredLength(ofReconstruction code: [Double]) -> Double {
        let width = code.count
        var sum = squaredBias
        for i in 0..<width where code[i] != 0 {
            var product = 2 * projectedBias[i]
            for j in 0..<width { product += gram[i * width + j] * code[j] }
            sum += code[i] * product
        }
        return sum
    }
}

extension LinearDecoder {
    /// DᵀD, H × H, row-major.
    ///
    /// - Complexity: O(V·H²), in Double.
    package func gram(parallelism: Parallelism) -> [Double] {
        let width = latentWidth
        let featuresPerBlock = 4096
        var gram = [Double](repeating: 0, count: width * width)
        for start in stride(from: 0, to: featureCount, by: featuresPerBlock) {
            let features = start..<min(start + featuresPerBlock, featureCount)
            let block = weights.withUnsafeElements { d in
                (features.lowerBound * width..<features.upperBound * width).map { Double(d[$0]) }
            }
            block.withUnsafeBufferPointer { block in
                gram.withUnsafeMutableBufferPointer { gram in
                    guard let block = block.baseAddress, let gram = gram.baseAddress else { return }
                    DenseProducts.multiply(
                        block, block, transposeA: true, m: width, n: width, k: features.count, beta: 1, into: gram,
                        parallelism: parallelism)
                }
            }
        }
        return gram
    }
}

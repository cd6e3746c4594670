import SparseMatrices

/// Squared error with a linear decoder that is always the least-squares solution for the codes seen so far, at a cost
/// that does not depend on the number of features.
///
/// With the statistics A = Σ γ·h hᵀ (H×H), B = Σ γ·x hᵀ (V×H, touched rows only) and C = BᵀB, the decoder is
/// D = B(A + εI)⁻¹, never formed during training. For a batch X with codes H:
///
///     P = X·B,  Dᵀx = (A + εI)⁻¹Bᵀx,  DᵀD = (A + εI)⁻¹C(A + εI)⁻¹
///     loss per row = ½(‖x‖² − 2h·Dᵀx + hᵀ(DᵀD)h),  ∂loss/∂h = (DᵀD)h − Dᵀx
///
/// After the batch, C ← γ²C + γ(PᵀH + HᵀP) + Hᵀ(XXᵀ)H. A constant 1 appended to h makes the last column of D a bias.
///
/// The statistics are those of Mairal et al., "Online Dictionary Learning for Sparse Coding", ICML 2009; the factorised
/// gradient is related to Vincent, de Brébisson & Bouthillier, "Efficient Exact Gradient Update for Training Deep
/// Networks with Very Large Sparse Targets", NIPS 2015.
///
/// - Complexity: O(nnz·H + rows·H² + H³) for a batch.
package struct OptimalDecoder: FittedDecoder {
    /// H, without the appended constant.
    package let width: Int
    package let hasBias: Bool
    package let penalties: CodePenalties
    /// γ: the factor that earlier statistics are multiplied by at each batch.
    package let decay: Double
    /// The ridge that `learn` uses; see `solve`.
    package let ridge: Double

    /// H, or H + 1 rounded up to whole SIMD lanes with a bias.
    package let stride: Int
    /// A, row-major.
    private var codeMoments: [Double]
    /// C, row-major.
    package private(set) var crossGram: [Double]
    /// B / lazyScale: V × stride.
    private var crossMoments: DenseMatrix
    /// The decay that untouched rows of B have not yet been multiplied by.
    private var lazyScale = 1.0
    /// (A + εI)⁻¹ and DᵀD for the current statistics, row-major.
    private var inverse: [Float]
    package private(set) var decoderGram: [Float]

    package init(
        featureCount: Int, width: Int, hasBias: Bool, penalties: CodePenalties = [], decay: Double = 1,
        ridge: Double = 1e-3
    ) {
        self.width = width
        self.hasBias = hasBias
        self.penalties = penalties
        self.decay = decay
        self.ridge = ridge
        stride = hasBias ? (width + 8) / 8 * 8 : width
        codeMoments = Array(repeating: 0, count: stride * stride)
        crossGram = codeMoments
        crossMoments = DenseMatrix(rowCount: featureCount, columnCount: stride)
        inverse = Array(repeating: 0, count: stride * stride)
        decoderGram = inverse
    }

    // MARK: Evaluating

    package func evaluate(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, delta: UnsafeMutablePointer<Float>,
        workspace: DecoderWorkspace, execution: Execution
    ) -> BatchLoss {
        let rows = batch.rowCount
        let augmented = augment(codes, rows: rows, workspace: workspace)
        project(batch, workspace: workspace, execution: execution)
        workspace.dual.resize(rows: rows, width: stride)
        workspace.gramCodes.resize(rows: rows, width: stride)
        DenseProducts.multiply(
            workspace.projection.elements, inverse, m: rows, n: stride, k: stride, into: workspace.dual.elements,
            parallelism: execution.parallelism)
        DenseProducts.multiply(
            augmented, decoderGram, m: rows, n: stride, k: stride, into: workspace.gramCodes.elements,
            parallelism: execution.parallelism)
        var total = sumLoss(batch, delta: delta, workspace: workspace)
        if !penalties.isEmpty {
            penalties.accumulate(codes: codes, rows: rows, norms: unitNorms(), delta: delta, to: &total)
        }
        return total
    }

    /// P = X·B.
    private func project(_ batch: SparseBatch, workspace: DecoderWorkspace, execution: Execution) {
        let projection = workspace.projection
        projection.reset(rows: batch.rowCount, width: stride)
        crossMoments.withUnsafeElements { b in
            batch.withTargets { execution.spmm($0, b, width: stride, into: projection.elements) }
        }
        kernels.scale(count: projection.elementCount, alpha: Float(lazyScale), x: projection.elements)
    }

    private func sumLoss(
        _ batch: SparseBatch, delta: UnsafeMutablePointer<Float>, workspace: DecoderWorkspace
    ) -> BatchLoss {
        let weight = 1 / Float(batch.rowCount)
        var total = BatchLoss()
        workspace.rowLosses.removeAll(keepingCapacity: true)
        batch.withTargets { x in
            for row in 0..<x.rowCount {
                let h = workspace.augmentedCodes.elements + row * stride
                let dual = workspace.dual.elements + row * stride
                let gram = workspace.gramCodes.elements + row * stride
                let norm = squaredNorm(ofRow: row, x)
                let inner = Double(kernels.dot(count: stride, x: h, y: dual))
                let square = Double(kernels.dot(count: stride, x: h, y: gram))
                total.reference += 0.5 * norm
                workspace.rowLosses.append(0.5 * (norm - 2 * inner + square))
                let rowDelta = delta + row * width
                for j in 0..<width { rowDelta[j] = weight * (gram[j] - dual[j]) }
            }
        }
        total.reconstruction = workspace.rowLosses.reduce(0, +)
        return total
    }

    /// ‖D_j‖ for every unit, without the constant.
    private func unitNorms() -> [Float] {
        (0..<width).map { max(0, decoderGram[$0 * stride + $0]).squareRoot() }
    }

    // MARK: Learning

    package mutating func learn(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, workspace: DecoderWorkspace, rate: Float,
        execution: Execution
    ) {
        absorb(batch, decay: decay, workspace: workspace, execution: execution)
        if lazyScale < 1e-6 { refresh(execution: execution) }
        solve(ridge: ridge, workspace: workspace, execution: execution)
    }

    package mutating func forget() {
        for i in codeMoments.indices { codeMoments[i] = 0 }
        for i in crossGram.indices { crossGram[i] = 0 }
        for i in inverse.indices { inverse[i] = 0 }
        for i in decoderGram.indices { decoderGram[i] = 0 }
        crossMoments.clear()
        lazyScale = 1
    }

    package mutating func rescale(features factors: [Float]) {}

    package mutating func restart(units: [Int]) {
        for unit in units {
            for other in 0..<stride {
                for i in [unit * stride + other, other * stride + unit] {
                    codeMoments[i] = 0
                    crossGram[i] = 0
                }
            }
        }
        crossMoments.clear(columns: units)
    }

    package mutating func collect(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, workspace: DecoderWorkspace, execution: Execution
    ) {
        _ = augment(codes, rows: batch.rowCount, workspace: workspace)
        project(batch, workspace: workspace, execution: execution)
        absorb(batch, decay: 1, workspace: workspace, execution: execution)
    }

    /// Adds the batch to the statistics. Requires its augmented codes and its projection in the workspace.
    private mutating func absorb(
        _ batch: SparseBatch, decay: Double, workspace: DecoderWorkspace, execution: Execution
    ) {
        let rows = batch.rowCount
        let h = workspace.augmentedCodes.elements
        let touched = workspace.touchedRows
        touched.reset(rows: batch.touchedColumns.count, width: stride)
        batch.withTransposedTargets { execution.spmm($0, h, width: stride, into: touched.elements) }
        workspace.gramProjection.reset(rows: rows, width: stride)
        batch.withCompactTargets {
            execution.spmm($0, touched.elements, width: stride, into: workspace.gramProjection.elements)
        }
        updateMoments(rows: rows, decay: decay, workspace: workspace, execution: execution)
        lazyScale *= decay
        // The reciprocal of a scale near zero would overflow, for example if the batch contains all rows and the decay
        // is 0.
        if lazyScale < 1e-12 { multiplyOut() }
        let scale = Float(1 / lazyScale)
        let columns = batch.touchedColumns
        crossMoments.withUnsafeMutableElements { b in
            columns.withUnsafeBufferPointer { columns in
                guard let places = columns.baseAddress else { return }
                execution.parallelism.forEachRange(of: columns.count, blockSize: 256) { range in
                    kernels.addRows(
                        count: range.count, places: places + range.lowerBound, width: stride, alpha: scale,
                        x: touched.elements + range.lowerBound * stride, y: b)
                }
            }
        }
    }

    /// A ← γA + HᵀH and C ← γ²C + γ(PᵀH + HᵀP) + Hᵀ(XU) with U = XᵀH.
    private mutating func updateMoments(
        rows: Int, decay: Double, workspace: DecoderWorkspace, execution: Execution
    ) {
        let n = stride
        let h = workspace.augmentedCodes.elements
        workspace.product.resize(rows: 3 * n, width: n)
        let codeProduct = workspace.product.elements
        let cross = codeProduct + n * n
        let gram = cross + n * n
        for (factor, product) in [
            (h, codeProduct), (workspace.projection.elements, cross),
            (workspace.gramProjection.elements, gram),
        ] {
            DenseProducts.multiply(
                h, factor, transposeA: true, m: n, n: n, k: rows, into: product, parallelism: execution.parallelism)
        }
        for i in 0..<n {
            for j in 0...i {
                let (a, b) = (i * n + j, j * n + i)
                let moment = decay * codeMoments[a] + 0.5 * (Double(codeProduct[a]) + Double(codeProduct[b]))
                let overlap = decay * (Double(cross[a]) + Double(cross[b])) + 0.5 * (Double(gram[a]) + Double(gram[b]))
                let square = decay * decay * crossGram[a] + overlap
                codeMoments[a] = moment
                codeMoments[b] = moment
                crossGram[a] = square
                crossGram[b] = square
            }
        }
    }

    /// Multiplies B out and computes C from it in Double, which undoes rounding drift.
    ///
    /// - Complexity: O(V·H²), so it is called only occasionally.
    package mutating func refresh(execution: Execution) {
        multiplyOut()
        let n = stride
        let rowCount = crossMoments.rowCount
        var gram = [Double](repeating: 0, count: n * n)
        var block = [Double](repeating: 0, count: 1024 * n)
        crossMoments.withUnsafeElements { b in
            for start in Swift.stride(from: 0, to: rowCount, by: 1024) {
                let rows = min(1024, rowCount - start)
                for i in 0..<rows * n { block[i] = Double(b[start * n + i]) }
                DenseProducts.multiply(
                    block, block, transposeA: true, m: n, n: n, k: rows, beta: 1, into: &gram,
                    parallelism: execution.parallelism)
            }
        }
        crossGram = gram
    }

    /// Multiplies B by its lazy scale, which is 1 afterwards.
    ///
    /// - Complexity: O(V·H).
    private mutating func multiplyOut() {
        let (scale, count) = (Float(lazyScale), crossMoments.elementCount)
        crossMoments.withUnsafeMutableElements { kernels.scale(count: count, alpha: scale, x: $0) }
        lazyScale = 1
    }

    /// Computes (A + εI)⁻¹ and DᵀD for the current statistics, where ε is `ridge` times the mean of A's diagonal.
    /// Statistics that are not finite give NaN, which the next loss will be as well.
    package mutating func solve(ridge: Double, workspace: DecoderWorkspace, execution: Execution) {
        let n = stride
        let scratch = workspace.solution(count: 3 * n * n)
        let (inverse, product, gram) = (scratch, scratch + n * n, scratch + 2 * n * n)
        inverse.update(from: codeMoments, count: n * n)
        let trace = (0..<width).reduce(0.0) { $0 + codeMoments[$1 * n + $1] }
        let epsilon = trace > 0 ? ridge * trace / Double(width) : 1
        for i in 0..<n { inverse[i * n + i] += epsilon }
        guard Cholesky.invert(inverse, order: n) else {
            for i in decoderGram.indices { decoderGram[i] = .nan }
            return
        }
        DenseProducts.multiply(inverse, crossGram, m: n, n: n, k: n, into: product, parallelism: execution.parallelism)
        DenseProducts.multiply(product, inverse, m: n, n: n, k: n, into: gram, parallelism: execution.parallelism)
        for i in 0..<n * n {
            self.inverse[i] = Float(inverse[i])
            decoderGram[i] = Float(gram[i])
        }
    }

    /// Replaces the statistics of nothing by others.
    mutating func setStatistics(codeMoments: [Double], crossMoments: DenseMatrix, execution: Execution) {
        precondition(
            codeMoments.count == stride * stride && crossMoments.rowCount == self.crossMoments.rowCount
                && crossMoments.columnCount == stride, "the statistics differ in shape")
        (self.codeMoments, self.crossMoments, lazyScale) = (codeMoments, crossMoments, 1)
        refresh(execution: execution)
    }

    // MARK: The resulting decoder

    /// D = B(A + εI)⁻¹ as V × H weights, and its last column as the bias (zeros if there is none). D replaces B in
    /// memory.
    ///
    /// - Complexity: O(V·H²).
    package mutating func takeLinearDecoder(execution: Execution) -> LinearDecoder {
        let (rowCount, n, scale) = (crossMoments.rowCount, stride, Float(lazyScale))
        var bias = [Float](repeating: 0, count: rowCount)
        let block = ScratchMatrix()
        crossMoments.withUnsafeMutableElements { b in
            for start in Swift.stride(from: 0, to: rowCount, by: 4096) {
                let rows = min(4096, rowCount - start)
                block.resize(rows: rows, width: n)
                DenseProducts.multiply(
                    b + start * n, inverse, m: rows, n: n, k: n, alpha: scale, into: block.elements,
                    parallelism: execution.parallelism)
                (b + start * n).update(from: block.elements, count: rows * n)
                if hasBias { for row in 0..<rows { bias[start + row] = block.elements[row * n + width] } }
            }
        }
        var weights = DenseMatrix(rowCount: 0, columnCount: n)
        swap(&weights, &crossMoments)
        weights.keepColumns(width)
        return LinearDecoder(weights: weights, bias: bias)
    }

    /// The codes with the constant appended and the padding cleared: rows × stride.
    private func augment(
        _ codes: UnsafePointer<Float>, rows: Int, workspace: DecoderWorkspace
    ) -> UnsafeMutablePointer<Float> {
        workspace.augmentedCodes.reset(rows: rows, width: stride)
        let augmented = workspace.augmentedCodes.elements
        for row in 0..<rows {
            (augmented + row * stride).update(from: codes + row * width, count: width)
            if hasBias { augmented[row * stride + width] = 1 }
        }
        return augmented
    }
}

extension OptimalDecoder: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("code_moments", &codeMoments)
        walk.part("cross_gram", &crossGram)
        walk.part("cross_moments", &crossMoments)
        walk.part("lazy_scale", &lazyScale)
        walk.require(lazyScale > 0 && lazyScale <= 1, "lazy_scale", is: "above 0 and at most 1")
        walk.part("inverse", &inverse)
        walk.part("decoder_gram", &decoderGram)
    }
}

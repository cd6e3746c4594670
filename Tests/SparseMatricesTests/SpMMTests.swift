import NumericTolerance
import SparseMatrices
import SuiteSparse
import Testing

private let widths = Array(1...20) + [63, 64, 65, 127, 128, 129, 200, 256]

/// Kernel sets have no `Sendable` instances to pass as arguments, so cases name them by position.
private let kernelPositions = Array(availableKernels.indices)

/// Backends have no `Sendable` descriptions to pass as arguments, so cases name them.
enum TestedBackend: CaseIterable {
    case swift, graphblas

    func make() throws -> any SparseBackend {
        switch self {
        case .swift: SwiftKernels()
        case .graphblas: try GraphBLASBackend()
        }
    }
}

@Suite struct SparseTimesDense {
    @Test(arguments: SparseCase.all, kernelPositions)
    func everyKernelEqualsDoubleSums(_ theCase: SparseCase, kernel: Int) throws {
        let x = try theCase.matrix()
        var numbers = Numbers(seed: 5)
        for width in widths {
            let w = DenseMatrix.random(x.columnCount, width, &numbers)
            let initial = DenseMatrix.random(x.rowCount, width, &numbers)
            var y = initial
            accumulate(x, w, into: &y, kernel: kernel)
            let mismatch = ExpectedSums.product(x, w, addedTo: initial).firstMismatch(with: y.elements)
            #expect(mismatch == nil, "\(availableKernels[kernel].name), width \(width)")
        }
    }

    @Test(arguments: SparseCase.all, kernelPositions)
    func everyKernelEqualsDoubleSumsTransposed(_ theCase: SparseCase, kernel: Int) throws {
        let x = try theCase.matrix()
        var numbers = Numbers(seed: 6)
        for width in widths {
            let y = DenseMatrix.random(x.rowCount, width, &numbers)
            let initial = DenseMatrix.random(x.columnCount, width, &numbers)
            var g = initial
            accumulate(x.transposed(), y, into: &g, kernel: kernel)
            let mismatch = ExpectedSums.transposedProduct(x, y, addedTo: initial).firstMismatch(with: g.elements)
            #expect(mismatch == nil, "\(availableKernels[kernel].name), width \(width)")
        }
    }

    private func accumulate(_ x: CSRMatrix, _ w: DenseMatrix, into y: inout DenseMatrix, kernel: Int) {
        x.withUnsafeView { view in
            guard let offsets = view.rowOffsets.baseAddress, let columns = view.columnIndices.baseAddress,
                let values = view.values.baseAddress
            else { return }
            w.withUnsafeElements { weights in
                y.withUnsafeMutableElements { sums in
                    availableKernels[kernel].spmm(
                        rows: 0..<view.rowCount, rowOffsets: offsets, columnIndices: columns, values: values,
                        w: weights, width: w.columnCount, y: sums)
                }
            }
        }
    }

    @Test(arguments: SparseCase.all, TestedBackend.allCases)
    func everyBackendEqualsDoubleSums(_ theCase: SparseCase, backend: TestedBackend) throws {
        let backend = try backend.make()
        let x = try theCase.matrix()
        var numbers = Numbers(seed: 7)
        for width in [0] + widths {
            let w = DenseMatrix.random(x.columnCount, width, &numbers)
            let initial = DenseMatrix.random(x.rowCount, width, &numbers)
            var y = initial
            try backend.spmm(x, w, into: &y)
            let mismatch = ExpectedSums.product(x, w, addedTo: initial).firstMismatch(with: y.elements)
            #expect(mismatch == nil, "width \(width)")
        }
    }

    @Test(arguments: SparseCase.all, TestedBackend.allCases)
    func everyBackendEqualsDoubleSumsTransposed(_ theCase: SparseCase, backend: TestedBackend) throws {
        let backend = try backend.make()
        let x = try theCase.matrix()
        var numbers = Numbers(seed: 8)
        for width in [0] + widths {
            let y = DenseMatrix.random(x.rowCount, width, &numbers)
            let initial = DenseMatrix.random(x.columnCount, width, &numbers)
            var g = initial
            try backend.spmmTransposed(x, y, into: &g)
            let mismatch = ExpectedSums.transposedProduct(x, y, addedTo: initial).firstMismatch(with: g.elements)
            #expect(mismatch == nil, "width \(width)")
        }
    }

    /// ⟨X·w, y⟩ = ⟨w, Xᵀ·y⟩ ties the two products together without an oracle.
    @Test(arguments: SparseCase.all, TestedBackend.allCases)
    func productsAreAdjoint(_ theCase: SparseCase, backend: TestedBackend) throws {
        let backend = try backend.make()
        let x = try theCase.matrix()
        var numbers = Numbers(seed: 9)
        let w = DenseMatrix.random(x.columnCount, 24, &numbers)
        let y = DenseMatrix.random(x.rowCount, 24, &numbers)
        var xw = DenseMatrix(rowCount: x.rowCount, columnCount: 24)
        var xty = DenseMatrix(rowCount: x.columnCount, columnCount: 24)
        try backend.spmm(x, w, into: &xw)
        try backend.spmmTransposed(x, y, into: &xty)
        let difference = innerProduct(xw.elements, y.elements) - innerProduct(w.elements, xty.elements)
        // Σ |x·w·y|, of which each of the two is off by the rounding of its own sums.
        var magnitude = 0.0
        for row in 0..<x.rowCount {
            let (columns, values) = x.row(row)
            for (column, value) in zip(columns, values) {
                for j in 0..<24 { magnitude += Double(abs(value * w[Int(column), j] * y[row, j])) }
            }
        }
        #expect(abs(difference) <= tolerance(terms: x.rowCount + x.columnCount) * magnitude)
    }

    private func innerProduct(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    /// Large enough for GraphBLAS to take more than one thread.
    private static let large = SparseCase(name: "large", rows: 700, columns: 500) { _, column in
        2 / Double(column + 2)
    }

    @Test(arguments: TestedBackend.allCases)
    func threadsDoNotChangeTheBytes(backend: TestedBackend) throws {
        let backend = try backend.make()
        let x = try Self.large.matrix()
        var numbers = Numbers(seed: 10)
        for width in [1, 31, 128] {
            let w = DenseMatrix.random(x.columnCount, width, &numbers)
            let y = DenseMatrix.random(x.rowCount, width, &numbers)
            var results: [[UInt32]] = []
            for threads in [1, 2, 5] {
                var sums = y
                var transposedSums = w
                try backend.spmm(x, w, into: &sums, parallelism: Parallelism(threads: threads))
                try backend.spmmTransposed(x, y, into: &transposedSums, parallelism: Parallelism(threads: threads))
                results.append((sums.elements + transposedSums.elements).map(\.bitPattern))
            }
            #expect(results[0] == results[1] && results[0] == results[2], "width \(width)")
        }
    }

    @Test(arguments: TestedBackend.allCases)
    func acceptsViewsWithUnsortedColumns(backend: TestedBackend) throws {
        let backend = try backend.make()
        let offsets = [0, 3, 3, 5]
        let columns: [UInt32] = [4, 0, 2, 3, 1]
        let values: [Float] = [1, 2, 3, 4, 5]
        let w: [Float] = [1, 10, 100, 1000, 10000]
        var y: [Float] = [0, 7, 0]
        var g = [Float](repeating: 1, count: 5)
        try offsets.withUnsafeBufferPointer { offsets in
            try columns.withUnsafeBufferPointer { columns in
                try values.withUnsafeBufferPointer { values in
                    let view = CSRView(
                        rowCount: 3, columnCount: 5, rowOffsets: offsets, columnIndices: columns, values: values)
                    try backend.spmm(view, w, width: 1, into: &y, parallelism: .serial)
                    try backend.spmmTransposed(view, [1, 1, 2], width: 1, into: &g, parallelism: .serial)
                }
            }
        }
        #expect(y == [10302, 7, 4050])
        #expect(g == [3, 11, 4, 9, 2])
        #expect(columns == [4, 0, 2, 3, 1])
        #expect(values == [1, 2, 3, 4, 5])
    }
}

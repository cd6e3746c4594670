import SparseMatrices
import SuiteSparse

/// Products of a sparse and a dense matrix to be measured: the matrices and the implementations.
struct ProductCases {
    let x: CSRMatrix
    let transposed: CSRMatrix
    let width: Int
    /// The dense factor of X·W.
    let w: DenseMatrix
    /// The dense factor of Xᵀ·Y.
    let y: DenseMatrix
    private let graphblas: GraphBLASBackend

    /// An implementation of X·W or Xᵀ·Y with a number of threads.
    struct Case {
        let name: String
        /// Whether the product is Xᵀ·Y, which gathers rows of Y, rather than X·W, which gathers rows of W.
        let isTransposed: Bool
        let run: (inout DenseMatrix, Parallelism) throws -> Void
    }

    /// - Throws: `GraphBLASNotInstalled`; `GraphBLASError` if the library cannot be started.
    init(_ x: CSRMatrix, width: Int) throws {
        graphblas = try GraphBLASBackend()
        self.x = x
        transposed = x.transposed()
        self.width = width
        w = randomMatrix(rows: x.columnCount, columns: width, seed: 1)
        y = randomMatrix(rows: x.rowCount, columns: width, seed: 2)
    }

    /// The number of multiplications and additions of one product.
    var operations: Double { 2 * Double(x.entryCount) * Double(width) }

    /// The number of bytes of the dense factor's rows that one product reads.
    var gatheredBytes: Double { Double(x.entryCount * width * MemoryLayout<Float>.size) }

    var all: [Case] {
        let swift = SwiftKernels(), graphblas = self.graphblas
        return [
            Case(name: "spmm swift", isTransposed: false) { try swift.spmm(x, w, into: &$0, parallelism: $1) },
            Case(name: "spmm graphblas", isTransposed: false) {
                try graphblas.spmm(x, w, into: &$0, parallelism: $1)
            },
            Case(name: "spmm transposed swift", isTransposed: true) {
                try swift.spmm(transposed, y, into: &$0, parallelism: $1)
            },
            Case(name: "spmm transposed swift, with the transpose", isTransposed: true) {
                try swift.spmmTransposed(x, y, into: &$0, parallelism: $1)
            },
            Case(name: "spmm transposed graphblas", isTransposed: true) {
                try graphblas.spmmTransposed(x, y, into: &$0, parallelism: $1)
            },
        ]
    }

    /// A matrix of zeros for the result of a case.
    func result(of product: Case) -> DenseMatrix {
        DenseMatrix(rowCount: product.isTransposed ? x.columnCount : x.rowCount, columnCount: width)
    }

    /// Compares all implementations with plain loops in Double.
    func check(parallelism: Parallelism) throws {
        let (product, gradient) = (plainProduct(x, w), plainProduct(transposed, y))
        for one in all {
            var sums = result(of: one)
            try one.run(&sums, parallelism)
            let plain = one.isTransposed ? gradient : product
            // All terms are positive, so a relative tolerance is valid for every element.
            let agrees = zip(sums.elements, plain).allSatisfy { abs(Double($0) - $1) <= 1e-4 * abs($1) }
            if !agrees { throw WrongResult(what: "\(one.name) at H = \(width)") }
        }
    }

    private func plainProduct(_ x: CSRMatrix, _ w: DenseMatrix) -> [Double] {
        let width = w.columnCount
        var sums = [Double](repeating: 0, count: x.rowCount * width)
        x.withUnsafeView { x in
            w.withUnsafeElements { w in
                for row in 0..<x.rowCount {
                    for entry in x.entries(ofRow: row) {
                        let value = Double(x.values[entry])
                        let source = Int(x.columnIndices[entry]) * width
                        for j in 0..<width { sums[row * width + j] += value * Double(w[source + j]) }
                    }
                }
            }
        }
        return sums
    }
}

public enum SparseBackend: String, Sendable {
    case swift, graphblas
    package func spmm(_ x: CSRView, _ w: UnsafePointer<Float>, width: Int, into y: UnsafeMutablePointer<Float>, parallelism: Parallelism) {
        SparseMatrices.spmm(x, w, width: width, into: y, parallelism: parallelism)
    }
}

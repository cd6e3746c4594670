import SparseMatrices

/// How a computation is carried out; never what it computes.
public struct Execution: Sendable {
    /// Who multiplies sparse by dense.
    public var backend: SparseBackend
    public var parallelism: Parallelism

    public init(backend: SparseBackend = .swift, parallelism: Parallelism = .allCores) {
        self.backend = backend
        self.parallelism = parallelism
    }

    /// Y += X·W, W with `width` columns.
    func spmm(_ x: CSRView, _ w: UnsafePointer<Float>, width: Int, into y: UnsafeMutablePointer<Float>) {
        do {
            try backend.spmm(x, w, width: width, into: y, parallelism: parallelism)
        } catch {
            // Shapes and entries are valid here, so what is left is want of memory, which nothing survives.
            fatalError("\(error)")
        }
    }
}

import SparseMatrices
import Synchronization

/// How a computation is carried out; never what it computes.
///
/// Layers multiply inside blocks that several threads share and that cannot throw, so a product that fails is recorded
/// here instead, in all copies of the value, and no further one is computed. Whoever returns or writes results asks
/// `checkBackend` before: training after every step, encoding after every block. An execution that failed once stays
/// failed, so that no one who shares it takes what was computed for good.
public struct Execution: Sendable {
    public var parallelism: Parallelism
    private let products: Products

    /// - Parameter backend: who multiplies sparse by dense.
    public init(backend: any SparseBackend = SwiftKernels(), parallelism: Parallelism = .allCores) {
        self.parallelism = parallelism
        products = Products(backend)
    }

    /// Ends work whose results are worth nothing.
    ///
    /// - Throws: the failure of the first product that the backend could not compute.
    public func checkBackend() throws(SparseBackendFailure) {
        if let failure = backendFailure { throw failure }
    }

    var backendFailure: SparseBackendFailure? { products.failure }

    /// Whether products run on the backend's own threads, which are not to be nested in ours.
    var backendHasOwnThreads: Bool { products.backend.hasOwnThreads }

    /// The same computation on as many threads, failures included.
    func on(_ parallelism: Parallelism) -> Execution {
        var copy = self
        copy.parallelism = parallelism
        return copy
    }

    /// Y += X·W, W with `width` columns. Y is worth nothing once the backend has failed.
    func spmm(_ x: CSRView, _ w: UnsafePointer<Float>, width: Int, into y: UnsafeMutablePointer<Float>) {
        if products.failure != nil { return }
        do {
            try products.backend.spmm(x, w, width: width, into: y, parallelism: parallelism)
        } catch {
            products.note(error)
        }
    }
}

/// A backend, and its first failure.
private final class Products: Sendable {
    let backend: any SparseBackend
    /// Asked before every product, by all threads at once.
    private let hasFailed = Atomic(false)
    private let first = Mutex<SparseBackendFailure?>(nil)

    init(_ backend: any SparseBackend) { self.backend = backend }

    var failure: SparseBackendFailure? { hasFailed.load(ordering: .acquiring) ? first.withLock { $0 } : nil }

    func note(_ new: SparseBackendFailure) {
        first.withLock { $0 = $0 ?? new }
        hasFailed.store(true, ordering: .releasing)
    }
}

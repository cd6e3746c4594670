import Autoencoders
import Corpora
import SparseMatrices
import Synchronization
import Testing

@testable import Gossamer

/// Computes some products, and then fails as a library does that gets no more memory.
private final class FailingBackend: SparseBackend {
    struct OutOfMemory: Error {}

    private let left: Atomic<Int>
    let hasOwnThreads: Bool

    init(after products: Int, hasOwnThreads: Bool) {
        left = Atomic(products)
        self.hasOwnThreads = hasOwnThreads
    }

    func spmm(
        _ x: CSRView, _ w: UnsafePointer<Float>, width: Int, into y: UnsafeMutablePointer<Float>,
        parallelism: Parallelism
    ) throws(SparseBackendFailure) {
        if left.wrappingSubtract(1, ordering: .relaxed).oldValue <= 0 { throw SparseBackendFailure(OutOfMemory()) }
        SwiftKernels().spmm(x, w, width: width, into: y, parallelism: parallelism)
    }
}

@Suite struct FailingBackends {
    private func execution(after products: Int, hasOwnThreads: Bool = false) -> Execution {
        Execution(
            backend: FailingBackend(after: products, hasOwnThreads: hasOwnThreads),
            parallelism: Parallelism(threads: 2))
    }

    @Test(arguments: [0, 1, 7, 40], [false, true])
    func trainingEndsWithTheFailure(products: Int, hasOwnThreads: Bool) throws {
        let corpus = try smallCorpus()
        let error = #expect(throws: SparseBackendFailure.self) {
            try FeatureModel.train(
                on: corpus, quickSettings(), execution: execution(after: products, hasOwnThreads: hasOwnThreads))
        }
        #expect(error?.cause is FailingBackend.OutOfMemory)
        var settings = ModelSettings(VariationalSettings())
        settings.variational.latentWidth = 3
        settings.training.epochs = 3
        #expect(throws: SparseBackendFailure.self) {
            try FeatureModel.train(
                on: corpus, settings, execution: execution(after: products, hasOwnThreads: hasOwnThreads))
        }
    }

    @Test func nothingIsReturnedOfWhatFailed() throws {
        let corpus = try smallCorpus()
        let model = try FeatureModel.train(on: corpus, quickSettings())
        #expect(throws: SparseBackendFailure.self) { try model.embed(corpus, execution: execution(after: 0)) }
        var blocks = 0
        #expect(throws: SparseBackendFailure.self) {
            try model.scoreBlocks(of: corpus, execution: execution(after: 0)) { _ in blocks += 1 }
        }
        #expect(blocks == 0)
        #expect(throws: SparseBackendFailure.self) {
            try ScoreReference(model, on: corpus, execution: execution(after: 0))
        }
    }

    @Test func aFailedExecutionStaysFailed() throws {
        let corpus = try smallCorpus()
        let model = try FeatureModel.train(on: corpus, quickSettings())
        let failing = execution(after: 0)
        for _ in 0..<2 {
            #expect(throws: SparseBackendFailure.self) { try model.embed(corpus, execution: failing) }
        }
    }
}

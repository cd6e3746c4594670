import SparseMatrices
import Synchronization

/// Settings of training; nil values are chosen from the data.
public struct TrainingSettings: Sendable, Codable, Equatable {
    public var epochs: Int?
    public var batchSize: Int?
    /// The peak step size of Adam on the input layer.
    public var learningRate: Float?
    /// The optimizer; nil chooses Adam, or the factored one if Adam's state would take more than 4 GiB.
    package var optimizer: Optimizer?
    /// The fraction of rows that is held out for validation; in [0, 1).
    public var validationFraction: Float = 0
    /// With a validation share: the number of epochs without a lower validation error after which training stops.
    public var patience: Int?
    /// The number of rows that are kept out of learning so that their losses can serve as a reference; nil for none.
    /// With a validation share, its rows are used instead.
    public var referenceRows: Int?
    public var seed: UInt64 = 0
    /// The rows of a chunk of a stream, which is visited once; nil if all rows are there and are divided by the seed.
    /// Not part of the settings that are stored.
    package var chunk: StreamChunk.Rows?

    private enum CodingKeys: String, CodingKey {
        case epochs, batchSize, learningRate, optimizer, validationFraction, patience, referenceRows, seed
    }

    public init() {}

    /// The number of rows that are not learned from.
    func heldOutRows(of rowCount: Int) -> Int {
        if let chunk { return rowCount - chunk.learned.count }
        if validationFraction > 0 { return max(1, Int((Float(rowCount) * validationFraction).rounded())) }
        return min(referenceRows ?? 0, max(0, rowCount - 1))
    }

    /// The rows that are not learned from and those that are, each in ascending order; chosen by the seed.
    package func split(rowCount: Int) -> (heldOut: [Int], training: [Int]) {
        if let chunk { return (Array(chunk.heldOut), Array(chunk.learned)) }
        var order = Array(0..<rowCount)
        let held = heldOutRows(of: rowCount)
        if held == 0 { return ([], order) }
        var generator = RandomGenerator(seed: seed, stream: 0x7661_6c69)
        order.shuffle(using: &generator)
        let heldOut = order.prefix(held).sorted()
        // Not by sorting the others, which may be many.
        for row in order.indices { order[row] = row }
        var next = 0
        order.removeAll { row in
            guard next < held, heldOut[next] == row else { return false }
            next += 1
            return true
        }
        return (heldOut, order)
    }
}

/// The settings with all values chosen for a matrix.
public struct TrainingPlan: Sendable, Equatable {
    public let featureCount: Int
    public let entryCount: Int
    /// 0 of a stream, whose chunks are visited once each until there are no more.
    public let epochs: Int
    public let batchSize: Int
    public internal(set) var learningRate: Float
    public internal(set) var trainingRows: [Int]
    public internal(set) var validationRows: [Int]
    /// Rows that are not learned from, in ascending order: those of the validation, or those requested as a reference.
    public internal(set) var referenceRows: [Int]
    /// Of a sparse autoencoder whose emphasis on rare features was chosen from the data.
    public internal(set) var emphasis: ChosenEmphasis?

    package init(_ settings: TrainingSettings, for matrix: WeightedRows) {
        self.init(settings, for: matrix, peakRate: LearningRateSchedule.peak(for: matrix))
    }

    /// - Parameter peakRate: `LearningRateSchedule.peak(for:)` of the matrix, if it is already known.
    init(_ settings: TrainingSettings, for matrix: WeightedRows, peakRate: @autoclosure () -> Float) {
        featureCount = matrix.matrix.columnCount
        entryCount = matrix.entryCount
        (referenceRows, trainingRows) = settings.split(rowCount: matrix.rowCount)
        let isStream = settings.chunk != nil
        validationRows = settings.validationFraction > 0 || isStream ? referenceRows : []
        batchSize = settings.batchSize ?? Self.batchSize(rows: trainingRows.count)
        let steps = (trainingRows.count + batchSize - 1) / batchSize
        epochs = isStream ? 0 : settings.epochs ?? Self.epochs(rows: trainingRows.count, stepsPerEpoch: steps)
        learningRate = settings.learningRate ?? Self.rateFactor * peakRate()
    }

    /// Creates the plan for an unweighted matrix.
    public init(_ settings: TrainingSettings, for matrix: CSRMatrix) { self.init(settings, for: WeightedRows(matrix)) }

    /// Batches of a sixteenth of the rows, or 512, are large enough for longer steps than the default.
    private static let rateFactor: Float = 2

    /// Whether documents are those of a stream.
    public var isStream: Bool { epochs == 0 }

    /// An upper limit of the number of epochs, which is that of chunks of a stream.
    var mostEpochs: Int { isStream ? 1 << 40 : epochs }

    /// The number of steps of an epoch, or an upper limit for the chunks of a stream.
    var mostStepsPerEpoch: Int {
        isStream ? (StreamChunk.mostRows + batchSize - 1) / batchSize : stepsPerEpoch
    }

    public var stepsPerEpoch: Int { (trainingRows.count + batchSize - 1) / batchSize }

    /// A sixteenth of the rows, as a power of two between 16 and 512, so that small data get enough steps.
    private static func batchSize(rows: Int) -> Int {
        var size = 16
        while size < 512 && size * 32 <= rows { size *= 2 }
        return size
    }

    /// The number of epochs with about 150,000 visits to documents in total, but three to forty for each, and at least
    /// 300 steps.
    private static func epochs(rows: Int, stepsPerEpoch: Int) -> Int {
        max(3, min(40, 150_000 / max(1, rows)), (300 + stepsPerEpoch - 1) / max(1, stepsPerEpoch))
    }
}

/// How a computation is carried out; it does not affect what is computed.
///
/// Layers compute products inside blocks that run on several threads and cannot throw, so the failure of a product is
/// recorded here, in all copies of the value, and no further product is computed. Code that returns or writes results
/// must call `checkBackend` first: training does after every step, encoding after every block. An execution that has
/// failed stays failed, so that none of its users takes invalid results for valid ones.
public struct Execution: Sendable {
    public var parallelism: Parallelism
    private let products: Products

    /// - Parameter backend: the implementation of sparse–dense products.
    public init(backend: any SparseBackend = SwiftKernels(), parallelism: Parallelism = .allCores) {
        self.parallelism = parallelism
        products = Products(backend)
    }

    /// Throws if results are invalid because the backend has failed.
    ///
    /// - Throws: the failure of the first product that the backend could not compute.
    public func checkBackend() throws(SparseBackendFailure) {
        if let failure = backendFailure { throw failure }
    }

    var backendFailure: SparseBackendFailure? { products.failure }

    /// Ends a training with this execution after its current step; may be called by any thread.
    package func cancel() { products.cancel() }

    var isCancelled: Bool { products.isCancelled }

    /// The type of the backend.
    package var backendName: String { String(describing: type(of: products.backend)) }

    /// Whether products run on threads of the backend, which must not be nested in ours.
    var backendHasOwnThreads: Bool { products.backend.hasOwnThreads }

    /// The same execution with another number of threads, sharing failures.
    func on(_ parallelism: Parallelism) -> Execution {
        var copy = self
        copy.parallelism = parallelism
        return copy
    }

    /// Y += X·W, W with `width` columns. Y is undefined once the backend has failed.
    func spmm(_ x: CSRView, _ w: UnsafePointer<Float>, width: Int, into y: UnsafeMutablePointer<Float>) {
        if products.failure != nil { return }
        do {
            try products.backend.spmm(x, w, width: width, into: y, parallelism: parallelism)
        } catch {
            products.note(error)
        }
    }
}

/// A backend and its first failure, and whether the caller has asked to stop.
private final class Products: Sendable {
    let backend: any SparseBackend
    /// Checked before every product, by all threads concurrently.
    private let hasFailed = Atomic(false)
    private let hasBeenCancelled = Atomic(false)
    private let first = Mutex<SparseBackendFailure?>(nil)

    init(_ backend: any SparseBackend) { self.backend = backend }

    var isCancelled: Bool { hasBeenCancelled.load(ordering: .relaxed) }

    func cancel() { hasBeenCancelled.store(true, ordering: .relaxed) }

    var failure: SparseBackendFailure? { hasFailed.load(ordering: .acquiring) ? first.withLock { $0 } : nil }

    func note(_ new: SparseBackendFailure) {
        first.withLock { $0 = $0 ?? new }
        hasFailed.store(true, ordering: .releasing)
    }
}

import SparseMatrices
import Testing

@testable import Autoencoders

/// A run that goes on from a state between two steps ends as one that was never interrupted.
@Suite struct InterruptedTrainingTests {
    private let small = PlantedTopics(documents: 240, words: 120, topicCount: 4)

    /// Keeps the states after every epoch and after some steps, or the one that a run goes on from.
    private final class Memory: CheckpointKeeper {
        typealias State = [String: [UInt8]]
        private(set) var states: [State] = []
        private let resumed: State?
        private let image = StateImage()
        private var steps = 0

        init(resuming state: State? = nil) { resumed = state }

        func restore(_ visit: (StateWalk) -> Void) -> Bool {
            guard let resumed else { return false }
            var left = Set(resumed.keys)
            visit(
                StateWalk(filling: true) { part in
                    guard let bytes = resumed[part.name], bytes.count == part.bytes.count else {
                        Issue.record("\(part.name) has another size")
                        return
                    }
                    part.bytes.copyBytes(from: bytes)
                    left.remove(part.name)
                })
            #expect(left.isEmpty)
            return true
        }

        func isDue(_ moment: CheckpointMoment) -> Bool {
            if moment == .step { steps += 1 }
            return resumed == nil && (moment != .step || steps % 5 == 0)
        }

        func settle() {}

        func takeFailure() -> (any Error)? { nil }

        func save(_ moment: CheckpointMoment, _ visit: (StateWalk) -> Void) {
            var state: State = [:]
            visit(
                StateWalk(filling: false) { part in
                    #expect(
                        state.updateValue(Array(part.bytes), forKey: part.name) == nil, "\(part.name) is there twice")
                    #expect(part.bytes.count == part.shape.reduce(part.kind.byteWidth, *))
                })
            states.append(state)
            // A copy shows the same.
            image.capture(parallelism: Parallelism(threads: 2), visit)
            var copied: State = [:]
            image.visit(StateWalk(filling: false) { copied[$0.name] = Array($0.bytes) })
            #expect(copied == state)
        }
    }

    /// Trains in one go, then again from each state that was kept on the way, on another number of threads.
    ///
    /// - Parameters:
    ///   - make: the driver and the trainer for an execution.
    ///   - digest: what the models are compared by.
    private func check<T: Trainer>(
        _ make: (Execution) throws -> (EpochDriver, T), digest: (T.Model) -> [Float]
    ) throws {
        let memory = Memory()
        var (driver, trainer) = try make(Execution(parallelism: Parallelism(threads: 2)))
        var losses: [Double] = []
        let whole = digest(
            try driver.run(&trainer, checkpoints: memory) {
                if case .epoch(let report) = $0 { losses.append(report.loss) }
            })
        #expect(memory.states.count >= 4 && losses.count == 4)
        for (number, state) in memory.states.enumerated() {
            (driver, trainer) = try make(Execution(parallelism: .serial))
            var epochs: [Int] = []
            var resumedLosses: [Double] = []
            var place: Int?
            let resumed = try driver.run(&trainer, checkpoints: Memory(resuming: state)) { event in
                switch event {
                case .resumed(let epochs, _): place = epochs
                case .epoch(let report):
                    epochs.append(report.epoch)
                    resumedLosses.append(report.loss)
                default: break
                }
            }
            let first = try #require(place)
            #expect(epochs == Array(first..<4).map { $0 + 1 })
            #expect(resumedLosses == Array(losses.dropFirst(first)))
            #expect(digest(resumed).map(\.bitPattern) == whole.map(\.bitPattern), "from state \(number)")
        }
    }

    private func digest(_ model: SparseAutoencoder) -> [Float] {
        digest(model.encoder) + model.decoder.weights.elements + model.decoder.bias
    }

    private func digest(_ model: VariationalAutoencoder) -> [Float] {
        digest(model.encoder) + model.latent.mean.weights.elements + model.latent.logVariance.bias
            + model.decoder.weights.elements + model.decoder.bias
            + (model.dispersion.map { $0.linear.weights.elements + $0.linear.bias } ?? [])
    }

    private func digest(_ encoder: SparseEncoder) -> [Float] {
        encoder.input.weights.elements + encoder.input.bias + encoder.thresholds
            + encoder.layers.flatMap { $0.weights.elements + $0.bias }
    }

    private func training(optimizer: Optimizer? = nil, patience: Int? = nil) -> TrainingSettings {
        var settings = TrainingSettings()
        settings.epochs = 4
        settings.validationFraction = 0.2
        settings.optimizer = optimizer
        settings.patience = patience
        return settings
    }

    private func job(
        _ execution: Execution, optimizer: Optimizer? = nil, _ change: (inout AutoencoderSettings) -> Void
    ) throws -> AutoencoderJob {
        try AutoencoderJob(
            WeightedRows(small.matrix), settings(change), training: training(optimizer: optimizer), execution: execution
        )
    }

    @Test(arguments: [.relu, .linear, .topK(4), .batchTopK(4), .jumpReLU, .kCompetitive(4)] as [Activation])
    func theOptimalDecoder(activation: Activation) throws {
        try check(
            { execution in
                let job = try job(execution) { $0.activation = activation }
                return (job.driver, job.optimalEpochs())
            }, digest: digest)
    }

    @Test func hiddenLayers() throws {
        try check(
            { execution in
                let job = try job(execution) { $0.hiddenWidths = [9, 8] }
                return (job.driver, job.optimalEpochs())
            }, digest: digest)
    }

    @Test func theFactoredOptimizer() throws {
        try check(
            { execution in
                let job = try job(execution, optimizer: .factoredAdam) { _ in }
                return (job.driver, job.optimalEpochs())
            }, digest: digest)
    }

    @Test func aTrainedDecoder() throws {
        try check(
            { execution in
                let job = try job(execution) { $0.decoder = .trained }
                return (job.driver, job.trainedEpochs())
            }, digest: digest)
    }

    @Test(arguments: LikelihoodKind.allCases.filter(\.isObjective)) func anObjective(kind: LikelihoodKind) throws {
        try check(
            { execution in
                let job = try job(execution) { $0.objective = .likelihood(kind) }
                return (job.driver, job.epochs(of: kind))
            }, digest: digest)
    }

    @Test(arguments: LikelihoodKind.allCases, [nil, 20]) func aVariationalModel(
        likelihood: LikelihoodKind, sampledSoftmax: Int?
    ) throws {
        if sampledSoftmax != nil && !likelihood.family.hasSampledSoftmax { return }
        var settings = VariationalSettings()
        settings.latentWidth = 4
        settings.hiddenWidths = [12]
        settings.klWarmupEpochs = 2
        settings.likelihood = likelihood
        settings.sampledSoftmax = sampledSoftmax
        try check(
            { execution in
                let job = try VariationalJob(
                    WeightedRows(small.matrix), settings, training: training(), execution: execution)
                return (job.driver, job.epochs())
            }, digest: digest)
    }

    /// The rows of a large corpus are visited window by window.
    @Test func aWindowedOrder() throws {
        let rows = Array(0..<small.matrix.rowCount)
        var generator = RandomGenerator(seed: 3, stream: 1)
        var order = RowOrder(rows, of: WeightedRows(small.matrix), anyOrderBelow: 100, runEntries: 40)
        order.shuffle(using: &generator)
        var state: [String: [UInt8]] = [:]
        order.visit(StateWalk(filling: false) { state[$0.name] = Array($0.bytes) })
        var other = RowOrder(rows, of: WeightedRows(small.matrix), anyOrderBelow: 100, runEntries: 40)
        other.visit(StateWalk(filling: true) { $0.bytes.copyBytes(from: state[$0.name] ?? []) })
        #expect(other.rows == order.rows && order.isWindowed)
        var same = generator
        order.shuffle(using: &generator)
        other.shuffle(using: &same)
        #expect(other.rows == order.rows)
    }

    /// Reading a state does not copy what shares memory.
    @Test func aWalkThatReadsChangesNothing() {
        var layer = LinearLayer(weights: DenseMatrix(rowCount: 3, columnCount: 2, repeating: 1), bias: [1, 2])
        let copy = layer
        layer.visit(StateWalk(filling: false) { _ in })
        let place = layer.weights.withUnsafeElements { $0 }
        #expect(copy.weights.withUnsafeElements { $0 } == place)
    }
}

import SparseMatrices
import Testing

@testable import Autoencoders

/// A run that goes on from the state between two epochs ends as one that was never interrupted.
@Suite struct InterruptedTrainingTests {
    private let small = PlantedTopics(documents: 240, words: 120, topicCount: 4)

    /// Trains in one go, then again from each state that was told of on the way.
    ///
    /// - Parameter digest: what the models are compared by.
    private func check<T: Trainer>(
        _ driver: EpochDriver, _ make: () -> T, digest: (T.Model) -> Int
    ) throws {
        var states: [EpochDriver.State<T>] = []
        var trainer = make()
        let whole = digest(try driver.run(&trainer, onState: { states.append($0) }, onEvent: { _ in }))
        #expect(states.map(\.epoch) == [1, 2, 3])
        for state in states {
            var trainer = make()
            var epochs: [Int] = []
            let resumed = try driver.run(&trainer, from: state) { event in
                if case .epoch(let report) = event { epochs.append(report.epoch) }
            }
            #expect(epochs == Array(state.epoch + 1...4))
            #expect(digest(resumed) == whole, "after epoch \(state.epoch)")
        }
    }

    private func digest(_ model: SparseAutoencoder) -> Int {
        (elements(model.encoder.input.weights) + model.encoder.input.bias + model.encoder.thresholds
            + elements(model.decoder.weights) + model.decoder.bias).hashValue
    }

    private func digest(_ model: VariationalAutoencoder) -> Int {
        (elements(model.encoder.input.weights) + model.encoder.input.bias + elements(model.latent.mean.weights)
            + elements(model.decoder.weights) + model.decoder.bias).hashValue
    }

    private func elements(_ matrix: DenseMatrix) -> [Float] {
        matrix.withUnsafeElements { Array(UnsafeBufferPointer(start: $0, count: matrix.rowCount * matrix.columnCount)) }
    }

    private func job(_ change: (inout AutoencoderSettings) -> Void) throws -> AutoencoderJob {
        try AutoencoderJob(
            WeightedRows(small.matrix), settings(change), training: training(epochs: 4) { $0.validationFraction = 0.2 },
            execution: Execution())
    }

    @Test(arguments: [.relu, .batchTopK(4), .jumpReLU] as [Activation])
    func theOptimalDecoder(activation: Activation) throws {
        let job = try job { $0.activation = activation }
        try check(job.driver, job.optimalEpochs, digest: digest)
    }

    @Test func aTrainedDecoder() throws {
        let job = try job { $0.decoder = .trained }
        try check(job.driver, job.trainedEpochs, digest: digest)
    }

    @Test func aLikelihood() throws {
        let job = try job { $0.objective = .likelihood(.multinomial) }
        try check(job.driver, { job.epochs(of: .multinomial) }, digest: digest)
    }

    @Test(arguments: [nil, 20]) func aVariationalModel(sampledSoftmax: Int?) throws {
        var settings = VariationalSettings()
        settings.latentWidth = 4
        settings.sampledSoftmax = sampledSoftmax
        let training = training(epochs: 4) { $0.validationFraction = 0.2 }
        let matrix = WeightedRows(small.matrix)
        let job = try VariationalJob(matrix, settings, training: training, execution: Execution())
        try check(job.driver, job.epochs, digest: digest)
    }
}

import SparseMatrices

/// The epochs of a sparse autoencoder, with any decoder.
struct AutoencoderEpochs<Decoder: ReconstructionDecoder>: Trainer {
    typealias Snapshot = AutoencoderTrainer<Decoder>.Model

    private let job: AutoencoderJob
    private var trainer: AutoencoderTrainer<Decoder>
    private let fit: (inout AutoencoderTrainer<Decoder>, _ rows: [Int], _ ridge: Double, _ isTraining: Bool) -> Void
    private var statistics: EpochStatistics
    private var corruption: Corruption?
    private let denoising: Float

    /// - Parameter fit: fits the decoder to rows; does nothing where it is trained.
    init(
        _ job: AutoencoderJob, _ encoder: consuming SparseEncoder, _ decoder: consuming Decoder,
        fit:
            @escaping (
                inout AutoencoderTrainer<Decoder>, _ rows: [Int], _ ridge: Double, _ isTraining: Bool
            ) -> Void = { _, _, _, _ in }
    ) {
        self.job = job
        self.fit = fit
        trainer = AutoencoderTrainer(
            encoder: consume encoder, decoder: consume decoder, matrix: job.matrix, transform: job.transform,
            optimizer: job.training.optimizer, execution: job.execution)
        statistics = trainer.noStatistics()
        denoising = job.settings.denoising(of: job.matrix.matrix)
    }

    var snapshot: Snapshot { trainer.current }

    mutating func restore(_ snapshot: Snapshot) {
        trainer.endSteps()
        trainer.current = snapshot
    }

    mutating func start(_ order: inout RowOrder, using generator: inout RandomGenerator) {
        order.shuffle(using: &generator)
        trainer.startThresholds(from: order.rows.prefix(512))
        fit(&trainer, Array(order.rows.prefix(2048)), job.ridge, true)
    }

    mutating func startEpoch(_ epoch: Int) {
        statistics = trainer.noStatistics()
        corruption =
            denoising > 0 ? Corruption(probability: denoising, seed: job.training.seed, epoch: epoch) : nil
    }

    mutating func step(_ step: TrainingStep) -> StepFigure? {
        func rate(_ peak: Float) -> Float {
            LearningRateSchedule(peak: peak, warmupSteps: 50, totalSteps: step.totalSteps).rate(atStep: step.number)
        }
        return trainer.step(
            step.rows, next: step.next, corruption: corruption, rate: rate(job.rateFactor * job.plan.learningRate),
            layerRate: rate(1e-3), statistics: &statistics
        ).map { .unexplained($0.unexplained) }
    }

    mutating func endEpoch(
        _ epoch: Int, of epochs: Int, order: [Int], using generator: inout RandomGenerator
    ) -> TrainingFigures {
        let revived =
            Double(epoch) <= 0.8 * Double(epochs) && order.count > 1
            ? trainer.revive(statistics.deadUnits, from: order.prefix(2048), using: &generator) : 0
        return .reconstruction(statistics.figures(revivedUnits: revived))
    }

    mutating func figures(ofHeldOut rows: [Int]) -> TrainingFigures {
        .reconstruction(trainer.statistics(of: rows).figures())
    }

    func isWatched(epoch: Int) -> Bool { true }

    mutating func takeModel(before failed: ArraySlice<Int>, others: [Int]) -> SparseAutoencoder? {
        trainer.takeModel(before: failed, others: others)
    }

    /// The decoder that goes with the finished encoder is fitted to all training rows as they are.
    mutating func finish() -> (model: SparseAutoencoder, figures: TrainingFigures)? {
        trainer.endSteps()
        trainer.dropEmphasis(job.matrix)
        trainer.calibrateThreshold(on: job.plan.trainingRows)
        fit(&trainer, job.plan.trainingRows, job.finalRidge, false)
        let statistics = trainer.statistics(of: job.plan.trainingRows)
        guard statistics.loss.isFinite else { return nil }
        return (trainer.takeModel(), .reconstruction(statistics.figures()))
    }
}

import RealModule
import SparseMatrices
import Testing

@testable import Autoencoders

/// The gradients of the trainer's own step against differences of a dense bound in Double, the noise held fixed.
@Suite struct VariationalGradientTests {
    private let counts = GeneratedMatrix("", rows: 8, columns: 13) { row, column, chance in
        // An empty document, and a word that no document has.
        row != 3 && column != 6 && chance < 0.4
    }.matrix.asCounts
    private func model(_ kind: LikelihoodKind) -> VariationalAutoencoder {
        VariationalAutoencoder.random(
            features: 13, hiddenWidths: [6, 5], latentWidth: 3, decoderScale: kind == .multinomial ? 0.8 : 0.5,
            likelihood: kind)
    }
    private let rows = [6, 1, 3, 0, 4]

    /// One step that computes all gradients and, at a rate of zero, moves nothing.
    private func step(
        _ kind: LikelihoodKind, beta: Float, refinementSteps: Int = 0, corruption: Corruption? = nil
    ) throws -> (trainer: VariationalTrainer, statistics: BoundStatistics) {
        let model = model(kind)
        var trainer = VariationalTrainer(model: model, targets: WeightedRows(counts), seed: 17, execution: .serial)
        var statistics = BoundStatistics(width: 3)
        let loss = trainer.step(
            rows[...], step: 5, corruption: corruption, beta: beta,
            refinement: PosteriorRefinement(steps: refinementSteps),
            rates: VariationalRates(input: 0, layers: 0, decoder: 0), statistics: &statistics)
        #expect(try #require(loss).isFinite)
        #expect(trainer.model.bits == model.bits)
        return (trainer, statistics)
    }

    /// −log p(x|z) + β·KL of each row of the batch.
    private func losses(_ model: VariationalAutoencoder, beta: Float, inputs: [[Double]]) -> [Double] {
        let dense = DenseVariational(model)
        let targets = model.likelihood.observations(from: counts).denseRows(rows)
        return rows.indices.map { i in
            dense.negativeBound(
                targets[i], dense.posterior(inputs[i]),
                noise: [documentNoise(width: 3, seed: 17, step: 5, draw: 0, row: rows[i])], beta: Double(beta))
        }
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    /// The mean over the batch with the weights that documents have in the encoder's gradient, 1/√N.
    private func encoderMean(_ values: [Double], _ kind: LikelihoodKind) -> Double {
        mean(
            zip(values, kind.observations(from: counts).denseRows(rows)).map {
                $0 / max(1, kind == .gaussian ? 13 : $1.reduce(0, +)).squareRoot()
            })
    }

    private func expectGradients(_ kind: LikelihoodKind, beta: Float, corruption: Corruption? = nil) throws {
        let (trainer, statistics) = try step(kind, beta: beta, corruption: corruption)
        let model = model(kind)
        let logarithms = kind.encoderInputs(from: WeightedRows(counts), length: .squareRoot).weighted().denseRows(
            counts.allRows)
        let inputs = rows.map { row in
            guard let corruption else { return logarithms[row] }
            var generator = corruption.generator(forRow: row)
            return logarithms[row].map { value in
                value != 0 && corruption.keeps(&generator) ? value * Double(corruption.scale) : 0
            }
        }
        // Statistics leave empty documents out where the likelihood is about words; the gradients below do not.
        let measured = zip(rows, losses(model, beta: beta, inputs: inputs)).filter { row, _ in
            !kind.isPerToken || counts.entryCount(ofRow: row) > 0
        }.map(\.1)
        let batchLoss =
            (statistics.losses.loss + Double(beta - 1) * statistics.klDivergence) / Double(measured.count)
        #expect(statistics.losses.rows == measured.count)
        #expect(abs(batchLoss - mean(measured)) < 1e-4 * batchLoss)
        for parameters in VariationalParameters.all(of: model) {
            expectGradient(
                "\(kind), \(parameters), β = \(beta)", parameters.gradient(of: trainer),
                at: parameters.values(of: model), step: 1e-3, tolerance: 1e-3
            ) { values in
                let moved = losses(parameters.setting(values, in: model), beta: beta, inputs: inputs)
                return LossSample(value: parameters.belongToDecoder ? mean(moved) : encoderMean(moved, kind))
            }
        }
    }

    @Test(arguments: LikelihoodKind.allCases, [1, 0.3, 2.5] as [Float])
    func agreeWithDifferences(kind: LikelihoodKind, beta: Float) throws { try expectGradients(kind, beta: beta) }

    @Test(arguments: LikelihoodKind.allCases)
    func agreeWithDifferencesWhileDenoising(kind: LikelihoodKind) throws {
        try expectGradients(kind, beta: 0.7, corruption: Corruption(probability: 0.4, seed: 3, epoch: 2))
    }

    /// With refinement, the encoder learns half from its own bound and half from KL(q‖refined), the refined posterior
    /// held fixed.
    @Test func encoderGradientAgreesWithDifferencesAfterRefinement() throws {
        let beta: Float = 0.7
        let (trainer, _) = try step(.multinomial, beta: beta, refinementSteps: 4)
        let model = model(.multinomial)
        let refined = trainer.inference.refined
        let means = refined.mean.array.map(Double.init), logVariances = refined.logVariance.array.map(Double.init)
        let logarithms = counts.logarithmicRows()
        let inputs = rows.map { logarithms[$0] }
        func pull(_ model: VariationalAutoencoder) -> [Double] {
            let dense = DenseVariational(model)
            return rows.indices.map { row in
                let q = dense.posterior(inputs[row])
                return (0..<3).reduce(0.0) { sum, unit in
                    let i = row * 3 + unit
                    let distance = q.mean[unit] - means[i]
                    let ratio = q.logVariance[unit] - logVariances[i]
                    return sum + 0.5
                        * (Double.exp(ratio) + distance * distance * Double.exp(-logVariances[i]) - 1 - ratio)
                }
            }
        }
        for parameters in VariationalParameters.all(of: model) where !parameters.belongToDecoder {
            expectGradient(
                "\(parameters)", parameters.gradient(of: trainer), at: parameters.values(of: model), step: 1e-3,
                tolerance: 1e-3
            ) { values in
                let moved = parameters.setting(values, in: model)
                let own = encoderMean(losses(moved, beta: beta, inputs: inputs), .multinomial)
                return LossSample(value: 0.5 * (own + encoderMean(pull(moved), .multinomial)))
            }
        }
    }

    /// At the refined posterior's sample, which is held fixed.
    @Test(arguments: LikelihoodKind.allCases)
    func decoderGradientAgreesWithDifferencesAfterRefinement(kind: LikelihoodKind) throws {
        let (trainer, _) = try step(kind, beta: 0.7, refinementSteps: 4)
        let model = model(kind)
        let z = trainer.inference.sample.array.map(Double.init)
        let targets = kind.observations(from: counts).denseRows(rows)
        for parameters in VariationalParameters.all(of: model) where parameters.belongToDecoder {
            expectGradient(
                "\(parameters)", parameters.gradient(of: trainer), at: parameters.values(of: model), step: 1e-3,
                tolerance: 1e-3
            ) { values in
                let dense = DenseVariational(parameters.setting(values, in: model)).likelihood
                let logLikelihoods = rows.indices.map {
                    dense.logLikelihood(targets[$0], Array(z[$0 * 3..<$0 * 3 + 3]))
                }
                return LossSample(value: -logLikelihoods.reduce(0, +) / Double(rows.count))
            }
        }
    }
}

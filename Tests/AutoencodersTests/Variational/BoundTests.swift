import RealModule
import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct BoundTests {
    private let counts = GeneratedMatrix("", rows: 270, columns: 11) { row, _, chance in
        row % 9 != 4 && chance < 0.4
    }.matrix.asCounts
    private let model = VariationalAutoencoder.random(features: 11, hiddenWidths: [5], latentWidth: 3)

    private func settings(samples: Int = 3, refinementSteps: Int = 0) -> VariationalAutoencoder.BoundSettings {
        var settings = VariationalAutoencoder.BoundSettings()
        settings.samples = samples
        settings.refinementSteps = refinementSteps
        settings.seed = 12
        return settings
    }

    /// The terms of each document, with the noise that the bound takes.
    private func denseTerms(samples: Int) -> [(loss: Double, kl: [Double], tokens: Double)] {
        let dense = DenseVariational(model)
        let inputs = counts.logarithmicRows()
        return counts.denseRows(counts.allRows).enumerated().map { row, x in
            let posterior = dense.posterior(inputs[row])
            let noise = (0..<samples).map { documentNoise(width: 3, seed: 12, step: 0x626f_756e, draw: $0, row: row) }
            let kl = (0..<3).map { unit in
                DensePosterior(mean: [posterior.mean[unit]], logVariance: [posterior.logVariance[unit]]).klDivergence
            }
            return (dense.negativeBound(x, posterior, noise: noise), kl, x.reduce(0, +))
        }
    }

    @Test(arguments: [1, 4])
    func equalsTheDenseBound(samples: Int) {
        let report = model.bound(on: counts, settings(samples: samples), execution: .serial)
        let terms = denseTerms(samples: samples)
        let loss = terms.reduce(0) { $0 + $1.loss }, tokens = terms.reduce(0) { $0 + $1.tokens }
        let nonEmpty = terms.filter { $0.tokens > 0 }
        #expect(nonEmpty.count == 240)
        func expect(_ value: Double, _ expected: Double, _ name: String) {
            #expect(abs(value - expected) < 1e-5 * expected, "\(name): \(value) instead of \(expected)")
        }
        expect(report.loss, loss / 270, "loss")
        expect(report.lossPerToken, loss / tokens, "loss per token")
        expect(report.perplexityPerCorpus, Double.exp(loss / tokens), "perplexity per corpus")
        let mean = nonEmpty.reduce(0) { $0 + $1.loss / $1.tokens } / Double(nonEmpty.count)
        expect(report.perplexityPerDocument, Double.exp(mean), "perplexity per document")
        let kl = (0..<3).map { unit in terms.reduce(0) { $0 + $1.kl[unit] } / 270 }
        expect(report.klDivergence, kl.reduce(0, +), "divergence")
        #expect(report.activeUnits == kl.count { $0 >= 0.01 })
    }

    @Test func refinementTightensTheBound() {
        let losses = [0, 3, 12, 40].map {
            model.bound(on: counts, settings(samples: 20, refinementSteps: $0), execution: .serial).loss
        }
        #expect(losses[1] < losses[0] && losses[2] < losses[1] && losses[3] < losses[2] + 0.01, "\(losses)")
    }

    /// The noise belongs to the row, so that rows that follow change nothing for those before.
    @Test func theBoundOfTheFirstRowsIsTheirOwn() {
        let terms = denseTerms(samples: 3)
        for rows in [1, 40, 256] {
            let report = model.bound(on: counts.rows(Array(0..<rows)), settings(), execution: .serial)
            let expected = terms.prefix(rows).reduce(0) { $0 + $1.loss } / Double(rows)
            #expect(abs(report.loss - expected) < 1e-5 * expected)
        }
    }

    @Test(arguments: [0, 5])
    func threadsDoNotMatter(refinementSteps: Int) {
        let reports = [1, 2, 3].map {
            model.bound(
                on: counts, settings(refinementSteps: refinementSteps),
                execution: Execution(parallelism: Parallelism(threads: $0)))
        }
        #expect(Set(reports.map(\.loss)).count == 1 && Set(reports.map(\.perplexityPerDocument)).count == 1)
    }

    /// Zero decoder weights: z says nothing, so the bound is the unigram model's and refinement ends at the prior.
    @Test func withoutDecoderWeightsItIsTheUnigramModel() {
        let sums = (0..<11).map { word in counts.denseRows(counts.allRows).reduce(0) { $0 + $1[word] } }
        let tokens = sums.reduce(0, +)
        let shares = sums.map { $0 / tokens }
        let unigram = VariationalAutoencoder(
            encoder: model.encoder, latent: model.latent,
            decoder: LinearDecoder(
                weights: DenseMatrix(rowCount: 11, columnCount: 3), bias: shares.map { Float(Double.log($0)) + 2 }))
        let entropy = -shares.reduce(0) { $0 + $1 * Double.log($1) }
        let start = unigram.bound(on: counts, settings(samples: 1), execution: .serial)
        let logLikelihood = start.klDivergence - start.loss
        #expect(abs(logLikelihood * 270 / tokens + entropy) < 1e-5)
        let refined = unigram.bound(on: counts, settings(samples: 1, refinementSteps: 400), execution: .serial)
        #expect(refined.klDivergence < 1e-3 && refined.activeUnits == 0)
        #expect(abs(refined.perplexityPerCorpus - Double.exp(entropy)) < 1e-3)
    }

    /// Values below one: what is per token counts them as they are.
    @Test func tokensNeedNotBeWhole() throws {
        let fractions = try CSRMatrix(
            rowCount: 2, columnCount: 11, rowOffsets: [0, 2, 3], columnIndices: [1, 4, 7], values: [0.125, 0.25, 0.125])
        let report = model.bound(on: fractions, settings(), execution: .serial)
        #expect(abs(report.lossPerToken - report.loss * 2 / 0.5) < 1e-9 * report.lossPerToken)
    }

    @Test func documentsWithoutWords() {
        let empty = GeneratedMatrix("", rows: 4, columns: 11) { _, _, _ in false }.matrix
        let report = model.bound(on: empty, settings(), execution: .serial)
        #expect(abs(report.loss - report.klDivergence) < 1e-12 && report.perplexityPerDocument == 1)
        let nothing = model.bound(on: empty.rows([]), settings(), execution: .serial)
        #expect(nothing.loss == 0 && nothing.perplexityPerCorpus == 1 && nothing.activeUnits == 0)
    }

    @Test func encodingGivesThePosteriorMeans() {
        let dense = DenseVariational(model)
        let expected = counts.logarithmicRows().flatMap { dense.posterior($0).mean }
        let codes = model.encode(counts, execution: .serial)
        #expect(codes.rowCount == 270 && codes.columnCount == 3)
        #expect(largestError(codes.elements, expected) < 1e-5)
        let parallel = model.encode(counts, execution: Execution(parallelism: Parallelism(threads: 3)))
        #expect(parallel.elements == codes.elements)
        #expect(model.encode(counts.rows([]), execution: .serial).elements.isEmpty)
    }
}

@Suite struct BoundStatisticsTests {
    private func posterior(_ means: [Float]) -> GaussianPosterior {
        let posterior = GaussianPosterior()
        posterior.resize(rows: means.count / 2, width: 2)
        posterior.mean.fill(means)
        posterior.logVariance.fill(means.map { _ in 0 })
        return posterior
    }

    /// KL is half the square of the mean: documents of 2, 0.5 and 0 nats, the last one without words.
    @Test func perplexitiesAreAsDefined() {
        let posterior = posterior([2, 0, 1, 0, 0, 0])
        var statistics = BoundStatistics(width: 2)
        statistics.add(logLikelihood: -10, divergence: posterior.divergence(ofRow: 0), tokens: 6)
        statistics.add(logLikelihood: -3.5, divergence: posterior.divergence(ofRow: 1), tokens: 2)
        statistics.add(logLikelihood: 0, divergence: posterior.divergence(ofRow: 2), tokens: 0)
        let report = statistics.report
        #expect(statistics.losses.rows == 3 && statistics.losses.tokens == 8 && statistics.klByUnit == [2.5, 0])
        #expect(abs(report.loss - 16.0 / 3) < 1e-12 && report.lossPerToken == 2)
        #expect(abs(report.perplexityPerCorpus - Double.exp(2)) < 1e-12)
        #expect(abs(report.perplexityPerDocument - Double.exp((12.0 / 6 + 4.0 / 2) / 2)) < 1e-12)
        #expect(abs(report.klDivergence - 2.5 / 3) < 1e-12 && report.activeUnits == 1)
    }

    @Test func sumsCanBeAdded() {
        let posterior = posterior([2, 0, 1, 0, 0, 0])
        let rows: [(logLikelihood: Double, tokens: Double)] = [(-10, 6), (-3.5, 2), (0, 0)]
        var whole = BoundStatistics(width: 2), sum = BoundStatistics(width: 2)
        for (row, document) in rows.enumerated() {
            var one = BoundStatistics(width: 2)
            one.add(
                logLikelihood: document.logLikelihood, divergence: posterior.divergence(ofRow: row),
                tokens: document.tokens)
            whole.add(
                logLikelihood: document.logLikelihood, divergence: posterior.divergence(ofRow: row),
                tokens: document.tokens)
            sum.add(one)
        }
        #expect(sum.losses.rows == 3 && sum.losses.tokens == 8 && sum.losses.loss == whole.losses.loss)
        #expect(sum.klByUnit == whole.klByUnit && sum.klDivergence == whole.klDivergence)
        #expect(sum.report.perplexityPerDocument == whole.report.perplexityPerDocument)
        #expect(sum.report.perplexityPerCorpus == whole.report.perplexityPerCorpus)
    }

    /// Against the jackknife, which leaves out one document at a time (Efron & Tibshirani, An Introduction to the
    /// Bootstrap, 1993, chapter 11).
    @Test func standardErrorsAreThoseOfTheJackknife() {
        var generator = RandomGenerator(seed: 5)
        let tokens = (0..<300).map { _ in Double(Int.random(in: 20...60, using: &generator)) }
        let losses = tokens.map { $0 * (6 + Double(generator.nextUniform())) }
        func report(leavingOut left: Int?) -> LossReport {
            var sums = LossSums()
            for i in losses.indices where i != left { sums.add(losses[i], tokens: tokens[i]) }
            return sums.report
        }
        func jackknife(_ figure: (LossReport) -> Double) -> Double {
            let n = Double(losses.count)
            let figures = losses.indices.map { figure(report(leavingOut: $0)) }
            let mean = figures.reduce(0, +) / n
            return (figures.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } * (n - 1) / n).squareRoot()
        }
        let errors = report(leavingOut: nil).standardErrors
        // Of a mean the two are equal; of a ratio and of exponentials they agree to the order of 1/n.
        #expect(abs(errors.loss / jackknife(\.loss) - 1) < 1e-9)
        #expect(abs(errors.perplexityPerCorpus / jackknife(\.perplexityPerCorpus) - 1) < 10.0 / 300)
        #expect(abs(errors.perplexityPerDocument / jackknife(\.perplexityPerDocument) - 1) < 10.0 / 300)
        #expect(LossSums().report.standardErrors.loss.isNaN)
    }
}

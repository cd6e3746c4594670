import Corpora
import Foundation
import NumericTolerance
import SparseMatrices
import Testing

@testable import Autoencoders
@testable import Evaluation
@testable import Gossamer

/// Documents of four topics of ten words each, all with counts; every ninth is empty.
func topicalCorpus(_ rows: Int, stream: UInt64, odd: Set<Int> = []) throws -> Corpus {
    var generator = RandomGenerator(seed: 4, stream: stream)
    var offsets = [0]
    var columns: [UInt32] = []
    for row in 0..<rows {
        if row % 9 != 8 {
            // An odd document mixes words of all topics; the others keep to one.
            let words = (0..<40).filter { odd.contains(row) ? $0 % 7 == row % 7 : $0 / 10 == row % 4 }
            columns += words.filter { _ in odd.contains(row) || generator.nextUniform() < 0.85 }.map { UInt32($0) }
        }
        offsets.append(columns.count)
    }
    return Corpus(
        matrix: try CSRMatrix(
            rowCount: rows, columnCount: 40, rowOffsets: offsets, columnIndices: columns,
            values: columns.map { _ in Float(Int.random(in: 1...3, using: &generator)) }),
        labels: RowLabels((0..<rows).map { String($0 % 4) }), provenance: CorpusProvenance(format: "generated"))
}

func sparseModel(_ objective: ReconstructionObjective = .squaredError) throws -> FeatureModel {
    var settings = ModelSettings()
    settings.autoencoder.latentWidth = 6
    settings.autoencoder.objective = objective
    settings.training.epochs = 20
    if objective != .squaredError {
        settings.weighting = WeightingScheme.none
        settings.normalization = FeatureWeighting.Normalization.none
    }
    return try FeatureModel.train(on: topicalCorpus(400, stream: 1), settings)
}

func variationalModel(_ likelihood: LikelihoodKind) throws -> FeatureModel {
    var settings = ModelSettings(VariationalSettings())
    settings.variational.likelihood = likelihood
    settings.variational.latentWidth = 4
    settings.variational.hiddenWidths = [12]
    settings.training.epochs = 6
    return try FeatureModel.train(on: topicalCorpus(200, stream: 1), settings)
}

@Suite struct DocumentScoreTests {
    @Test func plantedOddDocumentsScoreHighest() throws {
        let odd: Set<Int> = [3, 40, 76]
        let model = try sparseModel()
        let documents = try topicalCorpus(100, stream: 2, odd: odd)
        var settings = ScoreSettings()
        for hasReference in [false, true] {
            if hasReference { settings.reference = try ScoreReference(model, on: topicalCorpus(400, stream: 1)) }
            let scores = try model.scores(of: documents, settings)
            #expect(scores.map(\.row) == Array(0..<100))
            let strangest = scores.sorted { $0.score > $1.score }.prefix(3)
            #expect(Set(strangest.map(\.row)) == odd, "\(strangest)")
            #expect(scores.allSatisfy { ($0.tail != nil) == hasReference })
            if hasReference { #expect(strangest.allSatisfy { ($0.tail ?? 1) < 0.02 }) }
            for score in scores {
                let losses = score.features.map(\.loss)
                #expect(losses == losses.sorted(by: >) && losses.count == min(5, score.entries))
            }
        }
    }

    @Test func squaredErrorsAreThoseOfTheReconstruction() throws {
        let model = try sparseModel()
        let documents = try topicalCorpus(50, stream: 3)
        guard let network = model.network as? SparseAutoencoder else { return }
        var settings = ScoreSettings()
        settings.featureCount = 100
        let scores = try model.scores(of: documents, settings)
        let inputs = try model.inputs(from: documents)
        let report = try network.reconstruction(of: inputs)
        let squares = inputs.values.reduce(0) { $0 + Double($1) * Double($1) }
        let total = scores.reduce(0) { $0 + $1.loss }
        let expected = try #require(report.normalizedError)
        #expect(abs(total / squares - expected) < 1e-9)
        let codes = network.encoder.encode(inputs)
        for row in [0, 5, 20] {
            let (columns, values) = inputs.row(row)
            for (column, value) in zip(columns, values) {
                var output = Double(network.decoder.bias[Int(column)]), magnitude = abs(output) + abs(Double(value))
                for unit in 0..<6 {
                    let term = Double(network.decoder.weights[Int(column), unit]) * Double(codes[row, unit])
                    output += term
                    magnitude += abs(term)
                }
                let found = try #require(scores[row].features.first { $0.feature == Int(column) })
                let residual = Double(value) - output
                // The residual is a sum of eight terms; its square is off by twice as much in relation.
                #expect(abs(found.loss - residual * residual) <= 2 * tolerance(terms: 8) * magnitude * magnitude)
            }
        }
    }

    @Test(arguments: LikelihoodKind.allCases) func losesOfDocumentsMakeTheBound(likelihood: LikelihoodKind) throws {
        let model = try variationalModel(likelihood)
        // None is empty.
        let rows = (0..<40).filter { $0 % 9 != 8 }
        let corpus = try topicalCorpus(40, stream: 2)
        let documents = Corpus(matrix: corpus.matrix.rows(rows), provenance: corpus.provenance)
        guard let network = (model.network as? VariationalNetwork)?.model else { return }
        var settings = ScoreSettings()
        settings.samples = 3
        settings.featureCount = 40
        var bound = VariationalAutoencoder.BoundSettings()
        bound.samples = 3
        bound.sharesNoise = true
        let report = network.bound(on: try model.inputs(from: documents), bound)
        let scores = try model.scores(of: documents, settings)
        let mean = scores.reduce(0) { $0 + $1.loss } / Double(rows.count)
        #expect(abs(mean - report.loss) < 1e-6 * abs(report.loss))
        for score in scores {
            #expect(score.loss.isFinite && score.features.count == score.entries)
            if likelihood.isPerToken {
                let tokens = documents.matrix.row(score.row).values.reduce(0, +)
                #expect(abs(score.score - score.loss / Double(tokens)) < 1e-9)
            } else {
                #expect(score.score == score.loss)
            }
        }
    }

    /// Where only stored entries enter the likelihood, what they add is all there is.
    @Test(arguments: [LikelihoodKind.multinomial, .dirichletMultinomial, .topicMixture])
    func whatEntriesAddMakesTheLogLikelihood(likelihood: LikelihoodKind) throws {
        let model = try variationalModel(likelihood)
        guard let network = (model.network as? VariationalNetwork)?.model else { return }
        let inputs = try model.inputs(from: topicalCorpus(30, stream: 2))
        let entryLosses = EntryLosses(network)
        network.forEachDocumentLoss(of: inputs, samples: 1, seed: 0, execution: Execution()) { block in
            inputs.withUnsafeView { view in
                for (i, row) in block.rows.enumerated() where !view.entries(ofRow: row).isEmpty {
                    let losses = entryLosses.losses(
                        ofRow: row, of: view, code: block.codes + 4 * i, logLikelihood: block.logLikelihoods[i])
                    let sum = losses.reduce(0, +)
                    #expect(abs(sum + block.logLikelihoods[i]) < 1e-4 * sum && losses.allSatisfy { $0 >= 0 })
                }
            }
        }
    }

    @Test(arguments: ReconstructionObjective.allCases.filter { $0 != .squaredError })
    func likelihoodObjectivesScoreByNats(objective: ReconstructionObjective) throws {
        let model = try sparseModel(objective)
        let documents = try topicalCorpus(30, stream: 2)
        guard let network = model.network as? SparseAutoencoder else { return }
        let scores = try model.scores(of: documents)
        let report = try network.reconstruction(of: try model.inputs(from: documents))
        let mean = scores.reduce(0) { $0 + $1.loss } / 30
        let expected = try #require(report.lossPerDocument)
        #expect(abs(mean - expected) < 1e-6 * mean)
        #expect(scores.allSatisfy { $0.score.isFinite })
    }

    /// A document's score is the same wherever it stands, whatever stands beside it.
    @Test func neitherRowNorNeighboursMatter() throws {
        let model = try variationalModel(.multinomial)
        let corpus = try topicalCorpus(40, stream: 2)
        let rows = [31, 5, 17, 5]
        let chosen = Corpus(matrix: corpus.matrix.rows(rows), provenance: corpus.provenance)
        let (all, some) = (try model.scores(of: corpus), try model.scores(of: chosen))
        for (score, row) in zip(some, rows) { #expect(score.loss == all[row].loss) }
    }

    @Test func threadsAndBlocksDoNotMatter() throws {
        let documents = try topicalCorpus(600, stream: 2)
        for model in [try sparseModel(), try variationalModel(.multinomial)] {
            let scores = try [1, 2].map {
                try model.scores(of: documents, execution: Execution(parallelism: Parallelism(threads: $0)))
            }
            #expect(scores[0] == scores[1])
        }
    }

    /// The share of new documents with a tail of at most p is about p, whatever the spread of a group.
    @Test func tailsAreCalibratedForNewDocuments() {
        var generator = RandomGenerator(seed: 11)
        func sample(_ count: Int) -> (sizes: [Int], losses: [Double]) {
            let sizes = (0..<count).map { _ in Int.random(in: 1...40, using: &generator) }
            return (sizes, sizes.map { Double($0) + Double($0).squareRoot() * Double(generator.nextNormal()) })
        }
        let known = sample(1_000), new = sample(20_000)
        let reference = ScoreReference(sizes: known.sizes, losses: known.losses)
        let tails = zip(new.sizes, new.losses).map { reference.tail(reference.standardized($1, size: $0)) }
        for p in [0.01, 0.05, 0.5] {
            // The threshold is an order statistic of 1,000 draws; four of its standard deviations.
            let share = Double(tails.count { $0 <= p }) / Double(tails.count)
            #expect(abs(share - p) <= 4 * (p * (1 - p) / 1_000).squareRoot(), "\(p): \(share)")
        }
    }

    /// Documents that are not learned from are kept out by default, and their losses go into the model file.
    @Test func trainingKeepsAReference() throws {
        let corpus = try topicalCorpus(2_000, stream: 6)
        var settings = ModelSettings()
        settings.autoencoder.latentWidth = 4
        settings.training.epochs = 1
        let model = try FeatureModel.train(on: corpus, settings)
        let reference = try #require(model.reference)
        #expect(reference.sizes.count == 100)
        let rows = model.record.training.split(rowCount: 2_000).heldOut
        let scores = try model.scores(of: corpus.rows(rows))
        #expect(
            reference
                == ScoreReference(sizes: scores.map(\.entries), losses: scores.map { Double(Float($0.score)) }))
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try model.save(to: path)
        #expect(try FeatureModel(contentsOf: path).reference == reference)
        settings.training.referenceRows = 0
        #expect(try FeatureModel.train(on: corpus, settings).reference == nil)
        settings.training.validationFraction = 0.25
        #expect(try FeatureModel.train(on: corpus, settings).reference?.sizes.count == 500)
        #expect(ScoreReference.suitableRows(of: 1_999) == 0 && ScoreReference.suitableRows(of: 1 << 30) == 1_000)
    }

    @Test func aReferenceKnowsWhatIsUsualForASize() {
        // Small documents lose 1 ± ½, large ones 10 ± 2.
        let sizes = (0..<200).map { $0 % 2 == 0 ? 5 : 50 }
        let losses = (0..<200).map { i in
            i % 2 == 0 ? (i % 4 == 0 ? 0.5 : 1.5) : (i % 4 == 1 ? 8.0 : 12)
        }
        let reference = ScoreReference(sizes: sizes, losses: losses)
        #expect(abs(reference.standardized(2, size: 5) - 2) < 1e-12)
        #expect(abs(reference.standardized(10, size: 50)) < 1e-12)
        #expect(abs(reference.standardized(14, size: 1000) - 2) < 1e-12)
        #expect(reference.tail(1.5) == 0 && reference.tail(0) == 0.5 && reference.tail(-3) == 1)
        let none = ScoreReference(sizes: [], losses: [])
        #expect(none.standardized(3, size: 1) == 3 && none.tail(3) == 1)
        #expect(ScoreReference(sizes: [1, 1], losses: [2, 2]).standardized(3, size: 1) == 1)
    }

    /// Losses that no 32-bit number holds exactly: a document like all others is not strange for their rounding.
    @Test(arguments: [0.1, 1 / 3.0, 123.456, -7.7]) func whatIsLikeAllOthersIsNotStrange(loss: Double) {
        let reference = ScoreReference(sizes: [3, 3, 3], losses: [loss, loss, loss])
        #expect(
            reference.standardized(loss, size: 3) == 0 && reference.tail(reference.standardized(loss, size: 3)) == 1)
        #expect(reference.tail(reference.standardized(loss + 1, size: 3)) == 0)
    }

    /// Nothing can be said of documents without tokens, and they say nothing of others.
    @Test func emptyDocumentsAreNeitherUsualNorStrange() throws {
        let corpus = try topicalCorpus(200, stream: 7)
        var settings = ModelSettings(VariationalSettings())
        settings.variational.latentWidth = 2
        settings.training.epochs = 1
        let model = try FeatureModel.train(on: corpus, settings)
        var scoring = ScoreSettings()
        scoring.reference = try ScoreReference(model, on: corpus)
        #expect(scoring.reference?.sizes.allSatisfy { $0 > 0 } == true)
        for score in try model.scores(of: corpus, scoring) where score.entries == 0 {
            #expect(score.score == 0 && score.tail == 1)
        }
    }
}

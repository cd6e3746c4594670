import Autoencoders
import Corpora
import SparseMatrices
import Testing

@testable import Gossamer

@Suite struct GenerationTests {
    private let corpus: Corpus

    init() throws { corpus = try smallCorpus() }

    private func settings(
        _ origin: GenerationSettings.Origin = .prior, seed: UInt64 = 3, spread: Float = 1
    ) -> GenerationSettings {
        var settings = GenerationSettings()
        settings.origin = origin
        settings.seed = seed
        settings.spread = spread
        return settings
    }

    private func models() throws -> [FeatureModel] {
        [
            try FeatureModel.train(on: corpus, quickVariationalSettings()),
            try FeatureModel.train(on: corpus, quickSettings()),
        ]
    }

    @Test func theSeedAndTheDocumentsNumberAloneDecide() throws {
        for model in try models() {
            for origin in [.prior, .training, .near(corpus)] as [GenerationSettings.Origin] {
                let documents = try model.generate(
                    100, settings(origin), execution: Execution(parallelism: .serial))
                #expect(documents.matrix.rowCount == 100 && documents.matrix.columnCount == 45)
                #expect(documents.salience.count == documents.matrix.entryCount)
                for threads in 2...3 {
                    let execution = Execution(parallelism: Parallelism(threads: threads))
                    #expect(try model.generate(100, settings(origin), execution: execution) == documents)
                }
                let fewer = try model.generate(37, settings(origin))
                #expect(fewer.matrix == documents.matrix.rows(0..<37))
                #expect(fewer.salience == Array(documents.salience.prefix(fewer.matrix.entryCount)))
                #expect(try model.generate(100, settings(origin, seed: 4)).matrix != documents.matrix)
                #expect(try model.generate(0, settings(origin)).matrix.rowCount == 0)
            }
        }
    }

    @Test func variationalDocumentsHaveLengthsOfTheCorpus() throws {
        let model = try models()[0]
        let documents = try model.generate(400, settings()).matrix
        var empty = 0
        for row in 0..<400 {
            let (columns, counts) = documents.row(row)
            #expect(zip(columns, columns.dropFirst()).allSatisfy { $0 < $1 })
            #expect(counts.allSatisfy { $0 >= 1 && $0 == $0.rounded() })
            let length = Int(counts.reduce(0, +))
            #expect(length == 0 || length == 9)
            if length == 0 { empty += 1 }
        }
        #expect((12...60).contains(empty), "\(empty) of 400 are empty, where 34 are expected")
    }

    @Test func theMostSalientWordsComeFirst() throws {
        for model in try models() {
            let documents = try model.generate(30, settings())
            for row in 0..<30 {
                let order = documents.entriesBySalience(ofRow: row)
                #expect(order.sorted() == documents.matrix.withUnsafeView { Array($0.entries(ofRow: row)) })
                let salience = order.map { documents.salience[$0] }
                #expect(zip(salience, salience.dropFirst()).allSatisfy { $0 >= $1 })
            }
        }
    }

    /// A document drawn near one of a topic is of that topic; the three topics have words of their own.
    @Test func documentsNearOthersResembleThem() throws {
        let corpus = try smallCorpus(documents: 400)
        let variational = try FeatureModel.train(
            on: corpus, quickVariationalSettings(latent: 4, hidden: [20]) { $0.training.epochs = 60 })
        let sparse = try FeatureModel.train(on: corpus, quickSettings(latent: 12) { $0.training.epochs = 20 })
        for model in [variational, sparse] {
            func ownTopic(_ documents: CSRMatrix) -> Double {
                var own: Float = 0
                for row in 0..<400 where row % 11 != 5 {
                    let (columns, values) = documents.row(row)
                    for (column, value) in zip(columns, values) where Int(column) % 3 == row % 3 { own += value }
                }
                let all = (0..<400).filter { $0 % 11 != 5 }.flatMap { documents.row($0).values }.reduce(0, +)
                return Double(own / all)
            }
            let near = ownTopic(try model.generate(400, settings(.near(corpus))).matrix)
            let free = ownTopic(try model.generate(400, settings()).matrix)
            #expect(near > 0.75 && free < 0.5, "\(model.kind): \(near) near, \(free) without")
            func purity(_ origin: GenerationSettings.Origin) throws -> Double {
                let documents = try model.generate(400, settings(origin)).matrix
                let pure = (0..<400).count { Set(documents.row($0).columnIndices.map { $0 % 3 }).count <= 1 }
                return Double(pure) / 400
            }
            let (trained, prior) = (try purity(.training), try purity(.prior))
            #expect(model.kind == .sparse ? trained == prior : trained > prior, "\(trained) of one topic, \(prior)")
        }
    }

    @Test func aLineHasBothItsEnds() throws {
        for model in try models() {
            let line = try line(model, count: 5)
            let codes = try model.embed(corpus)
            #expect((0..<5).map(line.point).first == codes.row(0))
            #expect((0..<5).map(line.point).last == codes.row(4))
            for (unit, value) in line.point(2).enumerated() {
                #expect(abs(value - (codes[0, unit] + codes[4, unit]) / 2) < 1e-5)
            }
            let documents = try model.generate(5, settings(.between(corpus, 0, 4)))
            #expect(documents.matrix.rowCount == 5)
            #expect(
                try model.generate(5, settings(.between(corpus, 0, 4)), execution: Execution(parallelism: .serial))
                    == documents)
        }
    }

    private func line(_ model: FeatureModel, count: Int) throws -> LatentLine {
        let source = try model.latentSource(count, settings(.between(corpus, 0, 4)), execution: Execution())
        guard case .line(let line) = source else { throw GenerationError.lineTooShort }
        return line
    }

    @Test func linesAndNeighboursThatCannotBeAreErrors() throws {
        let none = try smallCorpus(documents: 0)
        for model in try models() {
            func expect(_ error: GenerationError, _ origin: GenerationSettings.Origin, count: Int = 4) {
                #expect(throws: error) { try model.generate(count, settings(origin)) }
            }
            expect(.noDocuments, .near(none))
            expect(.noSuchRow(71, documents: 70), .between(corpus, 0, 70))
            expect(.noSuchRow(0, documents: 70), .between(corpus, -1, 3))
            expect(.lineTooShort, .between(corpus, 1, 2), count: 1)
        }
        #expect(throws: LikelihoodError.self) {
            try models()[0].generate(3, settings(.near(smallCorpus(negatives: true))))
        }
    }

    @Test func olderSparseModelsNeedDocumentsToBeNear() throws {
        let model = try models()[1]
        let old = FeatureModel(
            network: model.network, weighting: model.weighting, indexBase: model.indexBase,
            vocabulary: model.vocabulary, record: model.record)
        let folder = try ScratchFolder()
        try old.save(to: folder.path("old"))
        let loaded = try FeatureModel(contentsOf: folder.path("old"))
        #expect(loaded.observed == nil)
        #expect(throws: GenerationError.nothingObserved) { try loaded.generate(3) }
        #expect(GenerationError.nothingObserved.description.contains("near to with near"))
        let near = try loaded.generate(70, settings(.near(corpus)))
        #expect(near.matrix.rowCount == 70 && near.matrix.entryCount > 0)
        #expect(try loaded.generate(3, settings(.between(corpus, 0, 1))).matrix.rowCount == 3)
    }

    @Test(arguments: WeightingScheme.all, FeatureWeighting.Normalization.allCases)
    func sparseDocumentsLookLikeThoseObserved(
        scheme: WeightingScheme, normalization: FeatureWeighting.Normalization
    ) throws {
        let model = try FeatureModel.train(
            on: corpus,
            quickSettings {
                ($0.weighting, $0.normalization) = (scheme, normalization)
                $0.training.epochs = 10
            })
        let documents = try model.generate(600, settings()).matrix
        let most = Int(try #require(model.observed?.sizes.values.map(\.entries).max()))
        #expect((0..<600).allSatisfy { documents.entryCount(ofRow: $0) <= most })
        let mean = Double(documents.entryCount) / 600
        #expect(abs(mean - Double(corpus.matrix.entryCount) / 70) < 0.5, "\(mean) entries a row")
        #expect(documents.values.allSatisfy { $0 > 0 })
        if scheme != .none { #expect(documents.isCounts) }
        if scheme == .binary { #expect(documents.values.allSatisfy { $0 == 1 }) }
        if normalization == .l2, [.log, .tfIdf].contains(scheme) {
            // All documents of the corpus that are not empty have nine words.
            for row in 0..<600 where documents.entryCount(ofRow: row) > 0 {
                #expect(abs(documents.row(row).values.reduce(0, +) - 9) <= 3)
            }
        }
        // Topics do not mix.
        let pure = (0..<600).count { Set(documents.row($0).columnIndices.map { $0 % 3 }).count <= 1 }
        #expect(pure > 400, "\(pure) of 600 documents are of one topic")
    }

    @Test(arguments: LikelihoodKind.allCases, WeightingScheme.all)
    func everyLikelihoodMakesDocuments(likelihood: LikelihoodKind, scheme: WeightingScheme) throws {
        let model = try FeatureModel.train(
            on: corpus,
            quickVariationalSettings {
                $0.variational.likelihood = likelihood
                $0.weighting = scheme
                $0.training.epochs = 6
            })
        for origin in [.prior, .training, .near(corpus), .between(corpus, 1, 3)] as [GenerationSettings.Origin] {
            let documents = try model.generate(300, settings(origin), execution: Execution(parallelism: .serial))
            #expect(try model.generate(300, settings(origin)) == documents)
            #expect(documents.matrix.values.allSatisfy { $0 > 0 } && documents.salience.allSatisfy(\.isFinite))
            if likelihood != .gaussian || scheme != .none { #expect(documents.matrix.isCounts) }
            if likelihood == .bernoulli || scheme == .binary && likelihood == .gaussian {
                #expect(documents.matrix.values.allSatisfy { $0 == 1 })
            }
            guard case .prior = origin, scheme == .none else { continue }
            let mean = Double(documents.matrix.entryCount) / 300
            #expect((5...9.2).contains(mean), "\(mean) entries a row, where the corpus has 7.5")
        }
        #expect(model.hasTemperature == [.multinomial, .dirichletMultinomial].contains(likelihood))
        // Far beyond the data documents may be odd, but they are documents.
        #expect(try model.generate(5, settings(spread: 1e38)).matrix.rowCount == 5)
    }

    @Test(arguments: ReconstructionObjective.allCases)
    func everyObjectiveMakesDocuments(objective: ReconstructionObjective) throws {
        let weightings: [(WeightingScheme, FeatureWeighting.Normalization)] = [(.none, .none), (.tfIdf, .l2)]
        for (scheme, normalization) in weightings {
            let model = try FeatureModel.train(
                on: corpus,
                quickSettings {
                    $0.autoencoder.objective = objective
                    ($0.weighting, $0.normalization) = (scheme, normalization)
                    $0.training.epochs = 10
                })
            let documents = try model.generate(300, settings(), execution: Execution(parallelism: .serial))
            #expect(try model.generate(300, settings()) == documents)
            #expect(documents.matrix.entryCount > 300 && documents.salience.allSatisfy(\.isFinite))
            #expect(documents.matrix.values.allSatisfy { $0 > 0 })
            if objective != .squaredError || scheme != .none { #expect(documents.matrix.isCounts) }
            #expect(try model.generate(5, settings(spread: 1e38)).matrix.rowCount == 5)
        }
    }

    @Test func negativeEntriesAreKeptWhereTheyWereObserved() throws {
        let corpus = try smallCorpus(negatives: true)
        let model = try FeatureModel.train(on: corpus, quickSettings())
        #expect(try #require(model.observed).smallestEntry < 0)
        let values = try model.generate(50, settings()).matrix.values
        #expect(values.contains { $0 < 0 } && values.contains { $0 > 0 })
    }

    @Test func olderVariationalModelsHaveTheirPrior() throws {
        let model = try models()[0]
        let old = FeatureModel(
            network: model.network, weighting: model.weighting, indexBase: model.indexBase,
            vocabulary: model.vocabulary, record: model.record)
        #expect(try old.generate(20, settings()) == model.generate(20, settings()))
        #expect(throws: GenerationError.nothingObserved) { try old.generate(3, settings(.training)) }
        // What a newer model remembers is what its encoder says.
        let codes = try #require(model.observed?.codes)
        #expect(bits(codes) == bits(try model.embed(corpus, withVariance: true)))
    }

    @Test func aModelKeepsCodesOfAThousandDocumentsAtMost() throws {
        let corpus = try smallCorpus(documents: 1500)
        let model = try FeatureModel.train(on: corpus, quickSettings())
        let observed = try #require(model.observed)
        let codes = try #require(observed.codes)
        #expect(codes.rowCount == 1024 && codes.columnCount == 6)
        // In the corpus' order.
        let all = try model.embed(corpus)
        var next = 0
        for row in 0..<1500 where next < 1024 && all.row(row) == codes.row(next) { next += 1 }
        #expect(next == 1024)
        #expect(observed.sizes.documentCount == 1500)
        #expect(observed.documentsPerFeature.reduce(0) { $0 + Int($1) } == corpus.matrix.entryCount)
        #expect(observed.usedFeatures == Set(corpus.matrix.columnIndices))
        let entryCounts = zip(observed.sizes.values, observed.sizes.documents).flatMap { size, documents in
            Array(repeating: Int(size.entries), count: Int(documents))
        }
        #expect(entryCounts == (0..<1500).map(corpus.matrix.entryCount(ofRow:)).sorted())
    }
}

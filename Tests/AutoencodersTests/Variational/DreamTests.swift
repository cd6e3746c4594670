import RealModule
import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct DreamTests {
    private func model(_ kind: LikelihoodKind, decoderScale: Float = 0.8) -> VariationalAutoencoder {
        VariationalAutoencoder.random(
            features: 13, hiddenWidths: [6, 5], latentWidth: 3, decoderScale: decoderScale, likelihood: kind)
    }

    private func dreams(
        _ kind: LikelihoodKind, decoderScale: Float = 0.8, z: [Float], lengths: [Double], step: UInt64 = 1,
        threads: Int = 1
    ) -> CSRMatrix {
        let points = ScratchMatrix()
        points.resize(rows: lengths.count, width: 3)
        points.fill(z)
        return DreamedDocuments(model(kind, decoderScale: decoderScale)).documents(
            near: points, lengths: lengths, noise: NoiseSource(seed: 9, step: step),
            parallelism: Parallelism(threads: threads))
    }

    @Test(arguments: [LikelihoodKind.multinomial, .dirichletMultinomial, .topicMixture])
    func haveTheLengthsAskedFor(kind: LikelihoodKind) {
        let lengths = (0..<70).map { $0 % 7 == 3 ? 0 : Double($0) * 1.2 }
        let documents = dreams(kind, z: Numbers.normal(210, seed: 1), lengths: lengths)
        #expect(documents.rowCount == 70 && documents.columnCount == 13)
        for (row, length) in lengths.enumerated() {
            #expect(documents.row(row).values.reduce(0, +) == Float(length.rounded()), "row \(row)")
        }
    }

    /// With a decoder that does not look at z, words are drawn from the softmax of its biases.
    @Test(arguments: [LikelihoodKind.multinomial, .topicMixture])
    func haveTheWordsOfTheDecoder(kind: LikelihoodKind) {
        let count = 400.0
        let documents = dreams(
            kind, decoderScale: 0, z: Numbers.normal(300, seed: 1), lengths: Array(repeating: count, count: 100))
        let expected = DenseMultinomial(model(.multinomial, decoderScale: 0).decoder).softmax([0, 0, 0])
        let sums = documents.denseRows(documents.allRows).reduce(into: [Double](repeating: 0, count: 13)) {
            for word in $0.indices { $0[word] += $1[word] }
        }
        for (word, sum) in sums.enumerated() {
            let mean = 100 * count * expected[word]
            #expect(abs(sum - mean) < 5 * mean.squareRoot(), "word \(word): \(sum), not \(mean)")
        }
    }

    /// Dreams start from documents: on average they are more probable at their own than at another's.
    @Test(arguments: [LikelihoodKind.multinomial, .dirichletMultinomial, .topicMixture])
    func areNearWhereTheyStart(kind: LikelihoodKind) {
        let model = model(kind, decoderScale: 2)
        let z = Numbers.normal(300, scale: 2, seed: 5)
        let documents = dreams(kind, decoderScale: 2, z: z, lengths: Array(repeating: 30, count: 100))
        let dense = DenseLikelihood(kind, model.decoder, model.dispersion)
        let rows = documents.denseRows(documents.allRows)
        func point(_ row: Int) -> [Double] { z[row * 3..<row * 3 + 3].map(Double.init) }
        let gains = rows.indices.map { row in
            dense.logLikelihood(rows[row], point(row)) - dense.logLikelihood(rows[row], point((row + 1) % 100))
        }
        #expect(gains.reduce(0, +) / 100 > 5)
    }

    @Test func dependOnTheStepAndNotOnThreads() {
        let z = Numbers.normal(300, seed: 2), lengths = (0..<100).map(Double.init)
        let one = dreams(.multinomial, z: z, lengths: lengths)
        #expect(dreams(.multinomial, z: z, lengths: lengths, threads: 3) == one)
        #expect(dreams(.multinomial, z: z, lengths: lengths, step: 2) != one)
    }

    @Test func resembleWholeCountsOfWordsAlone() throws {
        func matrix(_ values: [Float]) throws -> WeightedRows {
            WeightedRows(
                try CSRMatrix(
                    rowCount: 2, columnCount: 3, rowOffsets: [0, 1, 2], columnIndices: [0, 2], values: values))
        }
        for kind in LikelihoodKind.allCases {
            #expect(DreamedDocuments.resemble(try matrix([1, 7]), kind) == kind.isPerToken)
            #expect(!DreamedDocuments.resemble(try matrix([1, 0.5]), kind))
            #expect(!DreamedDocuments.resemble(try matrix([-1, 2]), kind))
        }
    }

    /// The encoder's gradient on dreams is that of its own bound, the noise held fixed, and the decoder gets none.
    @Test(arguments: [LikelihoodKind.multinomial, .dirichletMultinomial, .topicMixture])
    func gradientAgreesWithDifferences(kind: LikelihoodKind) throws {
        let counts = GeneratedMatrix.random(rows: 8, columns: 13, density: 0.4, seed: 6).asCounts
        let model = model(kind)
        var trainer = VariationalTrainer(model: model, targets: WeightedRows(counts), seed: 17, execution: .serial)
        var statistics = BoundStatistics(width: 3)
        let still = VariationalRates(input: 0, layers: 0, decoder: 0)
        _ = trainer.step(
            [6, 1, 3, 0, 4], step: 5, corruption: nil, beta: 0.7, refinement: PosteriorRefinement(steps: 2),
            rates: still, statistics: &statistics)
        let decoderGradient = trainer.decoderGradient.linear.weights
        trainer.dream(step: 5, beta: 0.7, rates: still)
        #expect(trainer.decoderGradient.linear.weights == decoderGradient)
        #expect(trainer.model.bits == model.bits)
        let documents = trainer.batch.withTargets { view in
            (0..<5).map { row in
                view.entries(ofRow: row).reduce(into: [Double](repeating: 0, count: 13)) {
                    $0[Int(view.columnIndices[$1])] += Double(view.values[$1])
                }
            }
        }
        let inputs = documents.map { document -> [Double] in
            let logarithms = document.map { Double(Float.log(onePlus: Float($0))) }
            let norm = dot(logarithms, logarithms).squareRoot()
            return logarithms.map { norm > 0 ? $0 / norm.squareRoot() : 0 }
        }
        for parameters in VariationalParameters.all(of: model) where !parameters.belongToDecoder {
            expectGradient(
                "\(kind), \(parameters)", parameters.gradient(of: trainer), at: parameters.values(of: model),
                step: 1e-3, tolerance: 1e-3
            ) { values in
                let dense = DenseVariational(parameters.setting(values, in: model))
                let losses = documents.indices.map { i in
                    dense.negativeBound(
                        documents[i], dense.posterior(inputs[i]),
                        noise: [documentNoise(width: 3, seed: 17, step: 5 | 1 << 63, draw: 0, row: i)], beta: 0.7)
                        / max(1, documents[i].reduce(0, +)).squareRoot()
                }
                return LossSample(value: losses.reduce(0, +) / 5)
            }
        }
    }

    /// Few documents, which an encoder soon knows by heart.
    @Test func improveTheEncoderOnOtherDocuments() throws {
        func loss(dreaming: Float?) throws -> Double {
            let few = PlantedTopics(
                documents: 80, words: 200, topicWords: 20, noiseWords: 10, hasUnitLength: false)
            let fresh = PlantedTopics(
                documents: 300, words: 200, topicWords: 20, noiseWords: 10, hasUnitLength: false, seed: 2)
            var training = TrainingSettings()
            training.epochs = 40
            let model = try trainVariationalAutoencoder(
                on: few.matrix,
                variational {
                    $0.dreaming = dreaming; $0.hiddenWidths = [200]; $0.denoising = 0
                }, training: training)
            return model.bound(on: fresh.matrix).lossPerToken
        }
        let (without, sometimes, always) = try (loss(dreaming: nil), loss(dreaming: 0.5), loss(dreaming: 1))
        #expect(always < without - 0.01, "\(without), \(sometimes), \(always)")
        #expect(sometimes < without, "\(without), \(sometimes), \(always)")
    }
}

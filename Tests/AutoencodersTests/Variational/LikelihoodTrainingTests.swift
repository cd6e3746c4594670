import RealModule
import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct LikelihoodTrainingTests {
    private func planted(documents: Int = 500, seed: UInt64 = 1) -> PlantedTopics {
        PlantedTopics(
            documents: documents, words: 200, topicCount: 5, topicWords: 30, noiseWords: 10, hasUnitLength: false,
            seed: seed)
    }

    private func model(
        _ kind: LikelihoodKind, on matrix: CSRMatrix, epochs: Int = 30, latentWidth: Int = 8
    ) throws -> VariationalAutoencoder {
        try trainVariationalAutoencoder(
            on: matrix,
            variational {
                $0.likelihood = kind; $0.latentWidth = latentWidth
            },
            training: training(epochs: epochs))
    }

    private func refinedBound(_ model: VariationalAutoencoder, on matrix: CSRMatrix) -> BoundReport {
        var settings = VariationalAutoencoder.BoundSettings()
        settings.refinementSteps = 20
        return model.bound(on: matrix, settings)
    }

    /// −log p of the documents in nats each, the features independent, with the training documents' parameters.
    private func independentLoss(_ kind: LikelihoodKind, training: CSRMatrix, on matrix: CSRMatrix) -> Double {
        let start = DecoderStart(kind, WeightedRows(training), rows: Array(training.allRows))
        var generator = RandomGenerator(seed: 1)
        let features = training.columnCount
        let dispersion = start.dispersion(latentWidth: 1, generator: &generator)
        let zeros = DenseMatrix(rowCount: features, columnCount: 1)
        let dense = DenseLikelihood(
            kind, LinearDecoder(weights: zeros, bias: start.bias),
            dispersion.map {
                DispersionDecoder(
                    linear: LinearDecoder(weights: DenseMatrix(rowCount: $0.count, columnCount: 1), bias: $0.center),
                    center: $0.center)
            })
        let rows = kind.observations(from: matrix).denseRows(matrix.allRows)
        return -rows.reduce(0) { $0 + dense.logLikelihood($1, [0]) } / Double(rows.count)
    }

    private func cosine(_ a: [Double], _ b: [Double]) -> Double {
        dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }

    /// The word distributions that `PlantedTopics` draws from, without the words that all topics share.
    private var trueTopics: [[Double]] {
        (0..<5).map { topic in (0..<165).map { $0 / 33 == topic ? 1 : 0 } }
    }

    @Test func topicMixtureRecoversTopics() throws {
        let data = planted()
        let model = try model(.topicMixture, on: data.matrix)
        let topics = model.decoder.topicDistributions
        let learned = (0..<8).map { unit in (0..<165).map { Double(topics[$0, unit]) } }
        for (i, topic) in trueTopics.enumerated() {
            let best = learned.map { cosine($0, topic) }.max() ?? 0
            #expect(best > 0.8, "topic \(i): \(best)")
        }
        let fresh = planted(documents: 300, seed: 2)
        #expect(fresh.nearestCentroidAccuracy(model.encode(fresh.matrix)) > 0.9)
        #expect(
            refinedBound(model, on: fresh.matrix).loss
                < independentLoss(.topicMixture, training: data.matrix, on: fresh.matrix) - 5)
    }

    @Test func multinomialRecoversTopics() throws {
        let data = planted()
        let model = try model(.multinomial, on: data.matrix)
        let codes = model.encode(data.matrix)
        let dense = DenseMultinomial(model.decoder)
        for (i, topic) in trueTopics.enumerated() {
            let rows = data.topics.indices.filter { data.topics[$0] == i }
            let mean = (0..<8).map { unit in
                rows.reduce(0.0) { $0 + Double(codes[$1, unit]) } / Double(rows.count)
            }
            #expect(cosine(Array(dense.softmax(mean).prefix(165)), topic) > 0.85, "topic \(i)")
        }
    }

    @Test(arguments: [LikelihoodKind.bernoulli, .poisson, .dirichletMultinomial])
    func beatsIndependentFeatures(kind: LikelihoodKind) throws {
        let (data, fresh) = (planted(), planted(documents: 300, seed: 2))
        let model = try model(kind, on: data.matrix)
        #expect(fresh.nearestCentroidAccuracy(model.encode(fresh.matrix)) > 0.9)
        let loss = refinedBound(model, on: fresh.matrix).loss
        let independent = independentLoss(kind, training: data.matrix, on: fresh.matrix)
        #expect(loss < independent - 5, "\(loss), \(independent)")
    }

    /// Two factors under noise: of small variance in the first features, of large one in the others.
    private func factors(rows: Int, unit: Float, seed: UInt64) -> CSRMatrix {
        let features = 12
        let loadings = Numbers.normal(2 * features, seed: 99)
        let z = Numbers.normal(2 * rows, seed: seed), noise = Numbers.normal(rows * features, seed: seed + 1)
        var values: [Float] = []
        for row in 0..<rows {
            for v in 0..<features {
                let sigma: Float = v < 6 ? 0.3 : 2
                let mean = 2 * loadings[2 * v] * z[2 * row] + 2 * loadings[2 * v + 1] * z[2 * row + 1] + 1
                values.append(unit * (mean + sigma * noise[row * features + v]))
            }
        }
        return try! CSRMatrix(
            rowCount: rows, columnCount: features, rowOffsets: (0...rows).map { $0 * features },
            columnIndices: (0..<rows * features).map { UInt32($0 % features) }, values: values)
    }

    /// In any unit: what a unit is multiplied by adds its logarithm to every log-variance.
    @Test(arguments: [1, 1000] as [Float])
    func gaussianLearnsVariances(unit: Float) throws {
        let (data, fresh) = (factors(rows: 800, unit: unit, seed: 3), factors(rows: 300, unit: unit, seed: 8))
        let model = try model(.gaussian, on: data, epochs: 60, latentWidth: 3)
        let loss = refinedBound(model, on: fresh).loss
        let independent = independentLoss(.gaussian, training: data, on: fresh)
        #expect(loss < independent - 3, "\(loss), \(independent)")
        let dense = DenseVariational(model).likelihood
        let codes = model.encode(fresh)
        var means = [Double](repeating: 0, count: 12)
        for row in 0..<300 {
            for (v, s) in dense.dispersions(codes.row(row).map(Double.init)).enumerated() {
                means[v] += s.value / 300
            }
        }
        for (v, mean) in means.enumerated() {
            let truth = 2 * Double.log(Double(unit) * (v < 6 ? 0.3 : 2))
            #expect(abs(mean - truth) < 1.1, "feature \(v): log-variance \(mean), true \(truth)")
        }
    }

    @Test(arguments: LikelihoodKind.allCases, GeneratedMatrix.all)
    func everyKindOfMatrixCanBeTrainedOn(kind: LikelihoodKind, generated: GeneratedMatrix) throws {
        for matrix in [generated.matrix.asCounts, generated.matrix] {
            let model = try model(kind, on: matrix, epochs: 2)
            #expect(model.isFinite && model.likelihood == kind)
            #expect(model.encode(matrix).elements.allSatisfy { $0.isFinite })
        }
    }

    @Test(arguments: LikelihoodKind.allCases)
    func theSeedAloneDecides(kind: LikelihoodKind) throws {
        let data = planted(documents: 150)
        let models = try [1, 3].map {
            try trainVariationalAutoencoder(
                on: data.matrix, variational { $0.likelihood = kind }, training: training(epochs: 2),
                execution: Execution(parallelism: Parallelism(threads: $0))
            ).bits
        }
        #expect(models[0] == models[1])
    }

    /// Documents that the encoder has never seen the like of: the way to their posteriors is long and steep.
    @Test(arguments: LikelihoodKind.allCases, [10, 40] as [Float])
    func refinementHelpsOutlyingDocuments(kind: LikelihoodKind, factor: Float) throws {
        let data = planted(documents: 150)
        let model = try model(kind, on: data.matrix, epochs: 10)
        let entries = (0..<20).map { data.matrix.row($0) }
        let long = try CSRMatrix(
            rowCount: 20, columnCount: 200,
            rowOffsets: entries.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.values.count) },
            columnIndices: entries.flatMap { Array($0.columnIndices) },
            values: entries.flatMap { $0.values.map { factor * $0 } })
        var settings = VariationalAutoencoder.BoundSettings()
        let plain = model.bound(on: long, settings).loss
        settings.refinementSteps = 60
        let refined = model.bound(on: long, settings).loss
        #expect(refined < plain, "\(plain), \(refined)")
    }

    @Test(arguments: LikelihoodKind.allCases)
    func refinementTightensTheBound(kind: LikelihoodKind) throws {
        let data = planted(documents: 150)
        let model = try model(kind, on: data.matrix, epochs: 3)
        var settings = VariationalAutoencoder.BoundSettings()
        let plain = model.bound(on: data.matrix, settings).loss
        settings.refinementSteps = 30
        let refined = model.bound(on: data.matrix, settings).loss
        #expect(refined < plain, "\(plain), \(refined)")
    }
}

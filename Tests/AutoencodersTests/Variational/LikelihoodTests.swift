import RealModule
import SparseMatrices
import Testing

@testable import Autoencoders

/// A likelihood of any kind with random parameters and documents, and a point z for every document.
private struct Problem {
    let kind: LikelihoodKind
    let documents: CSRMatrix
    let decoder: LinearDecoder
    let dispersion: DispersionDecoder?
    let z: [Float]
    let batch: SparseBatch

    init(_ kind: LikelihoodKind, _ documents: CSRMatrix, width: Int, scale: Float = 0.6, seed: UInt64 = 5) {
        self.kind = kind
        self.documents = kind.observations(from: documents)
        let features = documents.columnCount
        func decoder(_ offset: UInt64) -> LinearDecoder {
            LinearDecoder(
                weights: Numbers.matrix(features, width, scale: scale, seed: seed + offset),
                bias: Numbers.normal(features, scale: 0.8, seed: seed + offset + 1))
        }
        self.decoder = decoder(0)
        dispersion = .random(kind, features: features, latentWidth: width, seed: seed + 10)
        z = Numbers.normal(documents.rowCount * width, seed: seed + 2)
        batch = self.documents.batch(documents.allRows)
    }

    var width: Int { decoder.latentWidth }
    var dense: DenseLikelihood { DenseLikelihood(kind, decoder, dispersion) }

    func likelihood(blockWidth: Int?) -> any Likelihood {
        guard let blockWidth else { return kind.of(decoder, dispersion: dispersion) }
        return switch kind {
        case .multinomial: MultinomialLikelihood(decoder, blockWidth: blockWidth)
        case .dirichletMultinomial:
            DirichletMultinomialLikelihood(decoder, concentration: dispersion!, blockWidth: blockWidth)
        case .topicMixture: TopicMixtureLikelihood(decoder)
        case .bernoulli: LinkLikelihood<BernoulliLikelihood>(decoder, blockWidth: blockWidth)
        case .poisson: LinkLikelihood<PoissonLikelihood>(decoder, blockWidth: blockWidth)
        case .gaussian: GaussianLikelihood(decoder, logVariance: dispersion!, blockWidth: blockWidth)
        }
    }

    struct Evaluation: Equatable {
        var logLikelihoods: [Double] = []
        var gradient: [Float] = []
        var curvature: [Float] = []
        var weights: [Float] = []
        var bias: [Float] = []
        var dispersionWeights: [Float] = []
        var dispersionBias: [Float] = []
    }

    /// All that the likelihood computes; the decoder's gradient is of −½ Σ log p.
    func evaluate(
        blockWidth: Int? = nil, wantsCurvature: Bool = true, _ execution: Execution = .serial
    ) -> Evaluation {
        let likelihood = likelihood(blockWidth: blockWidth)
        let evidence = LikelihoodEvidence(), results = LikelihoodResults()
        batch.withTargets { likelihood.observe($0, into: evidence, execution: execution) }
        likelihood.evaluate(z, evidence: evidence, wantsCurvature: wantsCurvature, into: results, execution: execution)
        var evaluation = Evaluation(
            logLikelihoods: results.logLikelihoods, gradient: results.gradient.array,
            curvature: wantsCurvature ? results.curvature.array : [])
        var gradient = DecoderGradient()
        likelihood.decoderGradient(
            z, batch: batch, evidence: evidence, weight: -0.5, results: results, into: &gradient, execution: execution)
        evaluation.weights = gradient.linear.weights.elements
        evaluation.bias = gradient.linear.bias
        evaluation.dispersionWeights = gradient.dispersion.weights.elements
        evaluation.dispersionBias = gradient.dispersion.bias
        return evaluation
    }

    var rows: [(x: [Double], z: [Double])] {
        documents.denseRows(documents.allRows).enumerated().map { row, x in
            (x, z[row * width..<(row + 1) * width].map(Double.init))
        }
    }

    func expectDense(_ evaluation: Evaluation, tolerance: Double = 3e-5) {
        let (dense, rows) = (dense, rows)
        let likelihoods = rows.map { dense.logLikelihood($0.x, $0.z) }
        #expect(largestError(evaluation.logLikelihoods.map(Float.init), likelihoods) < tolerance, "\(kind) value")
        let gradient = rows.flatMap { row in differences(at: row.z) { dense.logLikelihood(row.x, $0) } }
        #expect(largestError(evaluation.gradient, gradient) < tolerance, "\(kind) gradient")
        let curvature = rows.flatMap { dense.curvature($0.x, $0.z) }
        #expect(largestError(evaluation.curvature, curvature) < tolerance, "\(kind) curvature")
        #expect(evaluation.curvature.allSatisfy { $0 >= 0 })
    }

    /// −½ Σ log p of other parameters.
    func loss(_ decoder: LinearDecoder, _ dispersion: DispersionDecoder?) -> Double {
        let dense = DenseLikelihood(kind, decoder, dispersion)
        return -0.5 * rows.reduce(0) { $0 + dense.logLikelihood($1.x, $1.z) }
    }
}

@Suite struct LikelihoodTests {
    @Test(arguments: LikelihoodKind.allCases, GeneratedMatrix.all)
    func agreesWithTheFormula(kind: LikelihoodKind, generated: GeneratedMatrix) {
        for width in [1, 9] {
            let problem = Problem(kind, generated.matrix.asCounts, width: width)
            problem.expectDense(problem.evaluate())
        }
    }

    @Test(arguments: LikelihoodKind.allCases)
    func decoderGradientAgreesWithDifferences(kind: LikelihoodKind) {
        let counts = GeneratedMatrix.random(rows: 6, columns: 14, density: 0.4, seed: 3).asCounts
        let problem = Problem(kind, counts, width: 3)
        for (blockWidth, wantsCurvature) in [(nil, true), (nil, false), (5, true)] as [(Int?, Bool)] {
            let evaluation = problem.evaluate(blockWidth: blockWidth, wantsCurvature: wantsCurvature)
            func check(_ name: String, _ gradient: [Float], at point: [Float], _ moved: ([Float]) -> Double) {
                expectGradient("\(kind) \(name)", gradient, at: point, step: 1e-3, tolerance: 1e-3) {
                    LossSample(value: moved($0))
                }
            }
            let (decoder, dispersion) = (problem.decoder, problem.dispersion)
            check("D", evaluation.weights, at: decoder.weights.elements) {
                problem.loss(
                    LinearDecoder(weights: DenseMatrix(rowCount: 14, columnCount: 3, elements: $0), bias: decoder.bias),
                    dispersion)
            }
            check("c", evaluation.bias, at: decoder.bias) {
                problem.loss(LinearDecoder(weights: decoder.weights, bias: $0), dispersion)
            }
            guard let dispersion else { continue }
            check("E", evaluation.dispersionWeights, at: dispersion.linear.weights.elements) {
                problem.loss(
                    decoder,
                    DispersionDecoder(
                        linear: LinearDecoder(
                            weights: DenseMatrix(rowCount: dispersion.count, columnCount: 3, elements: $0),
                            bias: dispersion.linear.bias), center: dispersion.center))
            }
            check("e", evaluation.dispersionBias, at: dispersion.linear.bias) {
                problem.loss(
                    decoder,
                    DispersionDecoder(
                        linear: LinearDecoder(weights: dispersion.linear.weights, bias: $0), center: dispersion.center))
            }
        }
    }

    @Test(arguments: LikelihoodKind.allCases, [1, 7, 29, 30])
    func blocksOfFeaturesChangeNothing(kind: LikelihoodKind, blockWidth: Int) {
        let counts = GeneratedMatrix.random(rows: 40, columns: 30, density: 0.3, seed: 4).asCounts
        let problem = Problem(kind, counts, width: 6)
        let (blocks, whole) = (problem.evaluate(blockWidth: blockWidth), problem.evaluate())
        problem.expectDense(blocks)
        for part in [\Problem.Evaluation.weights, \.bias, \.dispersionWeights, \.dispersionBias] {
            #expect(largestError(blocks[keyPath: part], whole[keyPath: part].map(Double.init)) < 2e-5)
        }
    }

    @Test(arguments: LikelihoodKind.allCases, [nil, 11] as [Int?])
    func threadsDoNotMatter(kind: LikelihoodKind, blockWidth: Int?) {
        let counts = GeneratedMatrix.random(rows: 150, columns: 300, density: 0.05, seed: 7).asCounts
        let problem = Problem(kind, counts, width: 7, scale: 0.2)
        let serial = problem.evaluate(blockWidth: blockWidth)
        let parallel = problem.evaluate(blockWidth: blockWidth, Execution(parallelism: Parallelism(threads: 3)))
        #expect(serial == parallel)
    }

    /// Far out, where exponentials leave the range of Float.
    @Test(arguments: LikelihoodKind.allCases)
    func extremeParametersStayFinite(kind: LikelihoodKind) {
        let counts = GeneratedMatrix.random(rows: 12, columns: 25, density: 0.4, seed: 6).asCounts
        let evaluation = Problem(kind, counts, width: 3, scale: 80).evaluate()
        #expect(evaluation.logLikelihoods.allSatisfy { $0.isFinite && ($0 <= 0 || kind == .gaussian) })
        for part in [evaluation.gradient, evaluation.curvature, evaluation.weights, evaluation.bias] {
            #expect(part.allSatisfy { $0.isFinite })
        }
    }

    /// Probabilities of all documents of a small world sum to one.
    @Test func countsHaveADensity() throws {
        let decoder = LinearDecoder(weights: DenseMatrix(rowCount: 1, columnCount: 1), bias: [0.7])
        let matrix = try CSRMatrix(
            rowCount: 60, columnCount: 1, rowOffsets: Array(0...60), columnIndices: Array(repeating: 0, count: 60),
            values: (0..<60).map(Float.init))
        func total(_ kind: LikelihoodKind, _ matrix: CSRMatrix) -> Double {
            let likelihood = kind.of(decoder)
            let evidence = LikelihoodEvidence(), results = LikelihoodResults()
            matrix.withUnsafeView { likelihood.observe($0, into: evidence, execution: .serial) }
            likelihood.evaluate(
                Array(repeating: 0, count: matrix.rowCount), evidence: evidence, wantsCurvature: false, into: results,
                execution: .serial)
            return results.logLikelihoods.reduce(0) { $0 + Double.exp($1) }
        }
        #expect(abs(total(.poisson, matrix) - 1) < 1e-5)
        #expect(abs(total(.bernoulli, matrix.rows([0, 1])) - 1) < 1e-6)
    }

    @Test func observationsAreWhatIsThere() throws {
        let matrix = try CSRMatrix(
            rowCount: 2, columnCount: 3, rowOffsets: [0, 3, 4], columnIndices: [0, 1, 2, 1], values: [2, 0, -3, 0.5])
        #expect(Array(LikelihoodKind.bernoulli.observations(from: matrix).values) == [1, 0, 1, 1])
        #expect(
            Array(LikelihoodKind.gaussian.encoderInputs(from: WeightedRows(matrix), length: .unit).weighted().values)
                == [2, 0, -3, 0.5])
        let inputs = LikelihoodKind.bernoulli.encoderInputs(from: WeightedRows(matrix), length: .unit).weighted()
            .denseRows(0..<2)
        #expect(abs(inputs[0][0] - 0.5.squareRoot()) < 1e-6 && inputs[0][1] == 0 && inputs[1] == [0, 1, 0])
    }

    @Test func topicsAreDistributions() {
        let problem = Problem(.topicMixture, GeneratedMatrix.all[0].matrix.asCounts, width: 5)
        let topics = problem.decoder.topicDistributions
        for unit in 0..<5 {
            let sum = (0..<topics.rowCount).reduce(0.0) { $0 + Double(topics[$1, unit]) }
            #expect(abs(sum - 1) < 1e-5)
        }
    }
}

@Suite struct GradientClipTests {
    @Test func onlyNormsOutOfProportionAreShortened() throws {
        var clip = GradientClip(ratio: 4)
        let first = clip.factor(squaredNorm: 1e12)
        #expect(first == 1)
        clip = GradientClip(ratio: 4)
        for norm in Array(repeating: 9.0, count: 20) + [100] {
            let factor = clip.factor(squaredNorm: norm)
            #expect(factor == 1)
        }
        let shortened = clip.factor(squaredNorm: 9e8)
        let factor = try #require(shortened)
        #expect(factor > 3.9 * 3 / 3e4 && factor < 6 * 3 / 3e4)
        for norm in [Double.nan, .infinity] {
            let nothing = clip.factor(squaredNorm: norm)
            #expect(nothing == nil)
        }
        var open = GradientClip(ratio: nil)
        for (norm, expected) in [(1, 1), (1e30, 1), (.infinity, nil)] as [(Double, Float?)] {
            let factor = open.factor(squaredNorm: norm)
            #expect(factor == expected)
        }
    }

    @Test func normsAreThoseOfAllParts() {
        var gradient = DecoderGradient()
        gradient.linear.reset(rows: 40, columns: 60, biases: 40)
        gradient.dispersion.reset(rows: 2, columns: 3, biases: 2)
        let sizes = [2400, 40, 6, 2]
        var next: Float = 0
        var visited: [Int] = []
        gradient.forEachPart { part, count in
            visited.append(count)
            for i in 0..<count {
                part[i] = next.truncatingRemainder(dividingBy: 7)
                next += 1
            }
        }
        #expect(visited == sizes)
        let expected = (0..<2448).reduce(0.0) { $0 + Double(($1 % 7) * ($1 % 7)) }
        let whole = gradient.squaredNorm(parallelism: .serial)
        gradient.scale(by: 0.5)
        let quarter = gradient.squaredNorm(parallelism: .serial)
        #expect(abs(whole - expected) < 1e-6 * expected && abs(quarter - 0.25 * expected) < 1e-6 * expected)
    }
}

import RealModule
import SparseMatrices
import Testing

@testable import Autoencoders

/// Documents with several points z each, and the curvature matrices of a likelihood there.
private struct Problem {
    let kind: LikelihoodKind
    let decoder: LinearDecoder
    let dispersion: DispersionDecoder?
    let documents: CSRMatrix
    let width: Int
    let draws: Int
    let z: [Float]

    init(_ kind: LikelihoodKind, documents: Int, features: Int, width: Int, draws: Int, shift: Float = 0) {
        self.kind = kind
        self.width = width
        self.draws = draws
        self.documents = kind.observations(
            from: GeneratedMatrix.random(rows: documents, columns: features, density: 0.3, seed: 8).asCounts)
        func decoder(_ seed: UInt64) -> LinearDecoder {
            LinearDecoder(
                weights: DenseMatrix(
                    rowCount: features, columnCount: width,
                    elements: Numbers.normal(features * width, scale: 0.5, seed: seed).map { $0 + shift }),
                bias: Numbers.normal(features, scale: 0.5, seed: seed + 1))
        }
        self.decoder = decoder(20)
        dispersion = .random(kind, features: features, latentWidth: width, seed: 30)
        z = Numbers.normal(documents * draws * width, seed: 50)
    }

    /// documents × K × K.
    func matrices(_ execution: Execution = .serial) -> [[[Double]]] {
        let likelihood = kind.of(decoder, dispersion: dispersion)
        let evidence = LikelihoodEvidence(), results = LikelihoodResults(), packed = ScratchMatrix()
        var batch = SparseBatch(columnCount: documents.columnCount)
        batch.load(documents.allRows.flatMap { Array(repeating: $0, count: draws) }[...], of: documents)
        batch.withTargets { likelihood.observe($0, into: evidence, execution: execution) }
        likelihood.evaluate(z, evidence: evidence, wantsCurvature: false, into: results, execution: execution)
        likelihood.curvatureMatrices(
            z, draws: draws, evidence: evidence, results: results, into: packed, execution: execution)
        return documents.allRows.map { document in
            (0..<width).map { i in
                (0..<width).map { j in
                    let (row, column) = (max(i, j), min(i, j))
                    return Double(packed.elements[document * packed.width + row * (row + 1) / 2 + column])
                }
            }
        }
    }

    /// The mean over a document's points of a K × K matrix.
    func mean(_ document: Int, _ matrix: ([Double], [Double]) -> [[Double]]) -> [[Double]] {
        let x = documents.denseRows([document])[0]
        var sum = [[Double]](repeating: Array(repeating: 0, count: width), count: width)
        for draw in 0..<draws {
            let start = (document * draws + draw) * width
            let part = matrix(x, z[start..<start + width].map(Double.init))
            for i in 0..<width { for j in 0..<width { sum[i][j] += part[i][j] / Double(draws) } }
        }
        return sum
    }
}

@Suite struct CurvatureMatrixTests {
    /// Where the second derivative itself is the curvature: differences of differences.
    @Test(arguments: [LikelihoodKind.multinomial, .bernoulli, .poisson], [1, 2])
    func agreesWithDifferences(kind: LikelihoodKind, draws: Int) {
        let problem = Problem(kind, documents: 3, features: 12, width: 3, draws: draws)
        let dense = DenseLikelihood(kind, problem.decoder)
        for (document, matrix) in problem.matrices().enumerated() {
            let expected = problem.mean(document) { x, z in
                (0..<3).map { i in
                    differences(at: z, step: 1e-3) { z in
                        -differences(at: z, step: 1e-3) { dense.logLikelihood(x, $0) }[i]
                    }
                }
            }
            #expect(largestError(matrix.joined().map(Float.init), expected.joined()) < 1e-4, "document \(document)")
        }
    }

    /// What stands in its place of the others, straight from the formula.
    @Test(arguments: [LikelihoodKind.topicMixture, .gaussian, .dirichletMultinomial], [1, 3])
    func agreesWithTheFormula(kind: LikelihoodKind, draws: Int) {
        let problem = Problem(kind, documents: 4, features: 15, width: 3, draws: draws)
        let dense = DenseLikelihood(kind, problem.decoder, problem.dispersion)
        for (document, matrix) in problem.matrices().enumerated() {
            let expected = problem.mean(document) { x, z in
                if kind == .dirichletMultinomial { return dense.effectiveCurvature(x, z) }
                let scores: [(weight: Double, score: [Double])]
                if kind == .topicMixture {
                    let (shares, topics) = dense.mixture(z)
                    scores = zip(x, topics).map { count, word in
                        let p = dot(shares, word)
                        return (count, z.indices.map { shares[$0] * (word[$0] / p - 1) })
                    }
                } else {
                    scores = dense.dispersions(z).enumerated().flatMap { v, s in
                        [
                            (1 / Double.exp(s.value), dense.weights[v]),
                            (0.5 * s.slope * s.slope, dense.dispersionWeights[v]),
                        ]
                    }
                }
                return z.indices.map { i in
                    z.indices.map { j in scores.reduce(0) { $0 + $1.weight * $1.score[i] * $1.score[j] } }
                }
            }
            #expect(largestError(matrix.joined().map(Float.init), expected.joined()) < 1e-5, "document \(document)")
        }
    }

    /// More features than one block, and weights far from zero: their diagonals are the curvatures known already.
    @Test(arguments: LikelihoodKind.allCases)
    func diagonalsAreTheCurvatures(kind: LikelihoodKind) {
        let shift: Float = [.multinomial, .dirichletMultinomial].contains(kind) ? 20 : 0
        let problem = Problem(kind, documents: 5, features: 300, width: 4, draws: 2, shift: shift)
        let dense = DenseLikelihood(kind, problem.decoder, problem.dispersion)
        for (document, matrix) in problem.matrices().enumerated() {
            let expected = problem.mean(document) { x, z in
                let diagonal = dense.curvature(x, z)
                return z.indices.map { i in z.indices.map { i == $0 ? diagonal[i] : 0 } }
            }
            let diagonal = (0..<4).map { Float(matrix[$0][$0]) }
            #expect(largestError(diagonal, (0..<4).map { expected[$0][$0] }) < 2e-4, "document \(document)")
        }
    }

    @Test(arguments: LikelihoodKind.allCases)
    func threadsDoNotMatter(kind: LikelihoodKind) {
        let problem = Problem(kind, documents: 70, features: 200, width: 5, draws: 2)
        #expect(problem.matrices() == problem.matrices(Execution(parallelism: Parallelism(threads: 3))))
    }
}

import NumericTolerance
import SparseMatrices
import Testing

@testable import Autoencoders

/// Of documents that have all features, the entries' losses sum to −log p: none is left to features that are not stored.
@Suite struct EntryLossTests {
    private static let (features, width) = (17, 4)
    private let documents = GeneratedMatrix("full", rows: 8, columns: features, seed: 3) { _, _, _ in true }
        .matrix.asCounts

    /// With weights of scale 40 a tenth of the logits is beyond what rates are bounded by.
    @Test(arguments: LikelihoodKind.allCases, [0.7, 40] as [Float])
    func theySumToTheLikelihood(kind: LikelihoodKind, scale: Float) {
        let model = VariationalAutoencoder.random(
            features: Self.features, hiddenWidths: [5], latentWidth: Self.width, decoderScale: scale, likelihood: kind)
        let observations = kind.observations(from: documents)
        let codes = Numbers.normal(8 * Self.width, seed: 4)
        let evidence = LikelihoodEvidence(), results = LikelihoodResults()
        let likelihood = model.makeLikelihood()
        observations.withUnsafeView { x in
            likelihood.observe(x, into: evidence, execution: .serial)
            likelihood.evaluate(codes, evidence: evidence, wantsCurvature: false, into: results, execution: .serial)
            for row in 0..<8 {
                let losses = codes.withUnsafeBufferPointer {
                    EntryLosses(model).losses(
                        ofRow: row, of: x, code: $0.baseAddress! + row * Self.width,
                        logLikelihood: results.logLikelihoods[row])
                }
                let magnitude = losses.reduce(0) { $0 + abs($1) }
                // exp turns an error of a logit, which is a sum of width + 1 terms as large as some hundreds, into a
                // relative error of the same size.
                let bound = tolerance(terms: Self.features + (Self.width + 1) * Int(10 + 8 * scale)) * (magnitude + 1)
                #expect(abs(losses.reduce(0, +) + results.logLikelihoods[row]) <= bound, "row \(row)")
            }
        }
        if kind == .poisson && scale > 1 {
            #expect(results.logLikelihoods.contains { $0 < -1e13 } && results.logLikelihoods.allSatisfy(\.isFinite))
        }
    }
}

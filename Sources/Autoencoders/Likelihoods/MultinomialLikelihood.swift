import RealModule
import SparseMatrices

/// log p(x|z) = Σ_v x_v·log softmax(z·Dᵀ + c)_v for word counts x: the documents' words are draws from a softmax over
/// the whole vocabulary (Miao, Yu & Blunsom, "Neural Variational Inference for Text Processing", ICML 2016). The
/// multinomial coefficient, which no parameter changes, is left out.
///
/// With the token count N and p = softmax(z·Dᵀ + c):
///
///     ∂/∂z   = xᵀD − N·pᵀD
///     −∂²/∂z² = N·(Σ_v p_v D_v∘D_v − (pᵀD)∘(pᵀD))   (its diagonal)
///
/// - Complexity: O(rows·V·K).
package struct MultinomialLikelihood: SoftmaxLikelihood {
    package let softmax: BlockedSoftmax

    /// - Parameter blockWidth: how many features' logits may exist at the same time.
    package init(_ decoder: LinearDecoder, blockWidth: Int = 4096) {
        softmax = BlockedSoftmax(decoder, blockWidth: blockWidth)
    }

    package func observe(_ x: CSRView, into evidence: LikelihoodEvidence, execution: Execution) {
        decoder.observe(x, into: evidence, execution: execution)
    }

    package func count(
        row: Int, _ z: UnsafePointer<Float>, _ evidence: LikelihoodEvidence, _ results: LikelihoodResults
    ) -> Double {
        let observed = kernels.dot(
            count: width, x: z + row * width, y: evidence.projection.elements + row * width)
        return Double(observed) + evidence.constants[row] - evidence.tokens[row] * softmax.logSum(ofRow: row, results)
    }

    /// N.
    package func countSum(ofRow row: Int, _ evidence: LikelihoodEvidence, _ results: LikelihoodResults) -> Float {
        Float(evidence.tokens[row])
    }

    package func projection(_ evidence: LikelihoodEvidence, _ results: LikelihoodResults) -> ScratchMatrix {
        evidence.projection
    }

    /// −x_v·log softmax(a)_v; the normaliser of the softmax follows from log p(x|z).
    package func entryLosses(
        ofRow row: Int, of x: CSRView, code: UnsafePointer<Float>, logLikelihood: Double
    ) -> [Double] {
        let entries = x.entries(ofRow: row)
        let logits = entries.map { decoder.output(of: Int(x.columnIndices[$0]), code) }
        let tokens = entries.reduce(0) { $0 + Double(x.values[$1]) }
        let observed = zip(entries, logits).reduce(0) { $0 + Double(x.values[$1.0]) * $1.1 }
        let normalizer = (observed - logLikelihood) / tokens
        return zip(entries, logits).map { Double(x.values[$0]) * (normalizer - $1) }
    }
}

extension MultinomialLikelihood: ObjectiveFamily {
    package static func of(_ decoder: LinearDecoder, dispersion: DispersionDecoder?) -> any ExactLikelihood {
        MultinomialLikelihood(decoder)
    }
}

extension FeatureMeans.Link {
    /// softmax(a/T) over all features.
    package static func shares(temperature: Float) -> Self {
        Self { row, featureCount in
            if temperature != 1 { kernels.scale(count: featureCount, alpha: 1 / temperature, x: row) }
            softmax(count: featureCount, x: row)
        }
    }
}

/// x = softmax(x), in place.
package func softmax(count: Int, x: UnsafeMutablePointer<Float>) {
    let sum = kernels.expSum(count: count, shift: kernels.maximum(count: count, x: x), x: x)
    kernels.scale(count: count, alpha: 1 / sum, x: x)
}

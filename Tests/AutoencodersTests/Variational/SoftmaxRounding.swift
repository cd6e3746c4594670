import NumericTolerance
import SparseMatrices

@testable import Autoencoders

/// How far rounding may take what a multinomial likelihood computes in Float.
///
/// A logit is a sum of K + 1 terms, so it is off by γ of the sum M of their magnitudes, and its exponential by as much
/// in relation, besides four roundings of its own. A probability divides two of these; sums over V features or over the
/// documents follow, whose terms may cancel: their magnitudes count.
struct SoftmaxRounding {
    private let relative: Double
    /// M, the largest.
    private let logit: Double
    /// N, the largest.
    private let tokens: Double
    /// The largest |D| and |z|.
    private let weight: Double
    private let code: Double
    private let documents: Double

    init(_ decoder: LinearDecoder, z: [Float], _ counts: CSRMatrix) {
        let (width, features) = (decoder.latentWidth, decoder.featureCount)
        func largest(_ values: some Sequence<Float>) -> Double { values.reduce(0.0) { max($0, Double(abs($1))) } }
        weight = largest(decoder.weights.elements)
        code = largest(z)
        logit = (0..<counts.rowCount).reduce(0.0) { largest, row in
            (0..<features).reduce(largest) { largest, v in
                max(
                    largest,
                    (0..<width).reduce(Double(abs(decoder.bias[v]))) {
                        $0 + Double(abs(decoder.weights[v, $1] * z[row * width + $1]))
                    })
            }
        }
        tokens = (0..<counts.rowCount).map { counts.row($0).values.reduce(0.0) { $0 + Double($1) } }.max() ?? 0
        documents = Double(counts.rowCount)
        let exponential = Int((Double(width + 1) * logit).rounded(.up)) + 4
        relative = tolerance(terms: 2 * exponential + 2 * features + counts.rowCount + 4)
    }

    /// Of Σ x·log p.
    var logLikelihood: Double { relative * tokens * (2 * logit + 1) }
    /// Of Σ (x − N·p)·D.
    var gradient: Double { relative * 2 * tokens * weight }
    /// Of N·Σ p·(D − m)², from Σ p·D² and (Σ p·D)².
    var curvature: Double { relative * 2 * tokens * weight * weight }
    /// Of ½·Σ (x − N·p) over the documents.
    var decoderBias: Double { relative * tokens * documents }
    /// Of the same times z.
    var decoderWeights: Double { decoderBias * code }
}

/// max |a − b|; infinite for NaN or where the sizes differ.
func largestDifference(_ a: some Sequence<Float>, _ b: some Sequence<Double>) -> Double {
    let (a, b) = (a.map(Double.init), Array(b))
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { $1.0 - $1.1 == $1.0 - $1.1 ? max($0, abs($1.0 - $1.1)) : .infinity }
}

import RealModule
import SparseMatrices

@testable import Autoencoders

/// Every likelihood in Double, one document at a time, straight from its formula.
struct DenseLikelihood {
    let kind: LikelihoodKind
    /// features × K.
    let weights: [[Double]]
    let bias: [Double]
    let dispersionWeights: [[Double]]
    let dispersionBias: [Double]
    let center: [Double]
    let dispersionBound: Double

    init(_ kind: LikelihoodKind, _ decoder: LinearDecoder, _ dispersion: DispersionDecoder? = nil) {
        func rows(_ decoder: LinearDecoder) -> [[Double]] {
            (0..<decoder.featureCount).map { decoder.weights.row($0).map(Double.init) }
        }
        self.kind = kind
        weights = rows(decoder)
        bias = decoder.bias.map(Double.init)
        dispersionWeights = dispersion.map { rows($0.linear) } ?? []
        dispersionBias = dispersion?.linear.bias.map(Double.init) ?? []
        center = dispersion?.center.map(Double.init) ?? []
        dispersionBound = Double(dispersion?.bound ?? DispersionDecoder.usualBound)
    }

    func logits(_ z: [Double]) -> [Double] { zip(weights, bias).map { dot($0, z) + $1 } }

    /// s of every dispersion, and its slope in z·Eᵀ + e.
    func dispersions(_ z: [Double]) -> [(value: Double, slope: Double)] {
        let bound = dispersionBound
        return dispersionBias.indices.map { v in
            let t = Double.tanh((dot(dispersionWeights[v], z) + dispersionBias[v] - center[v]) / bound)
            return (center[v] + bound * t, 1 - t * t)
        }
    }

    /// θ and, for each feature, β_v.
    func mixture(_ z: [Double]) -> (shares: [Double], topics: [[Double]]) {
        let topics = z.indices.map { k in softmax(weights.indices.map { weights[$0][k] + bias[$0] }) }
        return (softmax(z), weights.indices.map { v in topics.map { $0[v] } })
    }

    func logLikelihood(_ x: [Double], _ z: [Double]) -> Double {
        switch kind {
        case .multinomial:
            let p = softmax(logits(z))
            return zip(x, p).reduce(0) { $1.0 == 0 ? $0 : $0 + $1.0 * Double.log($1.1) }
        case .dirichletMultinomial:
            let s = Double.exp(dispersions(z)[0].value)
            return zip(x, softmax(logits(z))).reduce(Double.logGamma(s) - Double.logGamma(s + x.reduce(0, +))) {
                $1.0 == 0 ? $0 : $0 + Double.logGamma(s * $1.1 + $1.0) - Double.logGamma(s * $1.1)
            }
        case .topicMixture:
            let (shares, topics) = mixture(z)
            return zip(x, topics).reduce(0) { $1.0 == 0 ? $0 : $0 + $1.0 * Double.log(dot(shares, $1.1)) }
        case .bernoulli:
            return zip(x, logits(z)).reduce(0) {
                $0 + ($1.0 != 0 ? $1.1 : 0) - max($1.1, 0) - Double.log(onePlus: Double.exp(-abs($1.1)))
            }
        case .poisson:
            return zip(x, logits(z)).reduce(0) { $0 + $1.0 * $1.1 - Double.exp($1.1) - Double.logGamma($1.0 + 1) }
        case .gaussian:
            return zip(zip(x, logits(z)), dispersions(z)).reduce(0) { sum, feature in
                let (residual, s) = (feature.0.0 - feature.0.1, feature.1.value)
                return sum - 0.5 * (Double.log(2 * .pi) + s + residual * residual * Double.exp(-s))
            }
        }
    }

    func curvature(_ x: [Double], _ z: [Double]) -> [Double] {
        let a = logits(z)
        return z.indices.map { k in
            let column = weights.map { $0[k] }
            let squares = column.map { $0 * $0 }
            switch kind {
            case .multinomial:
                let p = softmax(a)
                let mean = dot(p, column)
                return x.reduce(0, +) * dot(p, column.map { ($0 - mean) * ($0 - mean) })
            case .dirichletMultinomial: return effectiveCurvature(x, z)[k][k]
            case .topicMixture:
                let (shares, topics) = mixture(z)
                return zip(x, topics).reduce(0) { sum, word in
                    let r = shares[k] * word.1[k] / dot(shares, word.1)
                    return sum + word.0 * (r - shares[k]) * (r - shares[k])
                }
            case .bernoulli: return dot(a.map { 1 / (2 + Double.exp($0) + Double.exp(-$0)) }, squares)
            case .poisson: return dot(a.map { Double.exp($0) }, squares)
            case .gaussian:
                return dispersions(z).enumerated().reduce(0) { sum, feature in
                    let slope = feature.element.slope * dispersionWeights[feature.offset][k]
                    return sum + squares[feature.offset] * Double.exp(-feature.element.value) + 0.5 * slope * slope
                }
            }
        }
    }

    /// Of a Dirichlet-multinomial likelihood: the second derivative in z with effective counts held fixed, K × K, by sums
    /// over whole counts.
    func effectiveCurvature(_ x: [Double], _ z: [Double]) -> [[Double]] {
        let p = softmax(logits(z)), (logS, slope) = dispersions(z)[0]
        let s = Double.exp(logS)
        func sum(_ a: Double, _ n: Double, _ term: (Double, Double) -> Double) -> Double {
            stride(from: 0, to: n, by: 1).reduce(0) { $0 + term(a, $1) }
        }
        let words = zip(x, p).reduce(0) { $0 + sum(s * $1.1, $1.0) { $0 / ($0 + $1) } }
        let bend = slope * slope * sum(s, x.reduce(0, +)) { $0 * $1 / (($0 + $1) * ($0 + $1)) }
        let mean = z.indices.map { k in dot(p, weights.map { $0[k] }) }
        return z.indices.map { i in
            z.indices.map { j in
                let w = dispersionWeights[0].isEmpty ? 0 : dispersionWeights[0][i] * dispersionWeights[0][j]
                return words * (dot(p, weights.map { $0[i] * $0[j] }) - mean[i] * mean[j]) + bend * w
            }
        }
    }

    private func softmax(_ values: [Double]) -> [Double] {
        let largest = values.max() ?? 0
        let exponentials = values.map { Double.exp($0 - largest) }
        let sum = exponentials.reduce(0, +)
        return exponentials.map { $0 / sum }
    }
}

/// Central differences of a function in Double.
func differences(at point: [Double], step: Double = 1e-5, _ f: ([Double]) -> Double) -> [Double] {
    point.indices.map { i in
        var (upper, lower) = (point, point)
        upper[i] += step
        lower[i] -= step
        return (f(upper) - f(lower)) / (2 * step)
    }
}

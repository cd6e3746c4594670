import RealModule
import SparseMatrices

/// Counts: A(a) = A'(a) = A''(a) = eᵃ, the rate of a Poisson distribution; h(x) = 1/Γ(x + 1), which makes it a density
/// of whole counts and leaves it comparable for fractional ones. See `LinkLikelihood`.
///
/// Logits above 30 count as 30, a rate of 10¹³, so that no square of a rate overflows; the slope there stays that of
/// 30, and leads back. The term x·a is not cut, which adds x·(a − 30) to a log-likelihood of −10¹³.
package enum PoissonLikelihood: LikelihoodLink {
    package static let largestLogit: Float = 30

    /// The rate that a logit stands for, on which all that is said of counts agrees.
    package static func rate(ofLogit logit: Double) -> Double { .exp(min(logit, Double(largestLogit))) }

    package static func logBaseMeasure(_ x: Float) -> Double { -Double.logGamma(Double(x) + 1) }

    package static func partitionSum(count: Int, logits: UnsafeMutablePointer<Float>) -> Double {
        if kernels.maximum(count: count, x: logits) > largestLogit {
            for i in 0..<count { logits[i] = min(logits[i], largestLogit) }
        }
        return Double(kernels.expSum(count: count, shift: 0, x: logits))
    }

    package static var varianceReplacesMean: Bool { false }

    package static func variances(count: Int, means: UnsafeMutablePointer<Float>) {}

    /// λ(a) − x·a + ln Γ(x + 1), λ the rate.
    package static func entryLoss(_ x: Double, logit: Double) -> Double {
        rate(ofLogit: logit) - x * logit + Double.logGamma(x + 1)
    }
}

extension PoissonLikelihood: ObjectiveFamily {
    package static var isPerToken: Bool { false }
    package static var needsCounts: Bool { true }
    package static var largestRefinementStep: Float { 1 }
    package static var decoderRate: Float { 5e-3 }
    package static var measuresLift: Bool { true }

    package static func encoderInput(length: InputLength) -> WeightedRows.ValueMap? { length.logarithmicCounts }

    package static func of(_ decoder: LinearDecoder, dispersion: DispersionDecoder?) -> any ExactLikelihood {
        LinkLikelihood<Self>(decoder)
    }

    /// The logarithm of the mean over documents; a feature that the rows do not have counts half a time.
    package static func startingBias(of observed: ObservedFeatures) -> [Float] {
        observed.sums.map { Float(Double.log(max($0, 0.5) / observed.documents)) }
    }

    package static func normalizer(bias: [Double]) -> Double { bias.reduce(0) { $0 + rate(ofLogit: $1) } }

    package static func featureMeans(_ decoder: LinearDecoder, temperature: Float) -> FeatureMeans {
        FeatureMeans(decoder, .rate)
    }

    /// Of counts as they are, each feature as often as its rate says; of weighted ones the largest rates.
    package static func draw(for data: some GenerationData) throws -> any EntryDraw {
        data.isUnweighted ? PoissonDraws() : try data.largestEntries()
    }
}

extension FeatureMeans.Link {
    /// exp, bounded as the likelihood of counts has it.
    package static let rate = Self { row, featureCount in
        _ = PoissonLikelihood.partitionSum(count: featureCount, logits: row)
    }
}

/// Each feature as often as a Poisson variable of its rate says.
///
/// The sum of independent Poisson variables is one of the summed rate, and the words are then shared out in proportion
/// to the rates: the same distribution as a draw for every feature, at a cost by words.
package struct PoissonDraws: EntryDraw {
    /// A document of more words, which a far-off latent vector drives beyond all measure, is cut to so many.
    package static let mostWords = Int(UInt32.max)

    package init() {}

    package func entries(
        given features: FeatureConditions, using generator: inout RandomGenerator
    ) -> DocumentEntries {
        let words = CategoricalDistribution(features.means)
        guard words.total < Double(CategoricalDistribution.mostSingleWords) else {
            let count = generator.nextPoisson(words.total, limit: Self.mostWords)
            return words.document(of: count, using: &generator)
        }
        // Arrivals in one unit of time.
        var drawn: [UInt32] = []
        var time = generator.nextExponential()
        while time < words.total {
            drawn.append(words.draw(using: &generator))
            time += generator.nextExponential()
        }
        return DocumentEntries(words: drawn)
    }
}

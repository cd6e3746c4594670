import RealModule
import SparseMatrices

/// Presence or absence: A(a) = softplus(a) = ln(1 + eᵃ), A' = σ(a), A'' = σ(a)(1 − σ(a)); see `LinkLikelihood`.
package enum BernoulliLikelihood: LikelihoodLink {
    package static func logBaseMeasure(_ x: Float) -> Double { 0 }

    package static func partitionSum(count: Int, logits: UnsafeMutablePointer<Float>) -> Double {
        kernels.logisticSum(count: count, x: logits)
    }

    package static var varianceReplacesMean: Bool { true }

    package static func variances(count: Int, means: UnsafeMutablePointer<Float>) {
        for i in 0..<count { means[i] *= 1 - means[i] }
    }

    /// ln(1 + exp(−a)) of a feature that is there.
    package static func entryLoss(_ x: Double, logit: Double) -> Double { softplus(x == 0 ? logit : -logit) }

    private static func softplus(_ a: Double) -> Double { max(a, 0) + .log(1 + .exp(-abs(a))) }
}

extension BernoulliLikelihood: ObjectiveFamily {
    package static var isPerToken: Bool { false }
    package static var needsCounts: Bool { false }
    package static var largestRefinementStep: Float { .infinity }
    package static var decoderRate: Float { 5e-3 }
    package static var measuresLift: Bool { true }

    /// 1 in place of every stored value but zero.
    package static var observation: WeightedRows.ValueMap? {
        { values in for i in values.indices { values[i] = values[i] == 0 ? 0 : 1 } }
    }

    /// The same, the row then scaled.
    package static func encoderInput(length: InputLength) -> WeightedRows.ValueMap? {
        { length.bring($0) { $0 == 0 ? 0 : 1 } }
    }

    package static func of(_ decoder: LinearDecoder, dispersion: DispersionDecoder?) -> any ExactLikelihood {
        LinkLikelihood<Self>(decoder)
    }

    /// The log-odds over documents; a feature that the rows do not have counts half a time.
    package static func startingBias(of observed: ObservedFeatures) -> [Float] {
        let documents = observed.documents
        return observed.sums.map {
            Float(Double.log(min(max($0, 0.5), documents - 0.25) / max(documents - $0, 0.5)))
        }
    }

    package static func normalizer(bias: [Double]) -> Double {
        bias.reduce(0) { $0 + .log(1 + .exp($1)) }
    }

    package static func featureMeans(_ decoder: LinearDecoder, temperature: Float) -> FeatureMeans {
        FeatureMeans(decoder, .presence)
    }

    /// Each feature with its probability, as 1.
    package static func draw(for data: some GenerationData) -> any EntryDraw { PresenceDraws() }
}

extension FeatureMeans.Link {
    /// 1/(1 + exp(−a))
    package static let presence = Self { row, featureCount in kernels.sigmoid(count: featureCount, x: row) }
}

/// Each feature present, as 1, with its own probability.
package struct PresenceDraws: EntryDraw {
    package init() {}

    package func entries(
        given features: FeatureConditions, using generator: inout RandomGenerator
    ) -> DocumentEntries {
        let present = features.means.indices.filter { generator.nextUniform() < features.means[$0] }
        return DocumentEntries(columns: present.map { UInt32($0) }, values: present.map { _ in 1 })
    }
}

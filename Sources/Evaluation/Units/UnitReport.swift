import Autoencoders
import Corpora
import Gossamer
import SparseMatrices

/// What one latent unit stands for.
public struct UnitReport: Sendable, Equatable {
    public let unit: Int
    /// ‖D_j‖, the length of what one unit of activity adds.
    public let norm: Double
    /// Σ h_j²‖D_j‖² over documents, as a share of all units' sum: how much of what units add is this one's.
    public let importance: Double
    /// The share of documents that activate the unit; nil for a vae, whose units are never exactly zero, and where no
    /// documents are known.
    public let density: Double?
    /// The features of largest positive decoder weight, the largest first.
    public let strongest: [FeatureWeight]
    /// The features that set the documents that activate the unit most apart from the others; without documents none.
    public let lifted: [FeatureLift]
    /// The documents that activate the unit most.
    public let documents: [Activation]
    /// The units whose decoder columns point in the most similar direction.
    public let nearest: [Neighbour]

    public struct FeatureWeight: Sendable, Equatable {
        /// From 0.
        public let feature: Int
        public let weight: Float
    }

    public struct FeatureLift: Sendable, Equatable {
        /// From 0.
        public let feature: Int
        /// P/p: how many times more often than elsewhere the feature occurs; see `LeadingDocuments.lifted`.
        public let lift: Double
        /// P: the share of the unit's leading documents that hold it.
        public let share: Double
    }

    public struct Activation: Sendable, Equatable {
        /// From 0.
        public let row: Int
        public let activity: Float
    }

    public struct Neighbour: Sendable, Equatable {
        public let unit: Int
        public let cosine: Double
    }
}

/// How much is told of every unit.
public struct UnitReportSettings: Sendable {
    public var words = 10
    public var documents = 5
    public var neighbours = 3

    public init() {}
}

extension FeatureModel {
    /// What every unit stands for, the most important first.
    ///
    /// - Parameter corpus: documents to judge the units by, before weighting; nil takes what the model remembers of
    ///   its training documents, which tells density and importance, but neither lift nor documents. If it remembers
    ///   nothing, all units count as equally active.
    /// - Throws: `WeightingError`, `LikelihoodError`.
    /// - Complexity: O(V·H²) and, with a corpus, O(nnz·H).
    public func units(
        in corpus: Corpus? = nil, _ settings: UnitReportSettings = UnitReportSettings(),
        execution: Execution = Execution()
    ) throws -> [UnitReport] {
        let leading = try corpus.map { try LeadingDocuments(of: self, in: $0, execution: execution) }
        let activity = leading?.activity ?? UnitActivity(remembering: observed?.codes, width: latentWidth)
        let strongest = decoder.unitFeatures(count: settings.words)
        let gram = decoder.gram(parallelism: execution.parallelism)
        let energies = (0..<latentWidth).map { activity.squares[$0] * gram[$0 * latentWidth + $0] }
        let total = energies.reduce(0, +)
        let lifted = leading?.lifted(count: settings.words, parallelism: execution.parallelism)
        return strongest.map { unit in
            let j = unit.unit
            return UnitReport(
                unit: j, norm: gram[j * latentWidth + j].squareRoot(),
                importance: total > 0 ? energies[j] / total : 0,
                density: kind == .sparse && activity.documents > 0 ? activity.density(of: j) : nil,
                strongest: unit.strongest.map { UnitReport.FeatureWeight(feature: $0.feature, weight: $0.weight) },
                lifted: lifted?[j] ?? [], documents: leading?.leading(j, count: settings.documents) ?? [],
                nearest: neighbours(of: j, gram, count: settings.neighbours))
        }.sorted { ($1.importance, $0.unit) < ($0.importance, $1.unit) }
    }

    private func neighbours(of unit: Int, _ gram: [Double], count: Int) -> [UnitReport.Neighbour] {
        let width = latentWidth
        let square = gram[unit * width + unit]
        var nearest = TopEntries(count: count)
        for other in 0..<width where other != unit && gram[other * width + other] > 0 && square > 0 {
            nearest.add(other, gram[unit * width + other] / (square * gram[other * width + other]).squareRoot())
        }
        return nearest.sorted.map { UnitReport.Neighbour(unit: $0.index, cosine: $0.value) }
    }
}

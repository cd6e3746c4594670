import Autoencoders
import Corpora
import Gossamer
import SparseMatrices

/// What one latent unit stands for.
public struct UnitReport: Sendable, Equatable {
    public let unit: Int
    /// ‖D_j‖, the length of what one unit of activity adds.
    public let norm: Double
    /// How much of what units add to documents is this one's, see `FeatureModel.importance`.
    public let importance: Double
    /// The share of documents that activate the unit; nil for a vae, whose units are never exactly zero, and where no
    /// documents are known.
    public let density: Double?
    /// What to show of the unit, see `FeatureModel.shownWords`.
    public let words: [Word]
    /// The features of largest positive decoder weight, the largest first.
    public let strongest: [FeatureWeight]
    /// The features that set the documents that activate the unit most apart from the others.
    public let lifted: [FeatureLift]
    /// The documents that activate the unit most.
    public let documents: [Activation]
    /// The units whose decoder columns point in the most similar direction.
    public let nearest: [Neighbour]

    public struct Word: Sendable, Equatable {
        /// From 0.
        public let feature: Int
        /// In the decoder.
        public let weight: Float
        /// nil if the documents are not known in which the unit is most active, or the feature is not one of theirs.
        public let lift: Double?
        /// How many of these documents hold it, as `FeatureLift.share`; nil as the lift.
        public let share: Double?
    }

    public struct FeatureWeight: Sendable, Equatable {
        /// From 0.
        public let feature: Int
        public let weight: Float
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
    ///   its training documents, which tells all but the documents that activate a unit most. If it remembers nothing, all
    ///   units count as equally active and have no lifted features.
    /// - Throws: `WeightingError`, `LikelihoodError`.
    /// - Complexity: O(V·H²) and, with a corpus, O(nnz·H).
    public func units(
        in corpus: Corpus? = nil, _ settings: UnitReportSettings = UnitReportSettings(),
        execution: Execution = Execution()
    ) throws -> [UnitReport] {
        let found = try corpus.map { try documents(of: $0, words: settings.words, execution: execution) }
        let activity = found?.activity ?? UnitActivity(of: self, remembering: observed?.codes)
        let strongest = decoder.unitFeatures(count: settings.words)
        let gram = decoder.gram(parallelism: execution.parallelism)
        let importance = importance(activity, gram: gram)
        let lifted = found?.words ?? words
        let shown = shownWords(settings.words, lifted: lifted, strongest: strongest)
        return strongest.map { unit in
            let j = unit.unit
            let lifted = Array((lifted?.units[j] ?? []).prefix(settings.words))
            return UnitReport(
                unit: j, norm: gram[j * latentWidth + j].squareRoot(),
                importance: importance[j],
                density: kind == .sparse && activity.documents > 0 ? activity.density(of: j) : nil,
                words: shown[j],
                strongest: unit.strongest.map { UnitReport.FeatureWeight(feature: $0.feature, weight: $0.weight) },
                lifted: lifted,
                documents: (found?.leading.documents(of: j) ?? []).prefix(settings.documents).map {
                    UnitReport.Activation(row: $0.row, activity: Float($0.activity))
                },
                nearest: neighbours(of: j, gram, count: settings.neighbours))
        }.sorted { ($1.importance, $0.unit) < ($0.importance, $1.unit) }
    }

    /// What the documents of a corpus tell of the units.
    ///
    /// - Parameter count: how many words of each unit.
    func documents(
        of corpus: Corpus, words count: Int, execution: Execution
    ) throws -> (activity: UnitActivity, leading: LeadingDocuments, words: UnitWords) {
        let width = latentWidth
        var activity = UnitActivity(width: width)
        var leading = LeadingDocuments(of: corpus.rowCount, width: width)
        encodeBlocks(of: try inputs(from: corpus), execution: execution) { codes, rows in
            for row in rows {
                let code = codes + (row - rows.lowerBound) * width
                activity.add(code, asMixture: isMixture)
                leading.add(code, row: row)
            }
        }
        try execution.checkBackend()
        let matrix = corpus.widened(to: featureCount).matrix
        let words = leading.words(
            in: matrix,
            documentsPerFeature: matrix.rowCountsOfColumns(in: 0..<matrix.rowCount).map(UInt32.init), count: count,
            parallelism: execution.parallelism)
        return (activity, leading, words)
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

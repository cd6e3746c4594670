import Autoencoders
import Corpora
import Evaluation
import Gossamer
import SparseMatrices

/// What a report shows of a model and of documents.
public struct ModelReport: Sendable, Equatable {
    /// Settings and figures of the model as pairs of a name and a text.
    public let facts: [Fact]
    public let kind: FeatureModel.Kind
    /// Whether the units are topics of a mixture.
    public let isMixture: Bool
    /// By number.
    public let units: [UnitCard]
    /// The units by distance: classical scaling, and neighbours near each other.
    public let unitMap: UnitMap
    /// All features that are named anywhere in the report.
    public let words: WordTable
    public let labels: [LabelCard]
    /// A sample of the documents or all, in the order of rows.
    public let documents: [DocumentCard]
    public let documentMap: UnitMap
    /// The documents' codes, documents × units.
    public let codes: DenseMatrix
    public let figures: CorpusFigures
    /// Where the figures and documents are from; nil if from what the model remembers of its training.
    public let corpus: CorpusSourceFacts?
    /// Whether documents are those whose codes the model remembers, of which nothing else is known.
    public let documentsAreRemembered: Bool
    public let quality: QualityFigures
    /// The measures of each epoch; empty for models that were saved before they were stored.
    public let history: [TrainingMeasures]
    /// nil unless documents are pictures.
    public let pictures: PictureAlbum?
    public let ldavis: LDAvisData?
}

public struct Fact: Sendable, Equatable, Encodable {
    public let name: String
    public let text: String
}

/// Where the documents of a report are from.
public struct CorpusSourceFacts: Sendable, Equatable {
    public let name: String
    public let format: String
    /// What was noticed in reading it.
    public let notes: [String]
}

/// Two maps of the same points.
public struct UnitMap: Sendable, Equatable {
    public let scaling: PlanePoints
    public let neighbours: PlanePoints
}

/// All of one unit.
public struct UnitCard: Sendable, Equatable {
    public let unit: Int
    /// The unit's share of what all units add to documents, in squares; of a mixture, the topic's share of documents.
    public let importance: Double
    /// The share of documents that activate it.
    public let density: Double
    /// ‖D_j‖, the length of what one unit of activity adds.
    public let norm: Double
    public let largest: Float
    public let histogram: ActivationHistogram
    /// What the unit is called by and shown with first, as `FeatureModel.shownWords` has it.
    public let words: [UnitReport.Word]
    /// The features that are most relevant for some λ.
    public let relevant: RelevantWords
    public let nearest: [Neighbour]
    /// The units that point away most, with cosines below zero.
    public let opposite: [Neighbour]
    public let labels: [LabelLift]
    public let top: [UnitDocument]
    public let middle: [UnitDocument]
    /// KL(q‖p) in nats a document, on average; nil without posteriors.
    public let divergence: Double?

    public struct Neighbour: Sendable, Equatable {
        public let unit: Int
        public let cosine: Double
    }

    public struct LabelLift: Sendable, Equatable {
        /// The number of the label in the report.
        public let label: Int
        /// The share of the unit's activity that falls on documents with the label.
        public let share: Double
        /// How many times that is the label's share of documents.
        public let lift: Double
    }
}

/// A document that makes a unit active.
public struct UnitDocument: Sendable, Equatable {
    /// From 0.
    public let row: Int
    public let name: String
    public let label: String?
    public let activity: Float
    /// The words that make the unit active, as features from 0, the strongest first.
    public let words: [Int]
    /// nil if the corpus is no text.
    public let excerpt: Excerpt?
}

/// A document on the map.
public struct DocumentCard: Sendable, Equatable {
    /// From 0.
    public let row: Int
    /// nil if it has none.
    public let id: String?
    public let name: String
    /// The number of its first label in the report; nil without one.
    public let label: Int?
    public let excerpt: Excerpt?
    /// Its strongest units, each with the words that drive it.
    public let units: [ActiveUnit]
    /// The heaviest words as the model sees it.
    public let words: [Int]
    /// Places in the report's list of documents, the nearest first.
    public let nearest: [Int]

    public struct ActiveUnit: Sendable, Equatable {
        public let unit: Int
        public let activity: Float
        public let words: [Int]
    }
}

public struct LabelCard: Sendable, Equatable {
    public let name: String
    /// How many documents have it.
    public let documents: Int
}

/// The words of a report.
public struct WordTable: Sendable, Equatable {
    public struct Word: Sendable, Equatable {
        /// From 0.
        public let feature: Int
        public let name: String
        /// log p(w).
        public let logProbability: Double
        /// How many documents hold it.
        public let documents: Int
        /// The units with the largest shares p(unit|w) of the word.
        public let units: [UnitShare]
    }

    public struct UnitShare: Sendable, Equatable {
        public let unit: Int
        public let share: Double
    }

    /// By feature.
    public let words: [Word]
}

/// How well the model accounts for documents, measured on some of them.
public struct QualityFigures: Sendable, Equatable {
    public var documents = 0
    /// What the figures by length are, such as `unexplained share of the squared length`.
    public var measure = ""
    /// By the number of entries: up to where, and the measure.
    public var byLength: [(most: Int, value: Double, documents: Int)] = []
    /// The whole measure.
    public var value: Double?
    /// Of a variational model, in nats a document: the reconstruction's part of the bound, and KL(q‖p).
    public var reconstruction: Double?
    public var divergence: Double?

    public static func == (a: QualityFigures, b: QualityFigures) -> Bool {
        a.documents == b.documents && a.measure == b.measure && a.value == b.value
            && a.reconstruction == b.reconstruction && a.divergence == b.divergence
            && a.byLength.elementsEqual(b.byLength) { $0 == $1 }
    }
}

/// The measures of an epoch or of a finished model, by the names that they have wherever they are written: in lines of
/// progress, in model files and in Python.
public struct TrainingMeasures: Sendable, Equatable {
    /// Names may be added but must not change, since files hold them. The order is that in which they are shown.
    public enum Name: String, Sendable, CaseIterable, Comparable {
        /// Per document: ½‖x − x̂‖² or −log p(x|h), and penalties; or the negative evidence lower bound, in nats.
        case loss
        /// The unexplained fraction of the loss without codes.
        case unexplained
        /// exp(ΣL/ΣN), of models whose loss is one of tokens.
        case perplexity
        case klDivergence = "kl_nats_per_document"
        /// Of held-out documents, after the epoch.
        case validationUnexplained = "validation_unexplained"
        case validationPerplexity = "validation_perplexity"
        case validationLoss = "validation_loss"
        case activeUnits = "active_units"
        case deadUnits = "dead_units"
        case revivedUnits = "revived_units"

        public static func < (a: Name, b: Name) -> Bool { a.place < b.place }

        private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    private var values: [Name: Double] = [:]

    public init() {}

    /// nil for a measure that the model does not have, and for one that is no number.
    public subscript(name: Name) -> Double? {
        get { values[name] }
        set { values[name] = newValue.flatMap { $0.isNaN ? nil : $0 } }
    }

    /// The measures that there are, in the order in which they are shown.
    public var named: [(name: Name, value: Double)] {
        values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    }
}

extension TrainingMeasures {
    /// - Parameter isPerToken: whether the model has a perplexity.
    public init(_ figures: TrainingFigures, validation: TrainingFigures? = nil, isPerToken: Bool) {
        self[.loss] = figures.loss
        switch figures {
        case .reconstruction(let figures):
            self[.unexplained] = figures.unexplained
            self[.activeUnits] = figures.activeUnits
            self[.deadUnits] = Double(figures.deadUnits)
            self[.revivedUnits] = Double(figures.revivedUnits)
        case .bound(let report):
            if isPerToken { self[.perplexity] = report.perplexityPerCorpus }
            self[.klDivergence] = report.klDivergence
            self[.activeUnits] = Double(report.activeUnits)
        }
        switch validation {
        case .reconstruction(let figures): self[.validationUnexplained] = figures.unexplained
        case .bound(let report) where isPerToken: self[.validationPerplexity] = report.perplexityPerCorpus
        case .bound(let report): self[.validationLoss] = report.loss
        case nil: break
        }
    }

    public init(_ report: EpochReport, isPerToken: Bool) {
        self.init(report.training, validation: report.validation, isPerToken: isPerToken)
    }
}

import Autoencoders

/// What the displays of progress know of training, whatever the kind of model.
enum TrainingNews {
    case started(TrainingPlan)
    case step(Step)
    case epoch(Epoch)
    case stoppedEarly(epoch: Int, bestEpoch: Int)
    case finished([Measure])

    struct Step {
        let step: Int
        let totalSteps: Int
        let rowsSeen: Int
        /// How far the model is off on this batch.
        let measure: Measure
    }

    struct Epoch {
        let epoch: Int
        let epochs: Int
        let rows: Int
        let seconds: Double
        let measures: [Measure]

        var rowsPerSecond: Double { Double(rows) / max(seconds, 1e-9) }
    }

    /// A number that says how training goes.
    struct Measure {
        /// In JSON.
        let key: String
        let value: Double
        var isWhole = false
        /// For people; nil if there is nothing to say.
        let text: String?
    }
}

extension TrainingNews.Measure {
    init(_ key: String, _ value: Double, _ label: String, decimals: Int) {
        self.init(key: key, value: value, text: "\(label) \(Format.fixed(value, decimals))")
    }
}

extension TrainingNews {
    init(_ event: TrainingEvent) {
        switch event {
        case .started(let plan): self = .started(plan)
        case .step(let report):
            self = .step(
                Step(
                    step: report.step, totalSteps: report.totalSteps, rowsSeen: report.rowsSeen,
                    measure: Measure("unexplained", report.unexplained, "unexplained", decimals: 4)))
        case .epoch(let report):
            var measures = Self.reconstruction(loss: report.loss, unexplained: report.unexplained)
            if let validation = report.validationUnexplained {
                measures.append(Measure("validation_unexplained", validation, "validation", decimals: 4))
            }
            measures += Self.units(active: report.activeUnits, dead: report.deadUnits)
            measures.append(
                Measure(
                    key: "revived_units", value: Double(report.revivedUnits), isWhole: true,
                    text: report.revivedUnits == 0 ? nil : "\(report.revivedUnits) revived"))
            self = .epoch(
                Epoch(
                    epoch: report.epoch, epochs: report.epochs, rows: report.rows, seconds: report.seconds,
                    measures: measures))
        case .stoppedEarly(let epoch, let best): self = .stoppedEarly(epoch: epoch, bestEpoch: best)
        case .finished(let report):
            self = .finished(
                Self.reconstruction(loss: report.loss, unexplained: report.unexplained)
                    + Self.units(active: report.activeUnits, dead: report.deadUnits))
        }
    }

    private static func reconstruction(loss: Double, unexplained: Double) -> [Measure] {
        [
            Measure("loss", loss, "loss", decimals: 4),
            Measure("unexplained", unexplained, "unexplained", decimals: 4),
        ]
    }

    private static func units(active: Double, dead: Int) -> [Measure] {
        [
            Measure("active_units", active, "active", decimals: 1),
            Measure(key: "dead_units", value: Double(dead), isWhole: true, text: dead == 0 ? nil : "\(dead) dead"),
        ]
    }
}

extension TrainingNews {
    /// - Parameter likelihood: decides what else there is to say of a bound.
    init(_ event: VariationalEvent, likelihood: LikelihoodKind) {
        switch event {
        case .started(let plan): self = .started(plan)
        case .step(let report):
            self = .step(
                Step(
                    step: report.step, totalSteps: report.totalSteps, rowsSeen: report.rowsSeen,
                    measure: Measure("loss", report.loss, "loss", decimals: 2)))
        case .epoch(let report):
            var measures = Self.bound(report.training, likelihood)
            if let validation = report.validation {
                measures.append(
                    likelihood.isPerToken
                        ? Measure("validation_perplexity", validation.perplexityPerCorpus, "validation", decimals: 1)
                        : Measure("validation_loss", validation.loss, "validation", decimals: 2))
            }
            self = .epoch(
                Epoch(
                    epoch: report.epoch, epochs: report.epochs, rows: report.rows, seconds: report.seconds,
                    measures: measures))
        case .stoppedEarly(let epoch, let best): self = .stoppedEarly(epoch: epoch, bestEpoch: best)
        case .finished(let report): self = .finished(Self.bound(report, likelihood))
        }
    }

    private static func bound(_ report: BoundReport, _ likelihood: LikelihoodKind) -> [Measure] {
        var measures = [Measure("loss", report.loss, "loss", decimals: 2)]
        if likelihood.isPerToken {
            measures.append(Measure("perplexity", report.perplexityPerCorpus, "perplexity", decimals: 1))
        }
        return measures + [
            Measure("kl_nats_per_document", report.klDivergence, "KL", decimals: 2),
            Measure(
                key: "active_units", value: Double(report.activeUnits), isWhole: true,
                text: "active \(report.activeUnits)"),
        ]
    }
}

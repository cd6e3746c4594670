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

    /// A number of units; nothing to say of none.
    init(count: Int, _ key: String, _ label: String) {
        self.init(key: key, value: Double(count), isWhole: true, text: count == 0 ? nil : "\(count) \(label)")
    }
}

extension TrainingNews {
    /// - Parameter isPerToken: whether there is a perplexity.
    init(_ event: TrainingEvent, isPerToken: Bool) {
        switch event {
        case .started(let plan): self = .started(plan)
        case .step(let report):
            self = .step(
                Step(
                    step: report.step, totalSteps: report.totalSteps, rowsSeen: report.rowsSeen,
                    measure: Self.measure(of: report.figure)))
        case .epoch(let report):
            let validation = report.validation.map { [Self.validation($0, isPerToken: isPerToken)] } ?? []
            self = .epoch(
                Epoch(
                    epoch: report.epoch, epochs: report.epochs, rows: report.rows, seconds: report.seconds,
                    measures: Self.measures(of: report.training, validation: validation, isPerToken: isPerToken)))
        case .stoppedEarly(let epoch, let best): self = .stoppedEarly(epoch: epoch, bestEpoch: best)
        case .finished(let figures): self = .finished(Self.measures(of: figures, isPerToken: isPerToken))
        }
    }

    private static func measure(of figure: StepFigure) -> Measure {
        switch figure {
        case .unexplained(let share): Measure("unexplained", share, "unexplained", decimals: 4)
        case .bound(let loss): Measure("loss", loss, "loss", decimals: 2)
        }
    }

    private static func measures(
        of figures: TrainingFigures, validation: [Measure] = [], isPerToken: Bool
    ) -> [Measure] {
        switch figures {
        case .reconstruction(let figures):
            [
                Measure("loss", figures.loss, "loss", decimals: 4),
                Measure("unexplained", figures.unexplained, "unexplained", decimals: 4),
            ] + validation + [
                Measure("active_units", figures.activeUnits, "active", decimals: 1),
                Measure(count: figures.deadUnits, "dead_units", "dead"),
                Measure(count: figures.revivedUnits, "revived_units", "revived"),
            ]
        case .bound(let report):
            [Measure("loss", report.loss, "loss", decimals: 2)]
                + (isPerToken ? [Measure("perplexity", report.perplexityPerCorpus, "perplexity", decimals: 1)] : [])
                + [
                    Measure("kl_nats_per_document", report.klDivergence, "KL", decimals: 2),
                    Measure(
                        key: "active_units", value: Double(report.activeUnits), isWhole: true,
                        text: "active \(report.activeUnits)"),
                ] + validation
        }
    }

    private static func validation(_ figures: TrainingFigures, isPerToken: Bool) -> Measure {
        switch figures {
        case .reconstruction(let figures):
            Measure("validation_unexplained", figures.unexplained, "validation", decimals: 4)
        case .bound(let report) where isPerToken:
            Measure("validation_perplexity", report.perplexityPerCorpus, "validation", decimals: 1)
        case .bound(let report): Measure("validation_loss", report.loss, "validation", decimals: 2)
        }
    }
}

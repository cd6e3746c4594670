import Autoencoders

/// All that training told, in order, with the figures of its kind of model.
final class TrainingLog<Figures> {
    private let figures: (TrainingFigures) -> Figures?
    private(set) var plan: TrainingPlan?
    private(set) var steps: [StepReport] = []
    private(set) var reports: [EpochReport] = []
    private(set) var epochs: [Epoch] = []
    private(set) var earlyStop: (epoch: Int, bestEpoch: Int)?
    private(set) var final: Figures?

    @dynamicMemberLookup
    struct Epoch {
        let report: EpochReport
        let training: Figures
        let validation: Figures?

        subscript<T>(dynamicMember path: KeyPath<Figures, T>) -> T { training[keyPath: path] }

        var epoch: Int { report.epoch }
        var epochs: Int { report.epochs }
        var rows: Int { report.rows }
    }

    init(figures: @escaping (TrainingFigures) -> Figures?) { self.figures = figures }

    func note(_ event: TrainingEvent) {
        switch event {
        case .started(let plan): self.plan = plan
        case .resumed: break
        case .step(let report): steps.append(report)
        case .epoch(let report):
            if let training = figures(report.training) {
                epochs.append(
                    Epoch(report: report, training: training, validation: report.validation.flatMap(figures)))
            }
        case .checkpointFailed: break
        case .stoppedEarly(let epoch, let bestEpoch): earlyStop = (epoch, bestEpoch)
        case .finished(let report): final = figures(report)
        }
    }
}

extension TrainingLog<ReconstructionFigures> {
    convenience init() {
        self.init { figures in
            if case .reconstruction(let figures) = figures { figures } else { nil }
        }
    }
}

extension TrainingLog<BoundReport> {
    convenience init() {
        self.init { figures in
            if case .bound(let report) = figures { report } else { nil }
        }
    }
}

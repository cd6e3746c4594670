import Autoencoders

/// How fast a training goes, by what this run of the program has done of it: one that goes on from an earlier run's state
/// did not do that run's part.
struct TrainingPace {
    private var start = ContinuousClock.now
    private var plan: TrainingPlan?
    /// What earlier runs have done.
    private var earlier = (steps: 0, rows: 0)

    mutating func notice(_ news: TrainingNews) {
        switch news {
        case .started(let plan): self.plan = plan
        case .resumed(let epochs, let steps):
            guard let plan else { return }
            let rows = plan.trainingRows.count
            earlier = (
                epochs * plan.stepsPerEpoch + steps, epochs * rows + min(steps * plan.batchSize, rows)
            )
            start = .now
        case .step, .warning, .epoch, .stoppedEarly, .finished: break
        }
    }

    private var elapsed: Double { start.duration(to: .now) / .seconds(1) }

    /// - Parameter step: counted from 1 over all epochs.
    func secondsLeft(afterStep step: Int) -> Double {
        guard let plan else { return 0 }
        let (done, all) = (step - earlier.steps, plan.epochs * plan.stepsPerEpoch)
        return elapsed / Double(max(1, done)) * Double(max(0, all - step))
    }

    func secondsLeft(afterEpoch epoch: Int) -> Double {
        plan.map { secondsLeft(afterStep: epoch * $0.stepsPerEpoch) } ?? 0
    }

    /// - Parameter rows: counted over all epochs.
    func rowsPerSecond(afterRows rows: Int) -> Double { Double(max(0, rows - earlier.rows)) / max(elapsed, 1e-9) }
}

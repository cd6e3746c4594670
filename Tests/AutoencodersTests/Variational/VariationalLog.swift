import Autoencoders

/// All that variational training told, in order.
final class VariationalLog {
    private(set) var plan: TrainingPlan?
    private(set) var steps: [VariationalStepReport] = []
    private(set) var epochs: [VariationalEpochReport] = []
    private(set) var earlyStop: (epoch: Int, bestEpoch: Int)?
    private(set) var final: BoundReport?

    func note(_ event: VariationalEvent) {
        switch event {
        case .started(let plan): self.plan = plan
        case .step(let report): steps.append(report)
        case .epoch(let report): epochs.append(report)
        case .stoppedEarly(let epoch, let bestEpoch): earlyStop = (epoch, bestEpoch)
        case .finished(let report): final = report
        }
    }
}

/// Settings of a small model, whatever the defaults are.
func variational(_ change: (inout VariationalSettings) -> Void = { _ in }) -> VariationalSettings {
    var settings = VariationalSettings()
    settings.latentWidth = 8
    settings.hiddenWidths = [24, 16]
    change(&settings)
    return settings
}

/// Remembers the best model by validation error and says when to stop.
struct ValidationWatch<Model> {
    /// Epochs to wait for a better error; nil never stops.
    let patience: Int?
    private(set) var best: Model?
    private(set) var bestEpoch = 0
    private var bestError = Double.infinity

    init(patience: Int?) { self.patience = patience }

    /// The best model so far, handed over rather than copied.
    mutating func takeBest() -> Model? {
        defer { best = nil }
        return best
    }

    /// Takes note of an epoch.
    ///
    /// - Returns: whether patience has run out.
    mutating func notice(epoch: Int, error: Double, _ model: @autoclosure () -> Model) -> Bool {
        if error < bestError {
            bestError = error
            bestEpoch = epoch
            best = model()
        }
        guard let patience else { return false }
        return epoch - bestEpoch >= patience
    }
}

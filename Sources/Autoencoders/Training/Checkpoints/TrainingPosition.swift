/// Where in its course a training is, beside the state of its trainer.
struct TrainingPosition<Snapshot: SavedState> {
    /// The number of finished epochs.
    var epochs = 0
    /// The number of steps of the next epoch that were performed.
    var steps = 0
    /// That of the epoch that `steps` are of, or of the last one.
    var order: RowOrder
    var generator: RandomGenerator
    var watch: ValidationWatch<Snapshot>
}

extension TrainingPosition: SavedState {
    /// Without the watch's best model, whose shape is the trainer's.
    mutating func visit(_ walk: StateWalk) {
        walk.part("epochs", &epochs)
        walk.part("steps", &steps)
        walk.part("order", &order)
        walk.part("generator", &generator)
        walk.part("watch", &watch)
    }
}

extension Trainer {
    /// Visits everything that the rest of a training depends on.
    mutating func visit(_ walk: StateWalk, with position: inout TrainingPosition<Snapshot>) {
        walk.part("position", &position)
        // Sets what follows from the number of the epoch, and the sums over its steps, which come next, to zero.
        if walk.isFilling && position.steps > 0 { startEpoch(position.epochs + 1) }
        walk.part("trainer", &self)
        position.watch.visitBest(walk, like: snapshot)
    }
}

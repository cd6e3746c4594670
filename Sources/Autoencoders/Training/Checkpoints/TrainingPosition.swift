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
    /// Of a stream; the order of its chunk is not kept, since it follows from the generator before it was drawn.
    var stream: StreamPosition?
}

/// How far a stream was read.
struct StreamPosition: SavedState {
    /// Tells the documents so far from others.
    var fingerprint = 0
    /// That before the order of the current chunk was drawn.
    var generator: RandomGenerator

    mutating func visit(_ walk: StateWalk) {
        walk.part("fingerprint", &fingerprint)
        walk.part("generator", &generator)
    }
}

extension TrainingPosition {
    /// Without the watch's best model, whose shape is the trainer's.
    ///
    /// - Parameter plan: of the training.
    mutating func visit(_ walk: StateWalk, of plan: TrainingPlan) {
        walk.part("epochs", &epochs)
        walk.part("steps", &steps)
        if stream == nil {
            walk.part("order", &order)
            walk.part("generator", &generator)
        }
        walk.part("stream", &stream)
        if walk.isFilling, let stream { generator = stream.generator }
        walk.part("watch", &watch)
        let isPossible =
            walk.require((0...plan.mostEpochs).contains(epochs), "epochs", is: "0 to \(plan.mostEpochs)")
            && walk.require(
                steps == 0 || epochs < plan.mostEpochs && (0...plan.mostStepsPerEpoch).contains(steps), "steps",
                is: "0 to \(plan.mostStepsPerEpoch) of an epoch that there is")
            && walk.require((0...epochs).contains(watch.bestEpoch), "watch.best_epoch", is: "0 to \(epochs)")
        if !isPossible { (epochs, steps) = (0, 0) }
    }
}

extension Trainer {
    /// Visits everything that the rest of a training depends on.
    ///
    /// - Parameter plan: of the training; what a walk fills in must be a position in it.
    mutating func visit(_ walk: StateWalk, with position: inout TrainingPosition<Snapshot>, of plan: TrainingPlan) {
        walk.group("position") { position.visit(walk, of: plan) }
        // Sets what follows from the number of the epoch, and the sums over its steps, which come next, to zero.
        if walk.isFilling, walk.problem == nil, position.steps > 0 { startEpoch(position.epochs + 1) }
        walk.part("trainer", &self)
        position.watch.visitBest(walk, like: snapshot)
    }
}

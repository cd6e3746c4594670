import Autoencoders
import Corpora
import SparseMatrices

extension FeatureModel {
    /// Trains a model on documents that arrive one after another, each of which is visited once; memory does not grow with
    /// their number.
    ///
    /// The settings that are chosen from the data, the weights of features and the initial model are chosen from the
    /// first chunk, and then kept. At the end the model is finished with a sample of all documents.
    ///
    /// - Parameters:
    ///   - stream: the documents, before weighting.
    ///   - settings: the kind of model and how it is trained. Of `training`, `epochs`, `validationFraction` and `patience`
    ///     do not apply: the documents of `referenceRows`, at most one in twenty, are those that the error is watched on.
    ///   - checkpoints: a state is kept after every chunk. A run that goes on from one has to be fed the same documents
    ///     from their beginning, and leaves out those that it has learned from.
    /// - Throws: as the other `train`, and `FileError` if the stream cannot be read.
    package static func train(
        on stream: CorpusStream, _ settings: ModelSettings = ModelSettings(), execution: Execution = Execution(),
        checkpoints: Checkpoints? = nil, onEvent: (TrainingEvent) -> Void = { _ in }
    ) throws -> FeatureModel {
        try settings.check()
        guard let first = try stream.next() else { throw ModelTrainingError.noEntries }
        try settings.checkMemory(on: first.matrix)
        let material = try TrainingMaterial(
            first, then: stream, settings.resolved(for: first.matrix).inputSpace, settings)
        return try material.train(settings, execution: execution, checkpoints: checkpoints, onEvent: onEvent)
    }
}

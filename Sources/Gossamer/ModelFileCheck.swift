import Autoencoders
import FileIO

extension ModelReader {
    /// Checks that the parts of a model agree that were read each by itself. All that uses a model relies on it: memory is
    /// laid out by the settings, and filled by the network.
    ///
    /// - Throws: `FileError.badData`.
    func requireAgreement(within model: FeatureModel) throws(FileError) {
        try requireRanges(of: model.record)
        let settings = model.record.architecture, network = model.network
        try requireEqual("latent units", settings.latentWidth, network.latentWidth)
        try requireEqual("widths of hidden layers", settings.hiddenWidths, network.hiddenWidths)
        if let activation = settings.namedActivation {
            try requireEqual("activation", activation.description, network.encoder.activation.description)
        }
    }

    /// Settings have the ranges that training asks for, and documents and entries are counted without an overflow.
    private func requireRanges(of record: FeatureModel.TrainingRecord) throws(FileError) {
        var settings = ModelSettings(any: record.architecture)
        settings.training = record.training
        do {
            try settings.check()
        } catch {
            throw bad(
                found: "\(error.setting) = \(error.found) in the training record", expected: Message(error.expected))
        }
        let counts =
            [record.documents, record.entries] + record.earlier.flatMap { [$0.documents, $0.entries, $0.epochs ?? 0] }
        guard counts.allSatisfy({ (0...Self.mostCounted).contains($0) }), record.earlier.count <= Self.mostTrainings
        else {
            throw bad(
                found: "numbers of documents, entries or epochs that cannot be, in the training record",
                expected: "numbers from 0 to \(Self.mostCounted), of at most \(Self.mostTrainings) trainings")
        }
    }

    /// More than any memory holds; the sum over all trainings is far from the largest `Int`.
    private static let mostCounted = 1 << 44
    private static let mostTrainings = 1 << 16

    private func requireEqual<Value: Equatable>(
        _ what: String, _ recorded: Value, _ stored: Value
    ) throws(FileError) {
        guard recorded != stored else { return }
        throw bad(
            found: "\(what): \(recorded) in the training record",
            expected: "\(String(describing: stored)), as in the tensors")
    }
}

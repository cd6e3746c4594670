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

    /// Settings have the ranges that training asks for; numbers of documents are checked where a record is decoded.
    private func requireRanges(of record: FeatureModel.TrainingRecord) throws(FileError) {
        var settings = ModelSettings(any: record.architecture)
        settings.training = record.training
        do {
            try settings.check()
        } catch {
            throw bad(
                found: "\(error.setting) = \(error.found) in the training record", expected: Message(error.expected))
        }
    }

    private func requireEqual<Value: Equatable>(
        _ what: String, _ recorded: Value, _ stored: Value
    ) throws(FileError) {
        guard recorded != stored else { return }
        throw bad(
            found: "\(what): \(recorded) in the training record",
            expected: "\(String(describing: stored)), as in the tensors")
    }
}

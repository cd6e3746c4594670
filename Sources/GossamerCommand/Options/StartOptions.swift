import ArgumentParser
import FileIO
import Gossamer

/// A model that training goes on from, with other documents.
struct StartOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Go on learning from this corpus with a model that knows others; new words are added. All options of the \
            model are those that it has.
            """, valueName: "model"))
    var startFrom: String?

    @Flag(help: "With --start-from: known features weigh what they do, instead of a mean over all documents.")
    var keepWeighting = false

    func validate() throws {
        if keepWeighting && startFrom == nil {
            throw ValidationError("--keep-weighting has no effect without --start-from")
        }
    }

    /// - Throws: `FileError` if the file is no model of the kind that is to be trained.
    func model(of kind: FeatureModel.Kind) throws(FileError) -> FeatureModel? {
        guard let startFrom else { return nil }
        let model = try FeatureModel(contentsOf: startFrom)
        guard model.kind == kind else {
            throw .badData(
                BadData(
                    path: startFrom, found: "a model of the kind \(model.kind.rawValue)",
                    expected: Message(kind.rawValue), advice: "train the kind of model that it is"))
        }
        return model
    }
}

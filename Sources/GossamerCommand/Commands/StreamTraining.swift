import ArgumentParser
import Autoencoders
import Corpora
import FileIO
import Gossamer

/// Training on standard input, which is read once.
extension TrainingCommand {
    /// Whether documents are learned from as they arrive. A number of epochs needs them all in memory.
    var isStream: Bool { files.corpus == "-" && training.epochs == nil }

    /// Trains on standard input, writes the model and prints the report.
    func trainOnStream(_ execution: Execution, since start: ContinuousClock.Instant) throws {
        if let option = optionOfAllDocuments {
            throw ValidationError(
                "\(option) needs all documents, and standard input is learned from in one pass; leave the option out, "
                    + "give a file, or hold all documents in memory with --epochs")
        }
        let stream = try CorpusStream(
            files.corpus, options: corpusOptions.readingOptions(), parallelism: common.parallelism)
        var watch = TrainingWatch(progress: common.progress.trainingProgress())
        let (model, results) = try Interruption.after(files.state.adviceAfterInterruption, { execution.cancel() }) {
            try trainOrExplain(on: .stream(stream), execution: execution, checkpoints: files.state.checkpoints) {
                watch.notice($0)
            }
        }
        try model.save(to: files.out)
        if let provenance = stream.provenance {
            provenance.announce(files.corpus)
            corpusOptions.announceUnused(provenance, files.corpus)
        }
        if let words = stream.hashedWords {
            Console.note("\(inputName(files.corpus)): \(words.note)")
        }
        Console.note("weights of features, and what is chosen from the data, are those of the first chunk of documents")
        let report = TrainingSummary(
            model: files.out, documents: model.record.documents, features: model.featureCount,
            nonzeros: model.record.entries, watch: watch, results: results,
            seconds: start.duration(to: .now) / .seconds(1))
        try common.json ? Console.json(report) : Console.result(report.text(for: model, embeddings: nil))
    }

    /// A given option that needs all documents together; nil if there is none.
    private var optionOfAllDocuments: String? {
        let (text, usual) = (corpusOptions.text, TextCountingOptions.unlimited)
        let options: [(name: String, isGiven: Bool)] = [
            ("--validation", training.validation > 0), ("--patience", training.patience != nil),
            ("--embeddings", files.embeddings != nil), ("--report", files.report != nil),
            ("--start-from", files.start.startFrom != nil), ("--transpose", corpusOptions.source.transpose),
            ("--min-df", text.minDf != usual.least), ("--max-df", text.maxDf != usual.most),
            ("--max-features", text.maxFeatures != nil),
        ]
        return options.first(where: \.isGiven)?.name
    }
}

extension TextCountingOptions {
    /// Document frequencies that leave out no word.
    fileprivate static let unlimited = (least: TextOptions().minDF, most: TextOptions().maxDF)
}

import Corpora
import Evaluation
import FileIO
import Foundation
import SparseMatrices

/// The npmi of the words of several models, measured in documents that none of them learned from.
///
/// A single split is not enough to compare two models, since the result depends on which documents are held out.
struct CoherenceComparison: Encodable {
    struct Entry: Encodable {
        let model: String
        /// The npmi of each split, with the same order of splits for every model.
        let npmiOfSplits: [Double]
        /// The mean fraction of distinct words among the 25 strongest of every list.
        let diversity: Double

        var npmi: Double { npmiOfSplits.mean }
        var standardError: Double { npmiOfSplits.standardError }

        private enum CodingKeys: String, CodingKey {
            case model, npmi, diversity
            case standardError = "npmi_standard_error"
            case npmiOfSplits = "npmi_of_splits"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(model, forKey: .model)
            try container.encode(npmi, forKey: .npmi)
            try container.encode(standardError, forKey: .standardError)
            try container.encode(diversity, forKey: .diversity)
            try container.encode(npmiOfSplits, forKey: .npmiOfSplits)
        }
    }

    private(set) var entries: [Entry] = []

    /// - Throws: `BadData` for a corpus without words or with fewer documents than splits.
    init(of corpus: Corpus, _ settings: CompareSettings, splits: Int) throws {
        guard let words = corpus.vocabulary else {
            throw BadData(
                path: settings.file, found: "no words", expected: "a word for each feature",
                advice: "name a file of words with --vocabulary")
        }
        guard corpus.rowCount >= splits else {
            throw BadData(
                path: settings.file, found: "\(corpus.rowCount) documents", expected: "\(splits) or more",
                advice: "choose fewer splits")
        }
        let folds = CorpusFolds(rowCount: corpus.rowCount, count: splits, seed: 0)
        var measured: [(model: String, coherence: TopicCoherence)] = []
        for fold in 0..<splits {
            note("split \(fold + 1) of \(splits)")
            measured += try Self.measure(
                train: corpus.rows(folds.training(fold)), held: corpus.rows(folds.heldOut[fold]), words, settings)
        }
        for model in measured.prefix(measured.count / splits).map(\.model) {
            let figures = measured.filter { $0.model == model }.map(\.coherence)
            let npmi = figures.compactMap(\.npmi)
            // A peer that failed on one split cannot be compared.
            guard npmi.count == splits else { continue }
            entries.append(
                Entry(model: model, npmiOfSplits: npmi, diversity: figures.compactMap(\.diversity).mean))
        }
    }

    private static func measure(
        train: Corpus, held: Corpus, _ words: Vocabulary, _ settings: CompareSettings
    ) throws -> [(model: String, coherence: TopicCoherence)] {
        let model = try TrainingComparison.train(train, latent: settings.latent, settings.execution).model
        let byWeight = model.coherence(in: held, parallelism: settings.parallelism)
        let byLift = try model.coherenceByLift(test: held, execution: settings.execution)
        let own = [("Gossamer", byWeight)] + (byLift.map { [("Gossamer, by lift", $0)] } ?? [])
        return try withScratchFolder { folder in
            let (rows, vocabulary) = (folder.appending(path: "train.svm"), folder.appending(path: "words.txt"))
            try LibSVMWriter.write(train, to: rows.path)
            let lines = words.words.map { $0 + "\n" }.joined()
            try lines.write(to: vocabulary, atomically: false, encoding: .utf8)
            return try own
                + ["nmf", "lsa"].compactMap { peer in
                    let arguments = [rows.path, vocabulary.path, String(settings.latent), peer]
                    guard let lists = settings.peers.output(of: "word_lists", arguments) else { return nil }
                    let file = folder.appending(path: "\(peer).txt")
                    try lists.write(to: file, atomically: false, encoding: .utf8)
                    let read = try WordLists.read(
                        path: file.path, vocabulary: words, featureCount: train.featureCount)
                    return (
                        peer.uppercased(),
                        TopicCoherence(ofLists: read.lists, in: held.matrix, parallelism: settings.parallelism)
                    )
                }
        }
    }

    var markdown: String {
        let rows = entries.map {
            String(format: "| %@ | %.4f ± %.4f | %.3f |", $0.model, $0.npmi, $0.standardError, $0.diversity)
        }
        return
            ([
                "| model | npmi, mean over \(entries.first?.npmiOfSplits.count ?? 0) splits | distinct words |",
                "|---|---|---|",
            ]
            + rows).joined(separator: "\n")
    }
}

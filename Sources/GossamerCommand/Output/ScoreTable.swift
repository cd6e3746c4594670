import Corpora
import Evaluation
import FileIO
import Gossamer

/// The table that `score` writes, one line per document, and the summary that it prints at the end.
final class ScoreTable {
    private let file: AtomicFile
    /// The path of the corpus, for messages.
    private let path: String
    private let corpus: Corpus
    private let model: FeatureModel
    private let hasTail: Bool
    private var strangest: [DocumentScore] = []
    private var documents = 0
    private var scoreSum = 0.0
    private var emptyDocuments = 0

    private static let strangestShown = 10

    /// - Parameter path: the path of the table.
    init(path: String, _ documents: NamedCorpus, _ model: FeatureModel, hasTail: Bool) throws(FileError) {
        (self.path, corpus) = (documents.path, documents.corpus)
        self.model = model
        self.hasTail = hasTail
        file = try AtomicFile(path: path)
        var columns = ["row"]
        if corpus.ids != nil { columns.append("id") }
        if corpus.labels != nil { columns.append("label") }
        columns += ["entries", "loss", "score"] + (hasTail ? ["tail"] : []) + ["features"]
        try file.write(columns.joined(separator: "\t") + "\n")
    }

    /// - Throws: `FileError.badData` if the loss of a document is not finite.
    func append(_ scores: [DocumentScore]) throws(FileError) {
        for score in scores {
            guard score.loss.isFinite, score.score.isFinite else {
                throw .badData(
                    BadData(
                        path: inputName(path), found: "row \(score.row + 1), whose loss is not finite",
                        expected: "values like those of the training documents",
                        advice: "look for values far beyond theirs, and scale or remove them"))
            }
            var fields = [String(score.row + 1)]
            if let ids = corpus.ids { fields.append(Self.field(ids[score.row])) }
            if let labels = corpus.labels { fields.append(Self.field(labels[score.row] ?? "")) }
            fields += [String(score.entries), Self.number(score.loss), Self.number(score.score)]
            if hasTail { fields.append(Self.number(score.tail ?? 1)) }
            fields.append(features(of: score))
            try file.write(fields.joined(separator: "\t") + "\n")
            notice(score)
        }
    }

    func finish() throws(FileError) { try file.commit() }

    private func notice(_ score: DocumentScore) {
        documents += 1
        if score.entries == 0 { emptyDocuments += 1 }
        scoreSum += score.score
        if strangest.count == Self.strangestShown, let last = strangest.last, last.score >= score.score { return }
        strangest.insert(score, at: strangest.firstIndex { $0.score < score.score } ?? strangest.count)
        if strangest.count > Self.strangestShown { strangest.removeLast() }
    }

    private func features(of score: DocumentScore) -> String {
        score.features.map { "\(Self.field(name(of: $0.feature))):\(Format.fixed($0.loss, 4))" }.joined(separator: " ")
    }

    private func name(of feature: Int) -> String {
        model.vocabulary?[feature] ?? String(feature + (model.indexBase?.rawValue ?? 0))
    }

    /// 32-bit numbers have about seven significant digits.
    private static func number(_ value: Double) -> String {
        Float(value).isFinite ? Float(value).shortestText : value.description
    }

    /// The text without characters that would end a field or a line.
    private static func field(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { "\t\n\r".unicodeScalars.contains($0) ? "_" : $0 }))
    }

    struct Summary: Encodable {
        struct Document: Encodable {
            let row: Int
            let id: String?
            let label: String?
            let loss: Double
            let score: Double
            let tail: Double?
        }

        let scores: String
        let documents: Int
        let emptyDocuments: Int
        let meanScore: Double?
        /// The documents with the highest scores, the highest first.
        let strangest: [Document]
        let seconds: Double

        var text: String {
            let lines = strangest.map { document in
                let names = [document.id, document.label.map { "label \($0)" }].compactMap { $0 }
                return "  row \(document.row)  score \(Format.fixed(document.score, 4))  "
                    + names.joined(separator: "  ")
            }
            let empty = emptyDocuments == 0 ? "" : ", \(Format.count(emptyDocuments)) of them empty"
            let count = "\(Format.count(documents)) documents\(empty) in \(Format.duration(seconds))"
            return (["\(scores): \(count); the strangest:"] + lines).joined(separator: "\n")
        }
    }

    func summary(out: String, seconds: Double) -> Summary {
        Summary(
            scores: out, documents: documents, emptyDocuments: emptyDocuments,
            meanScore: documents == 0 ? nil : (scoreSum / Double(documents)).ifFinite,
            strangest: strangest.filter { $0.score.isFinite && $0.loss.isFinite }.map { score in
                Summary.Document(
                    row: score.row + 1, id: corpus.ids?[score.row], label: corpus.labels?[score.row], loss: score.loss,
                    score: score.score, tail: score.tail)
            }, seconds: seconds)
    }
}

import Corpora
import Evaluation
import Gossamer

/// What a search reports in the end.
struct SearchSummary: Encodable {
    let kind: String
    let by: String
    let folds: Int
    let documents: Int
    let features: Int
    /// Best first.
    let candidates: [Candidate]
    let best: [String: String]?
    let bestCommand: String?
    let simplestWithinOneStandardError: [String: String]?
    let simplestCommand: String?
    let results: String
    let bestModel: String?
    let seconds: Double
    /// For people.
    private let report: SearchReport

    struct Candidate: Encodable {
        let options: [String: String]
        let mean: Double?
        let standardError: Double?
        let scores: [Double]
        let perplexityCorpus: Double?
        let activeUnits: Double?
        let deadUnits: Double?
        let parameters: Int
        let secondsPerFold: Double
        let isWithinOneStandardError: Bool
        let failure: String?
    }

    private enum CodingKeys: String, CodingKey {
        case kind, by, folds, documents, features, candidates, best, bestCommand, simplestWithinOneStandardError
        case simplestCommand, results, bestModel, seconds
    }

    /// - Parameter command: the command line that trains a candidate alone.
    init(
        _ report: SearchReport, kind: FeatureModel.Kind, documents corpus: Corpus, results: String,
        bestModel: String?, seconds: Double, command: (SearchCandidate) -> String
    ) {
        self.report = report
        self.kind = kind.rawValue
        by = report.measure.rawValue
        folds = report.folds
        documents = corpus.rowCount
        features = corpus.featureCount
        candidates = report.entries.enumerated().map { place, entry in
            Candidate(
                options: entry.candidate.options, mean: entry.mean, standardError: entry.standardError,
                scores: entry.scores, perplexityCorpus: entry.perplexityCorpus, activeUnits: entry.activeUnits,
                deadUnits: entry.deadUnits, parameters: entry.parameterCount, secondsPerFold: entry.seconds,
                isWithinOneStandardError: report.nearBest.contains(place), failure: entry.failure)
        }
        let (best, simplest) = (report.best?.candidate, report.simplestNearBest?.candidate)
        self.best = best?.options
        bestCommand = best.map(command)
        simplestWithinOneStandardError = simplest?.options
        simplestCommand = simplest.map(command)
        self.results = results
        self.bestModel = bestModel
        self.seconds = seconds
    }

    var text: String {
        let runs = "mean of \(folds) folds ± standard error"
        let better = report.measure.isHigherBetter ? "more is better" : "less is better"
        var lines = ["\(title) of documents not trained on, \(runs); \(better):", ""]
        lines += SearchTable(report).lines
        lines.append("")
        if report.nearBest.count > 1 {
            let simplest = simplestCommand == bestCommand ? "; the best is also the simplest of them" : ""
            lines.append("≈ and simplest: within one standard error of the best; simplest has the fewest weights,")
            lines.append("then the fewest active units\(simplest)")
            lines.append("")
        }
        if let bestCommand { lines.append("best         \(bestCommand)") }
        if let simplestCommand, simplestCommand != bestCommand { lines.append("simplest     \(simplestCommand)") }
        if let bestModel { lines.append("model        \(bestModel): the best, trained on all documents") }
        lines.append("results      \(results)")
        lines.append("time         \(Format.duration(seconds))")
        return lines.joined(separator: "\n")
    }
}

extension SearchSummary {
    private var title: String {
        switch report.measure {
        case .fvu: "fraction of variance unexplained"
        case .bound: report.best?.perplexityCorpus == nil ? "loss in nats a document," : "loss in nats a token"
        case .probe: "linear probe"
        }
    }
}

extension SearchCandidate {
    fileprivate var options: [String: String] { Dictionary(choices.map { ($0.name, $0.value) }) { $1 } }
}

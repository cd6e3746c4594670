import Corpora
import Evaluation
import Gossamer

/// The report of a search.
struct SearchSummary: Encodable {
    let kind: String
    let by: String
    let folds: Int
    let documents: Int
    let features: Int
    /// The candidates, best first.
    let candidates: [SearchReport.Row]
    let best: [String: String]?
    let bestCommand: String?
    let simplestWithinOneStandardError: [String: String]?
    let simplestCommand: String?
    let results: String
    let bestModel: String?
    let seconds: Double
    /// The report that the human-readable table is made from.
    private let report: SearchReport

    private enum CodingKeys: String, CodingKey {
        case kind, by, folds, documents, features, candidates, best, bestCommand, simplestWithinOneStandardError
        case simplestCommand, results, bestModel, seconds
    }

    /// - Parameter command: returns the command line that trains a candidate.
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
        candidates = report.rows
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

/// The human-readable table of a search's candidates, best first.
struct SearchTable {
    let lines: [String]

    private static let mostRows = 40

    init(_ report: SearchReport) {
        let shown = Array(report.entries.prefix(Self.mostRows).enumerated())
        let names = report.entries.first?.candidate.choices.map(\.name) ?? []
        let simplest = report.simplestNearBest?.candidate
        var columns = [
            Column(
                "",
                shown.map { place, entry in
                    if place == 0 { return "best" }
                    if entry.candidate == simplest { return "simplest" }
                    return report.nearBest.contains(place) ? "≈" : ""
                }, alignsLeft: true)
        ]
        for (index, name) in names.enumerated() {
            columns.append(Column(name, shown.map { $0.element.candidate.choices[index].value }, alignsLeft: true))
        }
        columns.append(Column(report.measure.rawValue, shown.map { Self.score($0.element) }))
        columns.append(Column("perplexity", shown.map { Self.text($0.element.perplexityCorpus) }))
        columns.append(Column("active", shown.map { $0.element.activeUnits.map { Format.fixed($0, 1) } ?? "" }))
        columns.append(Column("dead", shown.map { Self.text($0.element.deadUnits) }))
        columns.append(Column("time a fold", shown.map { Format.duration($0.element.seconds) }))
        let rows = columns.filter { !$0.isEmpty }.map(\.padded)
        var lines = (0...shown.count).map { row in
            rows.map { $0[row] }.joined(separator: "  ").trimmingBlanks
        }
        if report.entries.count > shown.count {
            lines.append("… and \(report.entries.count - shown.count) more")
        }
        for entry in report.entries {
            if let failure = entry.failure { lines.append("\(entry.candidate.name): \(failure)") }
        }
        self.lines = lines
    }

    private static func score(_ entry: SearchReport.Entry) -> String {
        guard let mean = entry.mean, let error = entry.standardError else { return "failed" }
        return "\(Format.fixed(mean, 4)) ± \(Format.fixed(error, 4))"
    }

    private static func text(_ number: Double?) -> String {
        number.map { Format.fixed($0, $0 == $0.rounded() ? 0 : 1) } ?? ""
    }

    private struct Column {
        let title: String
        let cells: [String]
        let alignsLeft: Bool

        init(_ title: String, _ cells: [String], alignsLeft: Bool = false) {
            self.title = title
            self.cells = cells
            self.alignsLeft = alignsLeft
        }

        var isEmpty: Bool { cells.allSatisfy(\.isEmpty) }

        /// The title and the cells, padded to the same width.
        var padded: [String] {
            let all = [title] + cells
            let width = all.map(\.count).max() ?? 0
            return all.map { alignsLeft ? $0.padded(to: width) : $0.leftPadded(to: width) }
        }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

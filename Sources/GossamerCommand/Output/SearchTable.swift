import Evaluation

/// The candidates of a search, best first, for people.
struct SearchTable {
    let lines: [String]

    private static let mostRows = 40

    init(_ report: SearchReport) {
        let shown = Array(report.entries.prefix(Self.mostRows).enumerated())
        let names = report.entries.first?.candidate.choices.map(\.name) ?? []
        let simplest = report.simplestNearBest?.candidate
        var columns = [
            Column("", shown.map { place, entry in
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

        /// The title and the cells, all of one width.
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

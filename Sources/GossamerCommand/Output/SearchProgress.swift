import Evaluation
import FileIO

/// Shows the progress of a search on stderr: one line per run and, in a terminal, a bar over all runs below them.
final class SearchProgress {
    private let style: ProgressStyle
    private var measure: SearchMeasure?
    private var folds = 0
    private var bar = ProgressBar()

    init(_ style: ProgressStyle) {
        self.style = style == .auto ? (Console.isTerminal ? .bar : .plain) : style
    }

    func show(_ event: SearchEvent) {
        if case .started(let plan) = event {
            measure = plan.measure
            folds = plan.folds
        }
        switch (style, event) {
        case (.none, _): break
        case (.jsonl, _): if let line = json(event)?.line { Console.line(line) }
        case (_, .note(let text)): Console.warning(Message(text))
        case (_, .started(let plan)): Console.line(plan.summary)
        case (_, .resumed(let run, let epochs, let steps)):
            Console.line("run \(run.number): " + TrainingNews.place(epochs: epochs, steps: steps))
        case (_, .finished(let run, let result, let score, let secondsLeft)):
            bar.clear()
            Console.line(line(run, result, score: score, secondsLeft: secondsLeft))
        case (.bar, .training(let run, let share, let secondsLeft)): draw(run, share, secondsLeft)
        case (_, .training): break
        }
    }

    private func line(_ run: SearchRun, _ result: FoldResult, score: Double?, secondsLeft: Double?) -> String {
        let number = String(run.number).leftPadded(to: String(run.total).count)
        var parts = ["run \(number)/\(run.total)", "fold \(run.fold + 1)/\(folds)", run.candidate.name]
        if let measure, let score {
            parts.append("\(measure.rawValue) \(Format.fixed(score, 4))")
            if let active = result.activeUnits { parts.append("active \(Format.fixed(active, 1))") }
            if let dead = result.deadUnits, dead > 0 { parts.append("\(dead) dead") }
        } else {
            parts.append("failed: \(result.failure ?? "nothing to measure")")
        }
        let left = secondsLeft.map { $0 > 0 ? ", \(Format.duration($0)) left" : "" } ?? ""
        return parts.joined(separator: "  ") + "  " + Format.duration(result.seconds) + left
    }

    private func draw(_ run: SearchRun, _ share: Double, _ secondsLeft: Double?) {
        bar.draw((Double(run.number - 1) + share) / Double(run.total)) {
            "run \(run.number) of \(run.total)" + (secondsLeft.map { "  \(Format.duration($0)) left" } ?? "")
        }
    }

    /// The event as JSON; nil for events that are not reported as JSON.
    private func json(_ event: SearchEvent) -> JSONFields? {
        var fields: JSONFields
        switch event {
        case .training: return nil
        case .note(let text): fields = ["event": "note", "text": text]
        case .resumed(let run, let epochs, let steps):
            fields = ["event": "resumed", "run": run.number, "epochs": epochs, "steps": steps]
        case .started(let plan):
            fields = [
                "event": "started", "by": plan.measure.rawValue, "candidates": plan.candidates, "folds": plan.folds,
                "runs": plan.runs, "done": plan.done, "documents": plan.documents, "features": plan.features,
            ]
        case .finished(let run, let result, let score, let secondsLeft):
            fields = [
                "event": "run", "run": run.number, "runs": run.total, "fold": run.fold + 1,
                "options": run.candidate.options,
                "seconds": result.seconds,
            ]
            fields.add("score", score)
            fields.add("active_units", result.activeUnits)
            fields.add("dead_units", result.deadUnits)
            fields.add("failure", result.failure)
            fields.add("seconds_left", secondsLeft)
        }
        return fields
    }
}

extension SearchPlan {
    fileprivate var summary: String {
        let already = done == 0 ? "" : ", of which \(Format.count(done)) are done already"
        return "comparing \(Format.count(candidates)) settings by \(measure.rawValue) on \(folds) folds of "
            + "\(Format.count(documents)) documents × \(Format.count(features)) features: \(Format.count(runs)) runs"
            + already
    }
}

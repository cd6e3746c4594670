import ArgumentParser
import Autoencoders
import FileIO

/// How progress is displayed.
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
    case auto, bar, plain, jsonl, none
}

/// Displays the progress of training on stderr.
protocol TrainingProgress: AnyObject {
    func show(_ news: TrainingNews)
}

extension ProgressStyle {
    func trainingProgress() -> any TrainingProgress {
        switch self {
        case .auto: Console.isTerminal ? BarProgress() : PlainProgress()
        case .bar: BarProgress()
        case .plain: PlainProgress()
        case .jsonl: JSONLinesProgress()
        case .none: SilentProgress()
        }
    }
}

/// Shows warnings only.
private final class SilentProgress: TrainingProgress {
    func show(_ news: TrainingNews) {
        if case .warning(let message) = news { Console.warning(message) }
    }
}

/// Prints one line per epoch, or about twenty lines if there are many epochs: the first, the last, and equally spaced
/// ones between.
private final class PlainProgress: TrainingProgress {
    private var pace = TrainingPace()

    func show(_ news: TrainingNews) {
        pace.notice(news)
        switch news {
        case .started(let plan): Console.line(plan.summary)
        case .resumed(let epochs, let steps): Console.line(TrainingNews.place(epochs: epochs, steps: steps))
        case .step: break
        case .warning(let message): Console.warning(message)
        case .epoch(let report) where Self.isShown(report):
            let left = pace.secondsLeft(afterEpoch: report.epoch)
            Console.line(report.line + (left > 0 ? ", \(Format.duration(left)) left" : ""))
        case .stoppedEarly(let epoch, let best):
            Console.note("stopped after epoch \(epoch): no better validation error since epoch \(best)")
        case .epoch, .finished: break
        }
    }

    private static let mostLines = 20

    private static func isShown(_ report: TrainingNews.Epoch) -> Bool {
        let (epoch, epochs) = (report.epoch, report.epochs)
        // Of a stream, whose end is not known, ever fewer.
        if epochs == 0 { return epoch <= mostLines || epoch & (epoch - 1) == 0 || epoch % 64 == 0 }
        return epoch == 1 || epochs <= mostLines || epoch * mostLines / epochs > (epoch - 1) * mostLines / epochs
    }
}

/// Shows a bar for the whole training, and a line for each finished epoch above it.
private final class BarProgress: TrainingProgress {
    private var pace = TrainingPace()
    private var bar = ProgressBar()

    func show(_ news: TrainingNews) {
        pace.notice(news)
        switch news {
        case .started(let plan): Console.line(plan.summary)
        case .resumed(let epochs, let steps): Console.line(TrainingNews.place(epochs: epochs, steps: steps))
        case .step(let report): draw(report)
        case .warning(let message):
            bar.clear()
            Console.warning(message)
        case .epoch(let report):
            bar.clear()
            Console.line(report.line)
        case .stoppedEarly(let epoch, let best):
            bar.clear()
            Console.note("stopped after epoch \(epoch): no better validation error since epoch \(best)")
        case .finished: bar.clear()
        }
    }

    private func draw(_ report: TrainingNews.Step) {
        // There is no bar of a stream, whose end is not known.
        if report.totalSteps == 0 { return }
        let share = Double(report.step) / Double(report.totalSteps)
        bar.draw(share, isLast: report.step == report.totalSteps) {
            let rate = Int(pace.rowsPerSecond(afterRows: report.rowsSeen))
            let left = pace.secondsLeft(afterStep: report.step)
            return "\(report.measure.text ?? "")  \(Format.count(rate)) docs/s  \(Format.duration(left)) left"
        }
    }
}

/// Prints one JSON object per event, for programs that watch the progress; steps are left out.
private final class JSONLinesProgress: TrainingProgress {
    func show(_ news: TrainingNews) {
        switch news {
        case .started(let plan):
            write([
                "event": "started", "documents": plan.trainingRows.count, "features": plan.featureCount,
                "epochs": plan.epochs, "batch_size": plan.batchSize, "learning_rate": Double(plan.learningRate),
            ])
        case .resumed(let epochs, let steps): write(["event": "resumed", "epochs": epochs, "steps": steps])
        case .step: break
        case .warning(let message): write(["event": "warning", "text": message.optionText])
        case .epoch(let report):
            write(
                [
                    "event": "epoch", "epoch": report.epoch, "epochs": report.epochs, "seconds": report.seconds,
                    "documents_per_second": report.rowsPerSecond,
                ], report.measures)
        case .stoppedEarly(let epoch, let best):
            write(["event": "stopped_early", "epoch": epoch, "best_epoch": best])
        case .finished(let measures): write(["event": "finished"], measures)
        }
    }

    /// JSON cannot represent numbers that are not finite; those are left out.
    private func write(_ fields: JSONFields, _ measures: [TrainingNews.Measure] = []) {
        var fields = fields
        for measure in measures where measure.value.isFinite {
            fields.add(measure.name.rawValue, measure.value)
        }
        if let line = fields.line { Console.line(line) }
    }
}

extension TrainingPlan {
    fileprivate var summary: String {
        let held = referenceRows.isEmpty ? "" : ", \(Format.count(referenceRows.count)) more held out"
        if isStream {
            return "learning from a stream in one pass, \(Format.count(featureCount)) features, chunks of at most "
                + "\(Format.count(StreamChunk.mostRows)) documents: batches of \(batchSize), learning rate "
                + "\(learningRate)" + (emphasis?.summary ?? "")
        }
        let visits = epochs == 1 ? "1 epoch" : "\(epochs) epochs"
        return "training on \(Format.count(trainingRows.count)) documents × \(Format.count(featureCount)) features "
            + "(\(Format.count(entryCount)) entries\(held)): \(visits) of \(stepsPerEpoch) steps, "
            + "batches of \(batchSize), learning rate \(learningRate)" + (emphasis?.summary ?? "")
    }
}

extension ChosenEmphasis {
    fileprivate var summary: String {
        ", emphasis \(Format.fixed(Double(power), 2)) on rare features (\(Format.fixed(100 * commonShare, 0)) % of entries are of "
            + "features in a tenth of the documents)"
    }
}

extension TrainingNews.Epoch {
    fileprivate var line: String {
        let texts = measures.compactMap(\.text)
        let name =
            epochs == 0 ? "chunk \(epoch)" : "epoch \(String(epoch).leftPadded(to: String(epochs).count))/\(epochs)"
        return "\(name)  "
            + texts.joined(separator: "  ") + "  \(Format.count(Int(rowsPerSecond))) docs/s  "
            + Format.duration(seconds)
    }
}

/// An event of training in the form that progress displays use, for any kind of model.
enum TrainingNews {
    case started(TrainingPlan)
    case resumed(epochs: Int, steps: Int)
    case step(Step)
    case warning(Message)
    case epoch(Epoch)
    case stoppedEarly(epoch: Int, bestEpoch: Int)
    case finished([Measure])

    /// Where a training goes on, in words.
    static func place(epochs: Int, steps: Int) -> String {
        "going on after epoch \(epochs)" + (steps > 0 ? " and \(steps) steps of the next" : "")
    }

    struct Step {
        let step: Int
        let totalSteps: Int
        let rowsSeen: Int
        /// The loss measure of this batch.
        let measure: Measure
    }

    struct Epoch {
        let epoch: Int
        let epochs: Int
        let rows: Int
        let seconds: Double
        let measures: [Measure]

        var rowsPerSecond: Double { Double(rows) / max(seconds, 1e-9) }
    }

    /// A measure of training.
    struct Measure {
        let name: TrainingMeasures.Name
        let value: Double
        /// The human-readable text; nil if nothing is shown.
        let text: String?
    }
}

extension TrainingNews.Measure {
    /// - Parameter isBound: whether losses are bounds in nats, which are large numbers.
    init(_ name: TrainingMeasures.Name, _ value: Double, isBound: Bool) {
        func text(_ label: String, _ decimals: Int) -> String? { "\(label) \(Format.fixed(value, decimals))" }
        // Nothing is shown for no units.
        func units(_ label: String) -> String? { value == 0 ? nil : "\(Int(value)) \(label)" }
        let shown =
            switch name {
            case .loss: text("loss", isBound ? 2 : 4)
            case .unexplained: text("unexplained", 4)
            case .perplexity: text("perplexity", 1)
            case .klDivergence: text("KL", 2)
            case .validationUnexplained: text("validation", 4)
            case .validationPerplexity: text("validation", 1)
            case .validationLoss: text("validation", 2)
            case .activeUnits: text("active", isBound ? 0 : 1)
            case .deadUnits: units("dead")
            case .revivedUnits: units("revived")
            }
        self.init(name: name, value: value, text: shown)
    }
}

extension TrainingNews {
    /// - Parameter isPerToken: whether the model has a perplexity.
    init(_ event: TrainingEvent, isPerToken: Bool) {
        switch event {
        case .started(let plan): self = .started(plan)
        case .resumed(let epochs, let steps): self = .resumed(epochs: epochs, steps: steps)
        case .checkpointFailed(let error):
            self = .warning((error as? any ExplainedError)?.message ?? Message(String(describing: error)))
        case .step(let report):
            self = .step(
                Step(
                    step: report.step, totalSteps: report.totalSteps, rowsSeen: report.rowsSeen,
                    measure: Self.measure(of: report.figure)))
        case .epoch(let report):
            self = .epoch(
                Epoch(
                    epoch: report.epoch, epochs: report.epochs, rows: report.rows, seconds: report.seconds,
                    measures: Self.list(TrainingMeasures(report, isPerToken: isPerToken))))
        case .stoppedEarly(let epoch, let best): self = .stoppedEarly(epoch: epoch, bestEpoch: best)
        case .finished(let figures): self = .finished(Self.list(TrainingMeasures(figures, isPerToken: isPerToken)))
        }
    }

    private static func measure(of figure: StepFigure) -> Measure {
        switch figure {
        case .unexplained(let share): Measure(.unexplained, share, isBound: false)
        case .bound(let loss): Measure(.loss, loss, isBound: true)
        }
    }

    private static func list(_ measures: TrainingMeasures) -> [Measure] {
        measures.named.map { Measure($0.name, $0.value, isBound: measures[.unexplained] == nil) }
    }
}

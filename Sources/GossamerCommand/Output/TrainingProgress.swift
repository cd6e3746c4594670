import ArgumentParser
import Autoencoders

/// How progress is shown.
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
    case auto, bar, plain, jsonl, none
}

/// Shows on stderr how training goes.
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

private final class SilentProgress: TrainingProgress {
    func show(_ news: TrainingNews) {}
}

/// A line an epoch, or of many epochs some twenty lines: the first, the last, and those at equal steps between.
private final class PlainProgress: TrainingProgress {
    private let start = ContinuousClock.now

    func show(_ news: TrainingNews) {
        switch news {
        case .started(let plan): Console.line(plan.summary)
        case .step: break
        case .epoch(let report) where Self.isShown(report):
            let elapsed = start.duration(to: .now) / .seconds(1)
            let left = elapsed / Double(report.epoch) * Double(report.epochs - report.epoch)
            Console.line(report.line + (left > 0 ? ", \(Format.duration(left)) left" : ""))
        case .stoppedEarly(let epoch, let best):
            Console.note("stopped after epoch \(epoch): no better validation error since epoch \(best)")
        case .epoch, .finished: break
        }
    }

    private static let mostLines = 20

    private static func isShown(_ report: TrainingNews.Epoch) -> Bool {
        let (epoch, epochs) = (report.epoch, report.epochs)
        return epoch == 1 || epochs <= mostLines || epoch * mostLines / epochs > (epoch - 1) * mostLines / epochs
    }
}

/// A bar that fills over the whole training, and a line for each finished epoch above it.
private final class BarProgress: TrainingProgress {
    private let start = ContinuousClock.now
    private var bar = ProgressBar()

    func show(_ news: TrainingNews) {
        switch news {
        case .started(let plan): Console.line(plan.summary)
        case .step(let report):
            draw(report, elapsed: start.duration(to: .now) / .seconds(1))
        case .epoch(let report):
            bar.clear()
            Console.line(report.line)
        case .stoppedEarly(let epoch, let best):
            bar.clear()
            Console.note("stopped after epoch \(epoch): no better validation error since epoch \(best)")
        case .finished: bar.clear()
        }
    }

    private func draw(_ report: TrainingNews.Step, elapsed: Double) {
        let share = Double(report.step) / Double(report.totalSteps)
        bar.draw(share, isLast: report.step == report.totalSteps) {
            let rate = Int(Double(report.rowsSeen) / max(elapsed, 1e-9))
            let left = elapsed * (1 - share) / share
            return "\(report.measure.text ?? "")  \(Format.count(rate)) docs/s  \(Format.duration(left)) left"
        }
    }
}

/// One JSON object an event, for programs that watch; steps are left out.
private final class JSONLinesProgress: TrainingProgress {
    func show(_ news: TrainingNews) {
        switch news {
        case .started(let plan):
            write([
                "event": "started", "documents": plan.trainingRows.count, "features": plan.featureCount,
                "epochs": plan.epochs, "batch_size": plan.batchSize, "learning_rate": Double(plan.learningRate),
            ])
        case .step: break
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

    /// JSON knows no numbers that are not finite; those are left out.
    private func write(_ fields: JSONFields, _ measures: [TrainingNews.Measure] = []) {
        var fields = fields
        for measure in measures where measure.value.isFinite {
            if measure.isWhole {
                fields.add(measure.key, Int(measure.value))
            } else {
                fields.add(measure.key, measure.value)
            }
        }
        if let line = fields.line { Console.line(line) }
    }
}

extension TrainingPlan {
    fileprivate var summary: String {
        let held = referenceRows.isEmpty ? "" : ", \(Format.count(referenceRows.count)) more held out"
        let visits = epochs == 1 ? "1 epoch" : "\(epochs) epochs"
        return "training on \(Format.count(trainingRows.count)) documents × \(Format.count(featureCount)) features "
            + "(\(Format.count(entryCount)) entries\(held)): \(visits) of \(stepsPerEpoch) steps, "
            + "batches of \(batchSize), learning rate \(learningRate)"
    }
}

extension TrainingNews.Epoch {
    fileprivate var line: String {
        let texts = measures.compactMap(\.text)
        return "epoch \(String(epoch).leftPadded(to: String(epochs).count))/\(epochs)  "
            + texts.joined(separator: "  ") + "  \(Format.count(Int(rowsPerSecond))) docs/s  "
            + Format.duration(seconds)
    }
}

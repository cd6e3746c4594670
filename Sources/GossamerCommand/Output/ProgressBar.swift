/// A line at the bottom of a terminal that is redrawn while work goes on, at most ten times a second.
struct ProgressBar {
    private var lastDrawn = ContinuousClock.now - .seconds(1)
    private var isDrawn = false

    private static let width = 30

    /// - Parameters:
    ///   - share: the fraction of the work that is done, 0 to 1; nil if it is unknown, in which case no bar is drawn.
    ///   - isLast: draws immediately, whenever the line was last drawn.
    ///   - text: the text after the bar; evaluated only if the line is drawn.
    mutating func draw(_ share: Double?, isLast: Bool = false, _ text: () -> String) {
        let now = ContinuousClock.now
        guard isLast || lastDrawn.duration(to: now) > .milliseconds(100) else { return }
        (lastDrawn, isDrawn) = (now, true)
        Console.write("\r\u{1B}[K" + (share.map(Self.bar) ?? "") + text())
    }

    mutating func clear() {
        if isDrawn { Console.write("\r\u{1B}[K") }
        isDrawn = false
    }

    private static func bar(_ share: Double) -> String {
        let filled = Int(share * Double(width))
        return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
            + " \(Int(share * 100)) %  "
    }
}

/// Shows on stderr how many rows of a long job are done; nothing is shown for short jobs.
final class RowProgress {
    private let style: ProgressStyle
    private let what: String
    private let total: Int?
    private let start = ContinuousClock.now
    private var lastShown = ContinuousClock.now
    private var bar = ProgressBar()

    /// - Parameters:
    ///   - what: what is done to the rows, such as `embedded`.
    ///   - total: the number of rows; nil if it is unknown.
    init(_ style: ProgressStyle, _ what: String, of total: Int?) {
        self.style = style == .auto ? (Console.isTerminal ? .bar : .plain) : style
        self.what = what
        self.total = total
    }

    func show(done: Int) {
        let now = ContinuousClock.now
        // A bar is redrawn in place, while lines accumulate.
        guard lastShown.duration(to: now) > (style == .bar ? .milliseconds(100) : .seconds(2)) else { return }
        lastShown = now
        let seconds = start.duration(to: now) / .seconds(1)
        let rate = Double(done) / max(seconds, 1e-9)
        let left = total.map { Double($0 - done) / max(rate, 1e-9) }
        let line =
            "\(what) \(Format.count(done))" + (total.map { " of \(Format.count($0))" } ?? "")
            + "  \(Format.count(Int(rate))) docs/s" + (left.map { "  \(Format.duration($0)) left" } ?? "")
        switch style {
        case .bar:
            bar.draw(nil) { line }
        case .plain, .auto: Console.line(line)
        case .jsonl:
            let total = total.map { #","total":\#($0)"# } ?? ""
            Console.line(
                #"{"done":\#(done),"event":"\#(what)","rows_per_second":\#(rate),"seconds":\#(seconds)\#(total)}"#)
        case .none: break
        }
    }

    /// Clears the bar.
    func finish() {
        bar.clear()
    }
}

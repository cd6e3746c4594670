/// A line at the bottom of a terminal that is drawn over and over while work goes on, ten times a second at most.
struct ProgressBar {
    private var lastDrawn = ContinuousClock.now - .seconds(1)
    private var isDrawn = false

    private static let width = 30

    /// - Parameters:
    ///   - share: of the work that is done, 0 to 1; nil where it is not known, which leaves the bar out.
    ///   - text: what stands after the bar; it is asked for only if the line is drawn.
    ///   - isLast: draws at once, whenever the line was drawn last.
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

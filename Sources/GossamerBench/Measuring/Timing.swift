/// Seconds of repeated runs.
struct Timing {
    let seconds: Rate

    var median: Double { seconds.median }

    /// Runs `body` once to warm up, then `runs` times.
    init(runs: Int, _ body: () throws -> Void) rethrows {
        try body()
        var seconds: [Double] = []
        for _ in 0..<runs {
            let start = ContinuousClock.now
            try body()
            seconds.append(start.duration(to: .now) / .seconds(1))
        }
        self.seconds = Rate(of: seconds)
    }

    /// `amount` a second: at the median, the slowest and the fastest run.
    func rate(_ amount: Double) -> Rate {
        Rate(
            median: amount / seconds.median, minimum: amount / seconds.maximum, maximum: amount / seconds.minimum)
    }
}

struct Rate: Encodable {
    let median: Double
    let minimum: Double
    let maximum: Double
}

extension Rate {
    /// Of a single run.
    init(_ value: Double) { self.init(median: value, minimum: value, maximum: value) }

    /// Of one run or more.
    init(of runs: [Double]) {
        let sorted = runs.sorted()
        self.init(median: sorted[sorted.count / 2], minimum: sorted[0], maximum: sorted[sorted.count - 1])
    }
}

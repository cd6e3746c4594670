/// Times of repeated runs.
struct Timing: Encodable {
    let median: Double
    let minimum: Double
    let maximum: Double

    /// Runs `body` once to warm up, then `runs` times.
    init(runs: Int, _ body: () throws -> Void) rethrows {
        try body()
        var seconds: [Double] = []
        for _ in 0..<runs {
            let start = ContinuousClock.now
            try body()
            seconds.append(start.duration(to: .now) / .seconds(1))
        }
        seconds.sort()
        median = seconds[seconds.count / 2]
        minimum = seconds[0]
        maximum = seconds[seconds.count - 1]
    }

    /// `amount` a second: at the median, the slowest and the fastest run.
    func rate(_ amount: Double) -> Rate {
        Rate(median: amount / median, minimum: amount / maximum, maximum: amount / minimum)
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
}

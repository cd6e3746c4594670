import Foundation

/// Runs workers, each until it ends or the time is over, and monitors their use of time and memory.
final class FuzzSupervisor {
    struct Failure: Encodable {
        let format: String
        let `case`: Int
        let what: String
    }

    struct Tally: Encodable {
        var accepted = 0
        var refused = 0
        var failures: [Failure] = []

        var cases: Int { accepted + refused + failures.count }
    }

    static let mostBytes = 2_000_000_000
    static let mostSeconds = 20.0

    private(set) var tallies: [String: Tally] = [:]
    /// The arguments of a worker, except for the number of its first case.
    private let arguments: [String]
    /// Recreates the inputs of failed cases, to be kept.
    private let maker: FuzzWorker
    /// The folder where they are kept.
    private let keeping: String?
    private var current: (number: Int, format: String, place: Int, begun: Double)?

    init(arguments: [String], maker: FuzzWorker, keeping: String?) {
        (self.arguments, self.maker, self.keeping) = (arguments, maker, keeping)
    }

    /// - Parameter mostCases: the maximum number of cases; nil for no limit but time.
    func run(seconds: Double, mostCases: Int?) throws {
        let end = now() + seconds
        var next = 0
        while now() < end, next < mostCases ?? .max {
            let worker = try FuzzProcess(arguments: arguments + ["--from", String(next)])
            defer { worker.kill() }
            next = try watch(worker, until: end, mostCases ?? .max, first: next)
        }
    }

    /// - Returns: the number of the case to continue with.
    private func watch(_ worker: FuzzProcess, until end: Double, _ mostCases: Int, first: Int) throws -> Int {
        var next = first
        current = nil
        while true {
            switch try worker.line(within: 0.01) {
            case .nothingYet:
                if now() >= end { return next }
            case .line(let line):
                next = try take(line) ?? next
                if now() >= end || next >= mostCases { return next }
            case .ended(let how):
                guard let current else {
                    throw FuzzFailure(description: "a worker ended before its first case: \(how)")
                }
                try fail(how)
                return current.number + 1
            }
            guard let current else { continue }
            if now() - current.begun > Self.mostSeconds {
                try fail("it took more than \(Self.mostSeconds) s")
                return current.number + 1
            }
            if let peak = worker.peakBytes, peak > Self.mostBytes {
                try fail("it took \(peak / 1_000_000) MB")
                return current.number + 1
            }
        }
    }

    /// - Returns: the number of the case after the one that ended.
    private func take(_ line: String) throws -> Int? {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        if fields[0] == "start", fields.count == 4, let number = Int(fields[1]), let place = Int(fields[3]) {
            current = (number, fields[2], place, now())
            return nil
        }
        guard let ended = current else { throw FuzzFailure(description: "a worker wrote '\(line)'") }
        switch fields[0] {
        case "accepted": tallies[ended.format, default: Tally()].accepted += 1
        case "refused": tallies[ended.format, default: Tally()].refused += 1
        default: try fail(fields.dropFirst().joined(separator: "\t"))
        }
        current = nil
        return ended.number + 1
    }

    private func fail(_ what: String) throws {
        guard let current else { return }
        let failure = Failure(format: current.format, case: current.place, what: what)
        tallies[current.format, default: Tally()].failures.append(failure)
        note("FAILED --format \(failure.format) --case \(failure.case): \(what)")
        guard let keeping, let subject = maker.subjects.first(where: { $0.name == failure.format }) else { return }
        let target = URL(fileURLWithPath: keeping).appending(path: "\(failure.format)-\(failure.case)")
        _ = try maker.mutant(of: subject, failure.case, in: target)
    }

    private func now() -> Double { ProcessInfo.processInfo.systemUptime }
}

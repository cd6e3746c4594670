import Corpora
import Foundation
import Testing

/// Damaged inputs of every format, in a process of their own.
@Suite(.serialized) struct FuzzTests {
    private struct Tally: Decodable, Equatable {
        struct Failure: Decodable, Equatable {
            let format: String
            let `case`: Int
            let what: String
        }

        let accepted: Int
        let refused: Int
        let failures: [Failure]

        var cases: Int { accepted + refused + failures.count }
    }

    private let subjects = (CorpusFormat.allCases.map(\.rawValue) + ["model", "vocabulary"]).sorted()

    @Test func tenSecondsFindNothing() throws {
        let outcome = try Bench.run(["fuzz", "--seconds", "10", "--json"])
        let tallies = try JSONDecoder().decode([String: Tally].self, from: outcome.output)
        #expect(tallies.values.allSatisfy { $0.failures.isEmpty }, "\(outcome.error)")
        #expect(outcome.status == 0)
        #expect(tallies.keys.sorted() == subjects)
    }

    @Test func sameSeedGivesSameCases() throws {
        func tallies(_ seed: Int) throws -> [String: Tally] {
            let outcome = try Bench.run(
                ["fuzz", "--seconds", "600", "--cases", String(20 * subjects.count), "--seed", String(seed), "--json"])
            return try JSONDecoder().decode([String: Tally].self, from: outcome.output)
        }
        let first = try tallies(3)
        #expect(first.values.map(\.cases) == subjects.map { _ in 20 })
        #expect(try tallies(3) == first)
        #expect(try tallies(4) != first)
    }

    @Test func oneCaseRunsAlone() throws {
        let outcome = try Bench.run(["fuzz", "--format", "text", "--case", "0"])
        #expect(outcome.status == 0 && ["accepted\n", "refused\n"].contains(outcome.text), "\(outcome.error)")
        #expect(try Bench.run(["fuzz", "--case", "0"]).status == 64)
        #expect(try Bench.run(["fuzz", "--format", "none"]).status == 64)
    }
}

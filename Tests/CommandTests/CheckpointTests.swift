import Autoencoders
import Foundation
import Testing

/// Trainings that are interrupted in any way go on and end as if they had not been.
@Suite struct CheckpointTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func command(_ kind: String, out: String, _ options: String...) -> [String] {
        let size =
            kind == "sae" ? ["--latent", "12", "--epochs", "12"] : ["--latent", "4", "--hidden", "8", "--epochs", "3"]
        return ["train", kind, eightSubjects, "--out", folder.path(out), "--progress", "plain"] + size + options
    }

    private var state: String { folder.path("state") }

    private func expectSame(_ a: String, _ b: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(try folder.data(a) == folder.data(b), sourceLocation: sourceLocation)
    }

    @Test(arguments: [("sae", SIGINT), ("sae", SIGTERM), ("vae", SIGINT)])
    func aSignalEndsTrainingAfterTheStep(kind: String, signal: Int32) throws {
        #expect(try Gossamer.run(command(kind, out: "whole")).status == 0)
        let outcome = try Gossamer.run(command(kind, out: "m", "--checkpoint", state), signal: signal) { process in
            Gossamer.errorSoFar(process).contains("epoch")
        }
        // On a fast machine it may have been done.
        guard !FileManager.default.fileExists(atPath: folder.path("m")) else { return }
        #expect(!outcome.wasKilled && outcome.status == 128 + signal, "\(outcome.error)")
        #expect(outcome.error.contains("--resume \(state)"), "\(outcome.error)")
        #expect(try folder.names() == ["state", "whole"])
        let resumed = try Gossamer.run(command(kind, out: "m", "--resume", state, "--threads", "1"))
        #expect(resumed.status == 0 && resumed.error.contains("going on after epoch"), "\(resumed.error)")
        try expectSame("m", "whole")
    }

    @Test func aSignalWithoutACheckpointLeavesNothing() throws {
        let outcome = try Gossamer.run(command("sae", out: "m", "--epochs", "1000000"), signal: SIGINT) { process in
            Gossamer.errorSoFar(process).contains("epoch")
        }
        #expect(!outcome.wasKilled && outcome.status == 128 + SIGINT && outcome.error.contains("--checkpoint FILE"))
        #expect(try folder.names() == [])
    }

    /// The process is killed at random moments until it comes to its end.
    @Test(arguments: ["sae", "vae"]) func killsAtAnyMoment(kind: String) throws {
        #expect(try Gossamer.run(command(kind, out: "whole")).status == 0)
        var kills = 0
        var generator = RandomGenerator(seed: 17, stream: kind == "sae" ? 0 : 1)
        while true {
            let goOn = FileManager.default.fileExists(atPath: state) ? ["--resume", state] : []
            let delay = Double.random(in: 0.05...0.6, using: &generator), start = Date()
            let outcome = try Gossamer.run(
                command(kind, out: "m", "--checkpoint", state, "--checkpoint-every", "0") + goOn,
                signal: kills < 12 ? SIGKILL : nil
            ) { _ in Date().timeIntervalSince(start) > delay }
            if outcome.status == 0 { break }
            #expect(outcome.wasKilled && outcome.status == SIGKILL, "\(outcome.error)")
            kills += 1
        }
        try expectSame("m", "whole")
        #expect(try folder.names() == ["m", "state", "whole"], "after \(kills) kills")
    }

    /// A training that goes on keeps its state in the file that it goes on from, and counts all its epochs.
    @Test func aResumedTrainingKeepsItsState() throws {
        #expect(try Gossamer.run(command("sae", out: "whole")).status == 0)
        for _ in 0..<3 {
            let goOn = FileManager.default.fileExists(atPath: state) ? ["--resume", state] : ["--checkpoint", state]
            let before = try? folder.data("state")
            let outcome = try Gossamer.run(command("sae", out: "m", "--json") + goOn, signal: SIGINT) { process in
                Gossamer.errorSoFar(process).contains("epoch")
            }
            // On a fast machine it may have been done.
            guard !FileManager.default.fileExists(atPath: folder.path("m")) else { break }
            #expect(outcome.status == 128 + SIGINT && outcome.error.contains("--resume \(state)"), "\(outcome.error)")
            #expect(try folder.data("state") != before)
        }
        let last = try Gossamer.run(command("sae", out: "m", "--json", "--resume", state))
        #expect(try last.json()["epochs"] as? Int == 12)
        try expectSame("m", "whole")
        // What is done is not done again.
        let done = try Gossamer.run(command("sae", out: "m", "--json", "--resume", state))
        #expect(try done.json()["epochs"] as? Int == 12)
        try expectSame("m", "whole")
    }

    @Test func aSearchGoesOnInsideATraining() throws {
        let results = folder.path("r.jsonl")
        let command = [
            "search", "sae", eightSubjects, "--grid", "latent=16,24", "--folds", "2", "--epochs", "150", "--checkpoint",
            state, "--progress", "plain", "--json", "--best-out", folder.path("best"), "--out",
        ]
        func scores(_ outcome: Outcome) throws -> [String] {
            try #require(try outcome.json()["candidates"] as? [[String: Any]]).map {
                "\($0["options"] ?? 0) \($0["scores"] ?? 0)"
            }
        }
        let whole = try Gossamer.run(command + [folder.path("whole.jsonl")])
        #expect(whole.status == 0, "\(whole.error)")
        let best = try folder.data("best")
        try FileManager.default.removeItem(atPath: folder.path("best"))
        #expect(try folder.names() == ["whole.jsonl"])
        let stopped = try Gossamer.run(command + [results], signal: SIGINT) { _ in
            FileManager.default.fileExists(atPath: state)
        }
        #expect(stopped.status == 128 + SIGINT && !stopped.wasKilled, "\(stopped.error)")
        #expect(stopped.error.contains("the same command goes on"))
        #expect(try folder.names() == ["r.jsonl", "state", "whole.jsonl"])
        let resumed = try Gossamer.run(command + [results])
        #expect(resumed.status == 0 && resumed.error.contains("going on after epoch"), "\(resumed.error)")
        #expect(try scores(resumed) == scores(whole))
        #expect(try folder.data("best") == best)
        #expect(try folder.names() == ["best", "r.jsonl", "whole.jsonl"])
    }

    @Test func optionsThatMakeNoSenseAreRefused() throws {
        let corpus = eightSubjects
        try Gossamer.fail(64, "train", "sae", corpus, "--checkpoint-every", "1", saying: ["--checkpoint"])
        try Gossamer.fail(64, "train", "sae", corpus, "--checkpoint", "-", saying: ["--checkpoint"])
        try Gossamer.fail(64, "train", "sae", corpus, "--checkpoint", corpus, saying: ["is an input"])
        try Gossamer.fail(
            64, "train", "sae", corpus, "--checkpoint", state, "--out", state, saying: ["cannot both go to"])
        try Gossamer.fail(64, "train", "sae", corpus, "--resume", state, "--out", state, saying: ["is an input"])
        try Gossamer.fail(66, "train", "sae", corpus, "--resume", state, "--out", folder.path("m"), saying: [state])
        try Gossamer.fail(
            73, "train", "sae", corpus, "--checkpoint", folder.path("none/state"), "--out", folder.path("m"))
        try Gossamer.fail(
            64, "search", "sae", corpus, "--grid", "latent=2,3", "--out", folder.path("s.jsonl"), "--resume", state,
            saying: ["--resume"])
        try Gossamer.fail(
            64, "search", "sae", corpus, "--grid", "latent=2,3", "--out", state, "--checkpoint", state,
            saying: ["cannot both go to"])
    }
}

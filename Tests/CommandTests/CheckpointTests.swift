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
        while true {
            let goOn = FileManager.default.fileExists(atPath: state) ? ["--resume", state] : []
            let delay = Double.random(in: 0.05...0.6), start = Date()
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
            64, "search", "sae", corpus, "--grid", "latent=2,3", "--out", folder.path("s.jsonl"), "--checkpoint", state,
            saying: ["--checkpoint"])
    }
}

#if os(Linux)
    /// Calls that write files go wrong, one after the other.
    @Suite struct FaultTests {
        private let folder: ScratchFolder
        private let corpus: String

        init() throws {
            folder = try ScratchFolder()
            // Few documents, so that there are few steps and few calls.
            corpus = try folder.write(
                (0..<24).map { "1 \($0 % 5 + 1):1 \($0 % 7 + 6):2\n" }.joined(), to: "corpus.svm")
        }

        private func train(_ kind: String, _ options: [String] = [], fault: String? = nil) throws -> Outcome {
            var environment: [String: String] = [:]
            if let fault {
                environment["LD_PRELOAD"] = try Gossamer.binary(named: "libFaultShim.so").path
                environment["GOSSAMER_FAULT"] = fault
            }
            return try Gossamer.run(
                [
                    "train", kind, corpus, "--out", folder.path("m"), "--latent", "2", "--epochs", "2", "--checkpoint",
                    folder.path("state"), "--checkpoint-every", "0", "--progress", "none",
                ] + (kind == "vae" ? ["--hidden", "3"] : []) + options, environment: environment)
        }

        private func remove(_ names: String...) {
            for name in names { try? FileManager.default.removeItem(atPath: folder.path(name)) }
        }

        private func expectItGoesOn(_ kind: String, to whole: Data, _ what: String) throws {
            let goOn =
                FileManager.default.fileExists(atPath: folder.path("state")) ? ["--resume", folder.path("state")] : []
            let outcome = try train(kind, goOn)
            #expect(outcome.status == 0, "\(what): \(outcome.error)")
            #expect(try folder.data("m") == whole, "\(what)")
            #expect(try folder.names() == ["corpus.svm", "m", "state"], "\(what)")
            remove("m", "state")
        }

        /// Whatever call it is at which the process is killed, or from which on nothing can be written, a training goes
        /// on from what is left and ends with the same bytes.
        @Test(arguments: ["sae", "vae"], ["kill", "half", "fail"])
        func everyCallThatWritesFilesMayGoWrong(kind: String, action: String) throws {
            #expect(try train(kind).status == 0)
            let whole = try folder.data("m")
            remove("m", "state")
            var number = 1
            while true {
                let fault = "\(action):\(number)"
                let outcome = try train(kind, fault: fault)
                if outcome.status == 0 && !outcome.wasKilled { break }
                if action == "fail" {
                    #expect(outcome.status == 74 && outcome.error.contains("writing failed"), "\(outcome.error)")
                    #expect(try folder.names().allSatisfy { !$0.hasSuffix(".partial") }, "\(fault)")
                } else {
                    #expect(outcome.wasKilled && outcome.status == SIGKILL, "\(fault): \(outcome.error)")
                }
                // A failure after the name was given leaves the model.
                try expectItGoesOn(kind, to: whole, fault)
                number += 1
            }
            // Two states at least, each of a write, two fsyncs and a rename, and a model.
            #expect(number > 9, "\(number) calls")
        }
    }
#endif

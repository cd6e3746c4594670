import Foundation
import Testing

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

        private var state: String { folder.path("state") }

        private func train(
            _ kind: String, _ options: [String] = [], fault: String? = nil, signal: Int32? = nil,
            when: (Process) -> Bool = { _ in true }
        ) throws -> Outcome {
            try Gossamer.run(
                [
                    "train", kind, corpus, "--out", folder.path("m"), "--latent", "2", "--epochs", "2", "--checkpoint",
                    state, "--progress", "none",
                ] + (kind == "vae" ? ["--hidden", "3"] : []) + options,
                environment: try fault.map(FaultShim.environment) ?? [:], signal: signal, when: when)
        }

        private func remove(_ names: String...) {
            for name in names { try? FileManager.default.removeItem(atPath: folder.path(name)) }
        }

        /// The bytes of the model of a training that nothing happens to.
        private func whole(_ kind: String) throws -> Data {
            #expect(try train(kind).status == 0)
            defer { remove("m", "state") }
            return try folder.data("m")
        }

        private func expectItGoesOn(_ kind: String, to whole: Data, _ what: String) throws {
            let goOn = FileManager.default.fileExists(atPath: state) ? ["--resume", state] : []
            let outcome = try train(kind, goOn)
            #expect(outcome.status == 0, "\(what): \(outcome.error)")
            #expect(try folder.data("m") == whole, "\(what)")
            #expect(try folder.names() == ["corpus.svm", "m", "state"], "\(what)")
            remove("m", "state")
        }

        /// Whatever call it is at which the process is killed, or from which on nothing can be written, a training goes
        /// on from what is left and ends with the same bytes. States are written after each step, or beside training
        /// after each epoch.
        @Test(arguments: ["sae", "vae"], ["kill", "half", "fail"])
        func everyCallThatWritesFilesMayGoWrong(kind: String, action: String) throws {
            let whole = try whole(kind)
            for (options, fewestCalls) in [(["--checkpoint-every", "0"], 13), ([], 9)] {
                // Beside training the same is written in the same way.
                if options.isEmpty && action == "half" { continue }
                var number = 1
                while true {
                    let fault = "\(action):\(number)"
                    let outcome = try train(kind, options, fault: fault)
                    if outcome.status == 0 && !outcome.wasKilled { break }
                    if action == "fail" {
                        #expect(outcome.status == 74 && outcome.error.contains("writing failed"), "\(outcome.error)")
                        #expect(try folder.names().allSatisfy { !$0.hasSuffix(".partial") }, "\(fault)")
                    } else {
                        #expect(outcome.wasKilled && outcome.status == SIGKILL, "\(fault): \(outcome.error)")
                    }
                    // A failure after the name was given leaves the model.
                    try expectItGoesOn(kind, to: whole, "\(options) \(fault)")
                    number += 1
                }
                remove("m", "state")
                // Two or three states, each of a write, two fsyncs and a rename, and a model.
                #expect(number > fewestCalls, "\(number) calls")
            }
        }

        /// A disk that is full for a moment does not end a training.
        @Test(arguments: [["--checkpoint-every", "0"], []]) func aFailureOfAStateIsSurvived(options: [String]) throws {
            let whole = try whole("sae")
            for number in 1...4 {
                let outcome = try train("sae", options, fault: "once:\(number)")
                #expect(outcome.status == 0, "\(outcome.error)")
                #expect(outcome.error.contains("warning: \(state): writing failed"), "\(outcome.error)")
                #expect(outcome.error.contains("training goes on"), "\(outcome.error)")
                #expect(try folder.data("m") == whole)
                #expect(try folder.names() == ["corpus.svm", "m", "state"])
                remove("m")
                try expectItGoesOn("sae", to: whole, "\(number)")
            }
        }

        /// A training whose last state could not be kept fails, and its model is there all the same.
        @Test func aFailureOfTheLastStateLeavesTheModel() throws {
            let whole = try whole("sae")
            // Of the two states the second one's first call.
            let outcome = try train("sae", fault: "once:5")
            #expect(outcome.status == 74 && outcome.error.contains("holds the finished model"), "\(outcome.error)")
            #expect(try folder.data("m") == whole)
            remove("m")
            try expectItGoesOn("sae", to: whole, "the state of the first epoch")
        }

        /// File systems that cannot do it, and folders that may not be read.
        @Test(arguments: [EACCES, EPERM, ENOTSUP, EINVAL]) func foldersNeedNotBeSynchronised(error: Int32) throws {
            let outcome = try train("sae", fault: "folder:\(error)")
            #expect(outcome.status == 0 && !outcome.error.contains("warning"), "\(outcome.error)")
        }

        @Test func otherFailuresOfFoldersAreReported() throws {
            let outcome = try train("sae", fault: "folder:\(EIO)")
            #expect(outcome.status == 74 && outcome.error.contains("writing failed"), "\(outcome.error)")
        }

        /// The first signal waits for the state that is being written, the second does not.
        @Test(arguments: [SIGINT, SIGTERM]) func aSecondSignalEndsAtOnce(signal: Int32) throws {
            let whole = try whole("sae")
            // The second state waits for a minute in its first call.
            var sent = 0
            let outcome = try train("sae", ["--checkpoint-every", "0"], fault: "stall:5", signal: signal) { process in
                let names = (try? folder.names()) ?? []
                guard names.contains("state"), names.contains(where: { $0.hasSuffix(".partial") }) else { return false }
                if sent == 0 {
                    kill(process.processIdentifier, signal)
                    sent = 1
                }
                return Gossamer.errorSoFar(process).contains("a second signal stops at once")
            }
            #expect(outcome.wasKilled && outcome.status == signal, "\(outcome.error)")
            #expect(try folder.names() == ["corpus.svm", "state"])
            try expectItGoesOn("sae", to: whole, "after two signals")
        }
    }

    /// The library that makes calls go wrong, compiled once.
    enum FaultShim {
        private nonisolated(unsafe) static let library = Result {
            let folder = try ScratchFolder()
            let compiler = Process()
            compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            compiler.arguments = [
                "clang", "-shared", "-fPIC", "-O1", "-o", folder.path("libFaultShim.so"),
                packageRoot.appending(path: "Tests/CommandTests/FaultShim.c").path,
            ]
            try compiler.run()
            compiler.waitUntilExit()
            guard compiler.terminationStatus == 0 else {
                throw Gossamer.Failure(description: "clang, which comes with Swift, could not compile FaultShim.c")
            }
            return folder
        }

        /// - Parameter fault: as FaultShim.c says.
        static func environment(of fault: String) throws -> [String: String] {
            ["LD_PRELOAD": try library.get().path("libFaultShim.so"), "GOSSAMER_FAULT": fault]
        }
    }
#endif

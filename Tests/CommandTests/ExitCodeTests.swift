import Foundation
import Testing

@Suite struct ExitCodeTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    @Test(arguments: [
        ["--no-such-option"], ["--latent", "0"], ["--latent", "-3"], ["--latent", "many"], ["--hidden", "16,,8"],
        ["--hidden", "0"], ["--hidden", ""], ["--epochs", "0"], ["--epochs", "9223372036854775807"],
        ["--batch-size", "9223372036854775807"], ["--learning-rate", "0"], ["--learning-rate", "nan"],
        ["--learning-rate", "inf"], ["--denoise", "1"], ["--denoise", "-0.1"], ["--denoise", "nan"],
        ["--validation", "1"], ["--validation", "nan"], ["--patience", "1"], ["--activation", "swish"],
        ["--activation", "topk:0"], ["--activation", "topk:129"], ["--sparsity", "l1"], ["--sparsity", "l1:-1"],
        ["--sparsity", "l1:nan"], ["--weighting", "idf"], ["--normalize", "l1"], ["--decoder", "best"],
        ["--optimizer", "sgd"], ["--objective", "hinge"], ["--threads", "0"], ["--seed", "-1"], ["--progress", "loud"],
        ["--backend", "cuda"], ["--format", "xml"], ["--index-base", "2"], ["--features", "0"],
        ["--embeddings", "e.xyz"], ["--embeddings", "plain"], ["--embeddings", "-"], ["--embeddings", "m.safetensors"],
        ["--embeddings", ""], ["--out", ""], ["--features", "4294967297"],
        ["second-corpus"],
    ])
    func wrongTrainingOptionsAre64(_ options: [String]) throws {
        let outcome = try Gossamer.run(
            ["train", "sae", eightSubjects, "--out", "m.safetensors"] + options, folder: folder.url)
        #expect(outcome.status == 64 && !outcome.wasKilled, "\(options): \(outcome.status) \(outcome.error)")
        #expect(outcome.error.lowercased().hasPrefix("error:") && outcome.output.isEmpty, "\(outcome.error)")
        #expect(try folder.names() == [])
    }

    @Test func wrongUsageOfTheOthersIs64() throws {
        let model = try Gossamer.smallModel()
        try Gossamer.fail(64, "no-such-command")
        try Gossamer.fail(64, "train", "sae")
        try Gossamer.fail(64, "train", "sae", eightSubjects, "--out", "-", saying: ["binary"])
        try Gossamer.fail(64, "embed", model, eightSubjects)
        try Gossamer.fail(64, "embed", model, eightSubjects, "--out", "e.xyz", saying: ["e.xyz", ".npy", ".jsonl"])
        try Gossamer.fail(64, "embed", model, eightSubjects, "--out", "e", "--out-format", "xyz")
        try Gossamer.fail(64, "features", model, "--top", "0", saying: ["--top"])
        try Gossamer.fail(64, "features")
        try Gossamer.fail(64, "inspect", "-", "--vocabulary", "-", saying: ["once"])
        try Gossamer.fail(64, "inspect", eightSubjects, "--threads", "none")
    }

    @Test func outputsOverInputsAre64() throws {
        let corpus = try folder.write("1 1:1\n", to: "c.svm")
        let before = try folder.data("c.svm")
        try Gossamer.fail(64, "train", "sae", corpus, "--out", corpus, saying: ["input"])
        try Gossamer.fail(64, "embed", try Gossamer.smallModel(), corpus, "--out", corpus, saying: ["input"])
        try Gossamer.fail(
            64, "embed", try Gossamer.smallModel(), corpus, "--out", folder.path("e.csv"), "--ids", folder.path("e.csv")
        )
        #expect(try folder.data("c.svm") == before && folder.names() == ["c.svm"])
    }

    @Test(arguments: [
        ("1 1:1\n1 2:nan\n", ":2:5: found"), ("1 1:1\n0 2:1 3:x\n", ":2:9: found"), ("1 1:inf\n", ":1:5: found"),
        ("1 1:1 2\n", ":1:7: found"), ("\u{1}\u{2}\n", ":1:1: found"), ("<html>\n", ":1:1: found"),
        ("", "no documents"),
        ("\n\n", "no documents"), ("# only a comment\n", "no documents"),
    ])
    func badCorporaAre65(text: String, place: String) throws {
        let corpus = try folder.write(text, to: "bad.svm")
        let model = try Gossamer.smallModel()
        for command in [
            ["inspect", corpus], ["train", "sae", corpus, "--out", folder.path("m.safetensors")],
            ["embed", model, corpus, "--out", folder.path("e.npz"), "--ids", folder.path("ids.txt")],
        ] {
            let outcome = try Gossamer.run(command)
            #expect(outcome.status == 65 && outcome.output.isEmpty, "\(command): \(outcome.error)")
            #expect(outcome.error.contains("bad.svm" + (place.hasPrefix(":") ? place : ":")), "\(outcome.error)")
            #expect(outcome.error.contains("expected") && outcome.error.contains(place), "\(outcome.error)")
        }
        #expect(try folder.names() == ["bad.svm"])
    }

    @Test func otherBadFilesAre65() throws {
        let zero = try folder.write("1 0:1 2:1\n", to: "zero.svm")
        try Gossamer.fail(65, "inspect", zero, "--index-base", "1", saying: ["zero.svm:1:3: found index 0"])
        let negative = try folder.write("1 1:-1 2:1\n", to: "negative.svm")
        try Gossamer.fail(
            65, "train", "sae", negative, "--out", folder.path("m"), "--weighting", "tf-idf",
            saying: ["negative.svm:1:3: row 1", "-1", "expected", "--weighting none"])
        let words = try folder.write("one\n", to: "words.txt")
        try Gossamer.fail(
            65, "train", "sae", negative, "--out", folder.path("m"), "--vocabulary", words,
            saying: ["words.txt: found 1 words", "at least 2"])
        try Gossamer.fail(65, "features", eightSubjects, saying: ["eight-subjects.svm: found"])
        try Gossamer.fail(65, "embed", eightSubjects, eightSubjects, "--out", folder.path("e.npy"))
        try Data(contentsOf: URL(fileURLWithPath: try Gossamer.smallModel())).dropLast(5)
            .write(to: folder.url.appending(path: "cut.safetensors"))
        try Gossamer.fail(65, "inspect", folder.path("cut.safetensors"), saying: ["cut short"])
        try Gossamer.fail(65, "features", folder.path("cut.safetensors"), saying: ["cut short"])
        try Gossamer.fail(
            65, "train", "sae", zero, "--out", folder.path("m"), "--validation", "0.9",
            saying: ["no rows to train on", "--validation"])
        #expect(try folder.names() == ["cut.safetensors", "negative.svm", "words.txt", "zero.svm"])
    }

    @Test func foldersWithoutTextsAre65() throws {
        let path = folder.url.path
        try Gossamer.fail(65, "inspect", path, saying: [path, "no documents"])
        try Gossamer.fail(65, "train", "sae", path, "--out", folder.path("m"), saying: [path, "no documents"])
        try Gossamer.fail(66, "embed", path, eightSubjects, "--out", folder.path("e.csv"), saying: [path])
        try Gossamer.fail(66, "inspect", eightSubjects, "--vocabulary", path, saying: [path])
        #expect(try folder.names() == [])
    }

    @Test func missingInputsAre66() throws {
        let model = try Gossamer.smallModel()
        let missing = folder.path("missing.svm")
        for path in [missing, "/dev/null/x"] {
            try Gossamer.fail(66, "inspect", path, saying: [path])
            try Gossamer.fail(66, "train", "sae", path, "--out", folder.path("m"), saying: [path])
            try Gossamer.fail(66, "embed", model, path, "--out", folder.path("e.csv"), saying: [path])
            try Gossamer.fail(66, "embed", path, eightSubjects, "--out", folder.path("e.csv"), saying: [path])
            try Gossamer.fail(66, "features", path, saying: [path])
            try Gossamer.fail(66, "inspect", eightSubjects, "--vocabulary", path, saying: [path])
        }
        #expect(try folder.names() == [])
    }

    @Test func outputsThatCannotBeCreatedAre73() throws {
        let model = try Gossamer.smallModel()
        let missing = folder.path("missing/m.npy")
        try Gossamer.fail(73, "train", "sae", eightSubjects, "--out", missing, saying: [missing])
        try Gossamer.fail(
            73, "train", "sae", eightSubjects, "--out", folder.path("m"), "--embeddings", missing, saying: [missing])
        try Gossamer.fail(73, "embed", model, eightSubjects, "--out", missing, saying: [missing])
        try Gossamer.fail(
            73, "embed", model, eightSubjects, "--out", folder.path("e.npy"), "--ids", missing, saying: [missing])
        try Gossamer.fail(73, "train", "sae", eightSubjects, "--out", folder.url.path, saying: ["folder"])
        #expect(try folder.names() == [])
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full here"))
    func failedWritesAre74() throws {
        let model = try Gossamer.smallModel()
        let outcome = try Gossamer.run("embed", model, eightSubjects, "--out", "/dev/full", "--out-format", "csv")
        #expect(outcome.status == 74 && outcome.error.contains("/dev/full: writing failed"), "\(outcome.error)")
    }

    /// While a pipe that stays open is embedded, the vectors so far wait in a temporary file.
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func signalsLeaveNothingBehind(signal: Int32) throws {
        let (input, out) = (folder.path("in.svm"), folder.path("e.npy"))
        #expect(mkfifo(input, 0o600) == 0)
        let pipe = try #require(FileHandle(forUpdatingAtPath: input))
        // More than a piece, and less than a pipe holds.
        try pipe.write(contentsOf: Data(String(repeating: "1 1:1\n", count: 6_000).utf8))
        let outcome = try Gossamer.run(["embed", Gossamer.smallModel(), input, "--out", out], signal: signal) { _ in
            for _ in 0..<600 {
                if (try? folder.names().contains { $0.hasSuffix(".partial") }) == true { return true }
                Thread.sleep(forTimeInterval: 0.05)
            }
            return false
        }
        try pipe.close()
        #expect(outcome.wasKilled && outcome.status == signal, "\(outcome.error)")
        #expect(try folder.names() == ["in.svm"])
    }

    enum Change: CaseIterable { case cutShort, columnsBeyondTheWidth, offsetsBeyondTheEntries, everything }

    /// Someone writes to a corpus file while it is learned from.
    @Test(arguments: Change.allCases) func corporaThatChangeMeanwhileAre74(change: Change) throws {
        let corpus = folder.path("corpus.safetensors")
        #expect(try Gossamer.run(["import", eightSubjects, "--out", corpus]).status == 0)
        let outcome = try Gossamer.run(
            [
                "train", "sae", corpus, "--out", folder.path("m.safetensors"), "--epochs", "1000000", "--progress",
                "plain",
            ],
            signal: 0
        ) { process in
            guard Gossamer.errorSoFar(process).contains("epoch") else { return false }
            do { try apply(change, to: corpus) } catch { Issue.record(error) }
            return true
        }
        #expect(
            !outcome.wasKilled && outcome.status == 74 && outcome.error.contains("changed while it was read"),
            "\(outcome.status) \(outcome.error.suffix(400))")
        #expect(try folder.names() == ["corpus.safetensors"])
    }

    private func apply(_ change: Change, to corpus: String) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: corpus))
        defer { file.closeFile() }
        if change == .cutShort { return try file.truncate(atOffset: 4_096) }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: corpus))
        if change == .everything {
            return try file.write(contentsOf: Data(String(repeating: "1:1 ", count: bytes.count / 4).utf8))
        }
        let headerLength = Int(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        let header = try JSONSerialization.jsonObject(with: bytes[8..<8 + headerLength]) as? [String: Any]
        let tensor = header?[change == .columnsBeyondTheWidth ? "column_indices" : "row_offsets"] as? [String: Any]
        let range = try #require(tensor?["data_offsets"] as? [Int])
        try file.seek(toOffset: UInt64(8 + headerLength + range[0]))
        try file.write(contentsOf: Data(repeating: 0x7F, count: range[1] - range[0]))
    }

    /// As where the shell's `ulimit -f` is set: the rest is an error of writing, and the file does not stay.
    @Test func filesThatMayGrowNoFurtherAre74() throws {
        let model = try Gossamer.smallModel()
        let program = try Gossamer.binary().path
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = [
            "-c", "ulimit -f 8; exec \"$0\" embed \"$1\" \"$2\" --out \"$3\" 2> /dev/null", program, model,
            eightSubjects,
            folder.path("e.tsv"),
        ]
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationReason == .exit && shell.terminationStatus == 74)
        #expect(try folder.names() == [])
    }

    /// As where the shell's `ulimit -v` is set: libraries that would try for ever are not called.
    @Test(arguments: [330_000, 400_000, 450_000]) func littleRoomForAddressesIs71(kilobytes: Int) throws {
        let corpus = try folder.write("1 1:1 2:1\n0 3:1\n", to: "c.svm")
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = [
            "-c",
            "ulimit -v \(kilobytes); exec \"$0\" train sae \"$1\" --out \"$2\" --latent 2 --epochs 1 --threads 2 2> \"$3\"",
            try Gossamer.binary().path, corpus, folder.path("m.safetensors"), folder.path("err"),
        ]
        try shell.run()
        let ended = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            shell.waitUntilExit()
            ended.signal()
        }
        if ended.wait(timeout: .now() + 30) == .timedOut { shell.terminate() }
        let error = try folder.lines("err").joined(separator: "\n")
        #expect(shell.terminationReason == .exit && shell.terminationStatus == 71, "\(error)")
        #expect(error.contains("ulimit -v"))
    }

    @Test func tooManyThreadsAreWrongUsage() throws {
        for threads in ["0", "99999999"] {
            try Gossamer.fail(64, "inspect", eightSubjects, "--threads", threads, saying: ["--threads"])
        }
    }

    /// Sizes in a header that no file of this size means.
    @Test func sizesBeyondAllProportionAre65() throws {
        let matrix = "%%MatrixMarket matrix coordinate integer general\n1000000000 5 1\n1 1 1\n"
        for (name, text) in [("m.mtx", matrix), ("docword.m.txt", "1000000000\n5\n1\n1 1 1\n")] {
            let path = try folder.write(text, to: name)
            for command in [["inspect", path], ["import", path, "--out", folder.path("o.safetensors")]] {
                let outcome = try Gossamer.run(command)
                #expect(outcome.status == 65 && outcome.error.contains("24.0 GB of memory"), "\(outcome.error)")
            }
        }
        #expect(try folder.names() == ["docword.m.txt", "m.mtx"])
    }
}

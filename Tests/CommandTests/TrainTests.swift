import Foundation
import Testing

@Suite struct TrainTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Trains on the eight subjects, quickly.
    @discardableResult
    func train(
        _ name: String, _ options: String..., environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Outcome {
        let outcome = try Gossamer.run(
            ["train", "sae", eightSubjects, "--out", folder.path(name), "--latent", "8", "--epochs", "2"] + options,
            environment: environment)
        #expect(outcome.status == 0, "\(options): \(outcome.error)", sourceLocation: sourceLocation)
        return outcome
    }

    @Test func aReferenceOfAllDocumentsLeavesNothingToLearn() throws {
        for count in ["400", "5000"] {
            try Gossamer.fail(
                65, "train", "sae", eightSubjects, "--reference", count, "--out", folder.path("m.safetensors"),
                saying: ["400 documents", "--reference"])
        }
    }

    @Test func reportsOneJSONObjectWithEveryKey() throws {
        let outcome = try train("m.safetensors", "--json")
        let json = try outcome.json()
        #expect(json["model"] as? String == folder.path("m.safetensors"))
        #expect(json["epochs"] as? Int == 2 && json["documents"] as? Int == 400)
        #expect(json["features"] as? Int == 1880 && json["nonzeros"] as? Int == 7938)
        let seconds = try #require(json["seconds"] as? Double)
        let secondsPerEpoch = try #require(json["seconds_per_epoch"] as? Double)
        #expect(secondsPerEpoch > 0 && seconds > secondsPerEpoch)
        let loss = try #require(json["loss"] as? Double)
        #expect(loss > 0 && loss < 0.5)
        #expect(try #require(json["peak_memory_bytes"] as? Int) > 1_000_000)
        #expect(try folder.names() == ["m.safetensors"])
    }

    @Test func resultsGoToStdoutAndProgressToStderr() throws {
        let outcome = try train("m.safetensors")
        #expect(outcome.text.contains("unexplained") && outcome.text.contains("what some units stand for"))
        #expect(!outcome.text.contains("epoch 1/2") && outcome.error.contains("epoch 1/2"))
    }

    @Test func showsProgressInTheStyleAskedFor() throws {
        let plain = try train("m.safetensors", "--progress", "plain")
        #expect(plain.error.contains("epoch 1/2") && plain.error.contains("docs/s") && !plain.error.contains("\u{1B}"))
        #expect(try train("m.safetensors", "--progress", "auto").error.contains("epoch 2/2"))
        let bar = try train("m.safetensors", "--progress", "bar")
        #expect(bar.error.contains("█") && bar.error.contains("docs/s") && bar.error.contains("left"))
        let none = try train("m.safetensors", "--progress", "none")
        #expect(!none.error.contains("epoch") && !none.error.contains("docs/s"))
        let jsonl = try train("m.safetensors", "--progress", "jsonl", "--validation", "0.2")
        let events = try jsonl.error.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(events.map { $0["event"] as? String } == ["started", "epoch", "epoch", "finished"])
        #expect(events[1]["epoch"] as? Int == 1 && events[1]["epochs"] as? Int == 2)
        #expect(events[2]["loss"] is Double && events[2]["validation_unexplained"] is Double)
        #expect(events[0]["documents"] as? Int == 320)
    }

    @Test func sameSeedSameBytesWhateverTheThreads() throws {
        try train("one", "--threads", "1", "--embeddings", folder.path("one.npy"))
        try train("two", "--threads", "2", "--embeddings", folder.path("two.npy"))
        try train("seed0", "--seed", "0")
        try train("seed1", "--seed", "1")
        #expect(try folder.data("one") == folder.data("two"))
        #expect(try folder.data("one") == folder.data("seed0"))
        #expect(try folder.data("one.npy") == folder.data("two.npy"))
        #expect(try folder.data("one") != folder.data("seed1"))
    }

    @Test func baselineKernelsAreConsistentToo() throws {
        let environment = ["GOSSAMER_KERNELS": "baseline"]
        try train("one", "--threads", "1", environment: environment)
        try train("two", "--threads", "2", environment: environment)
        #expect(try folder.data("one") == folder.data("two"))
    }

    @Test func embeddingsAreThoseOfALaterEmbed() throws {
        for ending in ["npy", "csv", "svm", "safetensors"] {
            try train("m.safetensors", "--embeddings", folder.path("a.\(ending)"))
            try Gossamer.succeed(
                "embed", folder.path("m.safetensors"), eightSubjects, "--out", folder.path("b.\(ending)"))
            #expect(try folder.data("a.\(ending)") == folder.data("b.\(ending)"), "\(ending)")
        }
    }

    @Test(arguments: [
        ["--backend", "graphblas"], ["--weighting", "none"], ["--weighting", "binary"], ["--weighting", "log"],
        ["--normalize", "none"], ["--sparsity", "l1:0.01", "--sparsity", "l2:0.1"], ["--sparsity", "none"],
        ["--activation", "topk:4"], ["--activation", "linear"], ["--activation", "tanh"], ["--activation", "sigmoid"],
        ["--hidden", "16,8"], ["--decoder", "trained"], ["--no-decoder-bias"], ["--denoise", "0"],
        ["--optimizer", "adam"], ["--optimizer", "factored-adam"], ["--batch-size", "1000"],
        ["--learning-rate", "1e-3"],
        ["--objective", "squared-error"], ["--features", "2000"], ["--vocabulary", vocabularyFile],
    ])
    func takesOption(_ options: [String]) throws {
        let model = folder.path("m.safetensors")
        let arguments = ["train", "sae", eightSubjects, "--latent", "8", "--epochs", "1", "--json", "--out"]
        let outcome = try Gossamer.run(arguments + [model] + options)
        #expect(outcome.status == 0, "\(options): \(outcome.error)")
        #expect(try outcome.json()["epochs"] as? Int == 1)
        let embedded = try Gossamer.succeed("embed", model, eightSubjects, "--out", folder.path("e.csv"), "--json")
        #expect(try embedded.json()["documents"] as? Int == 400)
        #expect(try folder.lines("e.csv").count == 401)
        // An option that does not say what holds anyway changes what is learned.
        let plain = folder.path("p.safetensors")
        #expect(try Gossamer.run(arguments + [plain]).status == 0)
        try Gossamer.succeed("embed", plain, eightSubjects, "--out", folder.path("p.csv"))
        let isDefault = [["--sparsity", "none"], ["--optimizer", "adam"], ["--objective", "squared-error"]].contains(
            options)
        let description = try Gossamer.succeed("inspect", model, "--json").json()
        switch options[0] {
        case "--backend": break  // `backendsAgree` looks at it.
        case "--features": #expect(description["features"] as? Int == 2000)
        case "--vocabulary": #expect(description["vocabulary"] as? Bool == true)
        default: #expect((try folder.data("e.csv") == folder.data("p.csv")) == isDefault, "\(options)")
        }
    }

    @Test func backendsAgree() throws {
        func embed(_ backend: String) throws -> [Double] {
            try Gossamer.succeed(
                "embed", try Gossamer.smallModel(), eightSubjects, "--out", folder.path("e.tsv"), "--backend", backend)
            return try folder.lines("e.tsv").flatMap { $0.split(separator: "\t").compactMap { Double($0) } }
        }
        let (swift, graphblas) = (try embed("swift"), try embed("graphblas"))
        #expect(swift.count == 4800 && graphblas.count == 4800)
        for (a, b) in zip(swift, graphblas) { #expect(abs(a - b) <= 1e-5 * max(1, abs(a))) }
    }

    @Test func stopsEarly() throws {
        let outcome = try Gossamer.run([
            "train", "sae", eightSubjects, "--out", folder.path("m.safetensors"), "--latent", "64", "--epochs", "60",
            "--validation", "0.2", "--patience", "1", "--denoise", "0", "--learning-rate", "0.05", "--json",
        ])
        #expect(outcome.status == 0)
        #expect(try #require(try outcome.json()["epochs"] as? Int) < 60)
        #expect(outcome.error.contains("stopped after epoch"))
        #expect(try outcome.json()["documents"] as? Int == 400)
    }

    @Test func divergenceIsReportedAndLeavesNoBadModel() throws {
        let model = folder.path("m.safetensors")
        let outcome = try Gossamer.fail(
            65, "train", "sae", eightSubjects, "--out", model, "--learning-rate", "1e30",
            saying: ["the loss stopped being finite", "--learning-rate"])
        // The step before had led beyond all measure already.
        #expect(!outcome.error.contains("holds the model"))
        #expect(try folder.names() == [])
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: heartScale), "heart_scale is not at hand"))
    func takesMeasurements() throws {
        let model = folder.path("m.safetensors")
        try Gossamer.succeed("train", "sae", heartScale, "--out", model, "--latent", "4", "--epochs", "3")
        let json = try Gossamer.succeed("inspect", model, "--json").json()
        #expect(json["weighting"] as? String == "none" && json["normalize"] as? String == "none")
        try Gossamer.succeed("embed", model, heartScale, "--out", folder.path("e.tsv"))
        #expect(try folder.lines("e.tsv").count == 270)
        try Gossamer.fail(
            65, "train", "sae", heartScale, "--out", folder.path("t"), "--weighting", "tf-idf",
            saying: ["heart_scale:1:", "row 1", "tf-idf", "--weighting none"])
    }

    @Test func readsStdinAndCompressedCorpora() throws {
        let corpus = try Data(contentsOf: URL(fileURLWithPath: eightSubjects))
        try train("file")
        try Gossamer.succeed(
            "train", "sae", "-", "--out", folder.path("stdin"), "--latent", "8", "--epochs", "2", input: corpus)
        #expect(try folder.data("file") == folder.data("stdin"))
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/bin/sh")
        gzip.arguments = ["-c", "gzip -c \"$1\" > \"$2\"", "sh", eightSubjects, folder.path("c.gz")]
        try gzip.run()
        gzip.waitUntilExit()
        try Gossamer.succeed(
            "train", "sae", folder.path("c.gz"), "--out", folder.path("gz"), "--latent", "8", "--epochs", "2")
        #expect(try folder.data("file") == folder.data("gz"))
        try folder.data("c.gz").dropLast(30).write(to: folder.url.appending(path: "cut.gz"))
        try Gossamer.fail(65, "inspect", folder.path("cut.gz"), saying: ["cut.gz: found damaged gzip data"])
    }

    @Test func oddCorporaTrain() throws {
        for (name, text, status) in [
            ("one", "1 1:1\n", 0), ("empty-rows", "1\n2\n3\n", 65), ("some-empty", "1\n2 1:1 2:3\n3\n", 0),
            ("huge", "1 1:3e38 2:1\n2 2:3e38\n", 0), ("tiny", "1 1:1e-44 2:1e-40\n2 2:1.5e-44\n", 65),
            ("same", "1 1:1\n1 1:1\n1 1:1\n", 0), ("half", "1 1:0.5 2:-0.5\n", 0),
        ] as [(String, String, Int32)] {
            let path = try folder.write(text, to: "\(name).svm")
            let outcome = try Gossamer.run([
                "train", "sae", path, "--out", folder.path(name), "--latent", "4", "--epochs", "2", "--progress",
                "jsonl",
            ])
            #expect(!outcome.wasKilled, "\(name): \(outcome.error)")
            #expect(outcome.status == status, "\(name): \(outcome.error)")
            if name == "empty-rows" { #expect(outcome.error.contains("found no entry in any document")) }
            guard outcome.status == 0 else { continue }
            try Gossamer.succeed("embed", folder.path(name), path, "--out", folder.path("\(name).csv"))
            #expect(try folder.lines("\(name).csv").count == text.split(separator: "\n").count + 1, "\(name)")
        }
    }

    @Test func anIndexGoneAstrayIsToldBeforeMemoryRunsOut() throws {
        let path = try folder.write("1 1:1 4294967290:1\n", to: "wide.svm")
        try Gossamer.succeed("inspect", path)
        try Gossamer.fail(
            65, "train", "sae", path, "--out", folder.path("m"), "--latent", "4096",
            saying: ["wide.svm: found 4,294,967,290 features", "expected", "largest index"])
    }
}

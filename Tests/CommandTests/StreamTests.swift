import Foundation
import Testing

/// `train -`: documents are learned from as they arrive, each once.
@Suite struct StreamTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Documents of eight topics, with words of their own and words of all.
    private func texts(_ count: Int, seed: UInt64 = 1) -> Data {
        var state = seed
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var text = ""
        for _ in 0..<count {
            let topic = next(8)
            for place in 0..<8 { text += place % 4 == 3 ? "common\(next(20)) " : "topic\(topic)word\(next(30)) " }
            text += "\n"
        }
        return Data(text.utf8)
    }

    private func command(_ kind: String, out: String, _ options: String...) -> [String] {
        let size =
            kind == "sae"
            ? ["--latent", "8"] : ["--latent", "4", "--hidden", "8", "--inner-steps", "0", "--dream", "0"]
        return [
            "train", kind, "-", "--format", "text", "--out", folder.path(out), "--hash-bits", "9", "--progress",
            "plain",
        ] + size
            + options
    }

    /// More than two chunks.
    private static let many = 33_500

    @Test(arguments: ["sae", "vae"]) func theSameBytesHoweverTheyArrive(kind: String) throws {
        let input = texts(Self.many)
        let one = try Gossamer.run(command(kind, out: "one", "--json", "--threads", "1"), input: input)
        #expect(one.status == 0, "\(one.error)")
        let json = try one.json()
        #expect(json["documents"] as? Int == Self.many && json["features"] as? Int == 512)
        #expect(json["epochs"] as? Int == 3)
        #expect(one.error.contains("chunk 3") && one.error.contains("share a column with another"), "\(one.error)")
        let process = Process(), pipe = Pipe()
        process.executableURL = try Gossamer.binary()
        process.arguments = command(kind, out: "odd", "--threads", "2")
        process.standardInput = pipe
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        for start in stride(from: 0, to: input.count, by: 7_777) {
            try pipe.fileHandleForWriting.write(contentsOf: input[start..<min(input.count, start + 7_777)])
        }
        try pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try folder.data("one") == folder.data("odd"))
        // Words are hashed for the model too.
        try texts(50, seed: 2).write(to: folder.url.appending(path: "new.txt"))
        try Gossamer.succeed("embed", folder.path("one"), folder.path("new.txt"), "--out", folder.path("e.csv"))
        try Gossamer.succeed(
            "embed", folder.path("one"), "-", "--format", "text", "--out", folder.path("f.csv"),
            input: texts(50, seed: 2))
        #expect(try folder.data("e.csv") == folder.data("f.csv"))
        #expect(try Gossamer.succeed("features", folder.path("one")).text.contains("word"))
    }

    @Test(arguments: [("sae", SIGTERM), ("vae", SIGINT)]) func goesOnFromACheckpoint(kind: String, signal: Int32) throws
    {
        let (input, state) = (texts(Self.many), folder.path("state"))
        let whole = try Gossamer.run(command(kind, out: "whole", "--checkpoint", state), input: input)
        #expect(whole.status == 0, "\(whole.error)")
        // From the last chunk's end, nothing is left to learn.
        let end = try Gossamer.run(command(kind, out: "end", "--resume", state), input: input)
        #expect(end.status == 0 && end.error.contains("going on after"), "\(end.error)")
        #expect(try folder.data("end") == folder.data("whole"))
        let other = try Gossamer.run(command(kind, out: "other", "--resume", state), input: texts(Self.many, seed: 3))
        #expect(other.status == 65 && !other.error.contains("defect"), "\(other.error)")
        let short = try Gossamer.run(command(kind, out: "other", "--resume", state), input: texts(16_384))
        #expect(short.status == 65 && short.error.contains("feed the same documents again"), "\(short.error)")
        let file = folder.url.appending(path: "input.txt")
        try input.write(to: file)
        let process = Process(), errors = Pipe()
        process.executableURL = try Gossamer.binary()
        process.arguments = command(kind, out: "m", "--checkpoint", state, "--checkpoint-every", "0", "--threads", "1")
        process.standardInput = try FileHandle(forReadingFrom: file)
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, errors)
        try process.run()
        var said = ""
        while !said.contains("chunk 1") {
            let bytes = errors.fileHandleForReading.availableData
            try #require(!bytes.isEmpty, "\(said)")
            said += String(decoding: bytes, as: UTF8.self)
        }
        kill(process.processIdentifier, signal)
        _ = try errors.fileHandleForReading.readToEnd()
        process.waitUntilExit()
        // On a fast machine it may have been done.
        if process.terminationStatus != 0 {
            #expect(process.terminationStatus == 128 + signal)
            let resumed = try Gossamer.run(command(kind, out: "m", "--resume", state), input: input)
            #expect(resumed.status == 0, "\(resumed.error)")
        }
        #expect(try folder.data("m") == folder.data("whole"))
    }

    @Test func isAboutAsGoodAsAnEpoch() throws {
        try texts(6_000).write(to: folder.url.appending(path: "train.txt"))
        let test = folder.url.appending(path: "test.txt")
        try texts(500, seed: 5).write(to: test)
        func fvu(_ model: String) throws -> Double {
            let json = try Gossamer.succeed("evaluate", folder.path(model), "--test", test.path, "--json").json()
            return try #require(json["fvu"] as? Double)
        }
        let streamed = try Gossamer.run(command("sae", out: "streamed"), input: texts(6_000))
        #expect(streamed.status == 0, "\(streamed.error)")
        try Gossamer.succeed(
            "train", "sae", folder.path("train.txt"), "--out", folder.path("epoch"), "--hash-bits", "9", "--latent",
            "8",
            "--epochs", "1")
        // Both have to find topics; what is left is mostly which words of a topic a document has.
        let (once, epoch) = (try fvu("streamed"), try fvu("epoch"))
        #expect(once < 1 && once <= 1 - 0.8 * (1 - epoch), "\(once) and \(epoch)")
    }

    @Test func indicesNeedALargestNumber() throws {
        let corpus = try Data(contentsOf: URL(fileURLWithPath: eightSubjects))
        let model = folder.path("m")
        let open = try Gossamer.run("train", "sae", "-", "--out", model, input: corpus)
        #expect(open.status == 65 && open.error.contains("--features"), "\(open.error)")
        for features in [["--features", "1880"], ["--features", "1880", "--vocabulary", vocabularyFile]] {
            let run = try Gossamer.run(
                ["train", "sae", "-", "--out", model, "--latent", "8"] + features, input: corpus)
            #expect(run.status == 0, "\(run.error)")
        }
        let narrow = try Gossamer.run("train", "sae", "-", "--out", model, "--features", "10", input: corpus)
        #expect(narrow.status == 65 && narrow.error.contains("<stdin>:1:"), "\(narrow.error)")
        let zero = try Gossamer.run(
            "train", "sae", "-", "--out", model, "--features", "10", input: Data("1 2:1 3:1\n2 0:1 3:2\n".utf8))
        #expect(zero.status == 65 && zero.error.contains("<stdin>:2:"), "\(zero.error)")
        let lines = "{\"text\": \"bread and oven\"}\n{\"text\": \"sun and sea\"}\n"
        let json = try Gossamer.run(
            "train", "sae", "-", "--out", model, "--latent", "2", "--json", input: Data(lines.utf8))
        #expect(json.status == 0, "\(json.error)")
        #expect(try json.json()["features"] as? Int == 65_536)
    }

    @Test func whatNeedsAllDocumentsIsRefused() throws {
        let model = folder.path("m")
        for options in [
            ["--validation", "0.1"], ["--embeddings", folder.path("e.npy")], ["--report", folder.path("r.html")],
            ["--min-df", "2"], ["--max-df", "0.5"], ["--max-features", "10"], ["--transpose"],
        ] {
            let run = try Gossamer.run(
                ["train", "sae", "-", "--format", "text", "--out", model] + options, input: texts(10))
            #expect(run.status == 64 && run.error.contains(options[0]), "\(run.error)")
        }
        let bits = try Gossamer.run(
            "train", "sae", "-", "--format", "text", "--out", model, "--hash-bits", "40", input: texts(10))
        #expect(bits.status == 64 && bits.error.contains("--hash-bits"), "\(bits.error)")
        let both = try Gossamer.run(
            "train", "sae", "-", "--format", "text", "--out", model, "--hash-bits", "9", "--vocabulary", vocabularyFile,
            input: texts(10))
        #expect(both.status == 64 && both.error.contains("--hash-bits"), "\(both.error)")
        for empty in [Data(), Data("\n".utf8)] {
            let run = try Gossamer.run("train", "sae", "-", "--out", model, input: empty)
            #expect(run.status == 65, "\(run.error)")
        }
        #expect(!FileManager.default.fileExists(atPath: model))
    }
}

import Foundation
import Testing

/// Embedding from stdin to stdout and in pieces, by the built program.
@Suite struct EmbedStreamTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// More rows than a piece has, the last of which alone have ids.
    private func longCorpus(lateIDs: Bool = false) throws -> String {
        let documents = try documentLines().map { $0.split(separator: "#")[0] }
        return (0..<9_000).map { row in
            row % 700 == 3 ? "\n" : "\(documents[row % 400])\(lateIDs && row > 8_000 ? " # d\(row)" : "")\n"
        }.joined()
    }

    @Test(arguments: ["csv", "tsv", "vec", "svm", "jsonl"])
    func pipesGiveWhatFilesGive(format: String) throws {
        let model = try Gossamer.smallModel()
        let text = try longCorpus()
        let path = try folder.write(text, to: "c.svm")
        try Gossamer.succeed("embed", model, path, "--out", folder.path("e.\(format)"))
        for threads in ["1", "3"] {
            let outcome = try Gossamer.succeed(
                "embed", model, "-", "--out", "-", "--out-format", format, "--threads", threads,
                input: Data(text.utf8))
            #expect(outcome.output == (try folder.data("e.\(format)")))
            #expect(outcome.error.contains("warning: <stdin>: 13 blank lines"))
        }
    }

    /// The bytes do not tell that ids came late; a pipe, whose rows cannot be taken back, does without them.
    @Test(arguments: ["csv", "svm", "jsonl", "vec", "safetensors"])
    func idsThatComeLate(format: String) throws {
        let model = try Gossamer.smallModel()
        let text = try longCorpus(lateIDs: true)
        try folder.write(text, to: "late.feat")
        try folder.write(text.replacingOccurrences(of: "\n\n", with: "\n# \n"), to: "same.feat")
        for name in ["late", "same"] {
            try Gossamer.succeed(
                "embed", model, folder.path("\(name).feat"), "--out", folder.path("\(name).\(format)"), "--ids",
                folder.path("\(name).ids"), "--metadata", folder.path("\(name).meta"))
        }
        #expect(try folder.data("late.\(format)") == folder.data("same.\(format)"))
        let ids = try folder.lines("late.ids")
        #expect(ids[7_000] == "" && ids.last == "d8999")
        #expect(try folder.lines("late.meta")[1].hasPrefix("1\t"))
        if format == "csv" {
            let lines = try folder.lines("late.csv")
            #expect(lines[0].hasPrefix("id,unit_0") && lines[1].hasPrefix(","))
            #expect(lines.last?.hasPrefix("d8999,") == true)
            let outcome = try Gossamer.succeed(
                "embed", model, "-", "--out", "-", "--out-format", format, input: Data(text.utf8))
            #expect(outcome.text.hasPrefix("unit_0,"))
            #expect(outcome.error.contains("warning: <stdout>: ids or labels"))
        }
    }

    @Test func rowsComeOutBeforeTheInputEnds() throws {
        let model = try Gossamer.smallModel()
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = try Gossamer.binary()
        process.arguments = ["embed", model, "-", "--out", "-", "--out-format", "tsv", "--progress", "none"]
        (process.standardInput, process.standardOutput) = (input, output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        let lines = (0..<4_096).map { "1 \($0 % 1_800 + 1):1\n" }.joined()
        for part in 1...3 {
            try input.fileHandleForWriting.write(contentsOf: Data(lines.utf8))
            // Nothing more is written before all rows of this part have come back.
            var rows = 0
            while rows < 4_096 {
                let bytes = output.fileHandleForReading.availableData
                try #require(!bytes.isEmpty, "the output ended in part \(part)")
                rows += bytes.count { $0 == UInt8(ascii: "\n") }
            }
            #expect(rows == 4_096)
        }
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func rowsBeforeAFaultStaySent() throws {
        let model = try Gossamer.smallModel()
        let text = try longCorpus() + "1 1:x\n"
        let outcome = try Gossamer.run(
            "embed", model, "-", "--out", "-", "--out-format", "tsv", input: Data(text.utf8))
        #expect(outcome.status == 65 && outcome.error.contains("<stdin>:9001:5: found \"x\""))
        let sent = outcome.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(sent.count % 1_024 == 0 && sent.count >= 4_096)
    }

    @Test(arguments: ["npy", "npz", "csv", "vec", "safetensors"])
    func aFaultLeavesNoFile(format: String) throws {
        try folder.write(try longCorpus(lateIDs: true) + "1 1:-1\n", to: "c.svm")
        try Gossamer.fail(
            65, "embed", try Gossamer.smallModel(), folder.path("c.svm"), "--out", folder.path("e.\(format)"), "--ids",
            folder.path("ids"), "--metadata", folder.path("meta"), saying: ["c.svm:9001:3: row"])
        #expect(try folder.names() == ["c.svm"])
    }

    @Test func anEmptyInputGivesNothing() throws {
        let model = try Gossamer.smallModel()
        for text in ["", "\n\n", "# a comment\n"] {
            try Gossamer.fail(
                65, "embed", model, "-", "--format", "libsvm", "--out", "-", "--out-format", "csv",
                saying: ["no documents"], input: Data(text.utf8))
        }
    }

    @Test func endingTheProgramLeavesNothing() throws {
        let model = try Gossamer.smallModel()
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        let text = try longCorpus()
        // Opened both ways, the pipe never ends.
        let descriptor = open(pipe, O_RDWR)
        let writer = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        Thread.detachNewThread { try? writer.write(contentsOf: Data(text.utf8)) }
        let outcome = try Gossamer.run(
            ["embed", model, pipe, "--out", folder.path("e.npy"), "--ids", folder.path("ids")], signal: SIGTERM
        ) { _ in (try? folder.names().contains { $0.hasPrefix("e.npy.") }) == true }
        #expect(outcome.wasKilled && outcome.status == SIGTERM)
        #expect(try folder.names() == ["pipe"])
    }
}

import Foundation
import Testing

/// Outputs that would go over an input, or over each other, whatever they are spelled like.
@Suite struct OutputPlaceTests {
    private let folder: ScratchFolder
    private let corpus: String

    init() throws {
        folder = try ScratchFolder()
        corpus = folder.path("s.svm")
        try FileManager.default.copyItem(atPath: eightSubjects, toPath: corpus)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("ln.svm"), withDestinationPath: folder.path("s.svm"))
        try FileManager.default.linkItem(atPath: corpus, toPath: folder.path("hard.svm"))
    }

    @Test(arguments: ["./s.svm", "../FOLDER/s.svm", "ln.svm", "hard.svm"])
    func anInputUnderAnotherSpellingStays(_ spelling: String) throws {
        let out = spelling.replacing("FOLDER", with: folder.url.lastPathComponent)
        for command in [
            ["embed", try Gossamer.smallModel(), "s.svm", "--out", out],
            ["train", "sae", "s.svm", "--epochs", "1", "--embeddings", out],
            ["import", "s.svm", "--out", out],
        ] {
            let outcome = try Gossamer.run(command, folder: folder.url)
            #expect(outcome.status == 64 && outcome.error.contains("is an input"), "\(command): \(outcome.error)")
        }
        #expect(try folder.data("s.svm") == Data(contentsOf: URL(fileURLWithPath: eightSubjects)))
    }

    @Test func standardInputFromAFileStays() throws {
        let model = try Gossamer.smallModel()
        let process = Process()
        process.executableURL = try Gossamer.binary()
        process.arguments = ["embed", model, "-", "--out", corpus]
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: corpus))
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 64)
        #expect(try folder.data("s.svm") == Data(contentsOf: URL(fileURLWithPath: eightSubjects)))
    }

    @Test func twoOutputsToOnePlaceAreRefused() throws {
        let outcome = try Gossamer.run(
            ["embed", try Gossamer.smallModel(), "s.svm", "--out", "x.csv", "--ids", "./x.csv"], folder: folder.url)
        #expect(outcome.status == 64 && outcome.error.contains("cannot both go to"), "\(outcome.error)")
        #expect(!FileManager.default.fileExists(atPath: folder.path("x.csv")))
    }

    @Test func filesInAFolderThatIsReadStay() throws {
        try FileManager.default.createDirectory(atPath: folder.path("posts"), withIntermediateDirectories: true)
        try folder.write("sun moon\n", to: "posts/a.txt")
        for list in ["posts/a.txt", "./posts/../posts/a.txt"] {
            let outcome = try Gossamer.run(
                ["import", "posts", "--out", "c.npz", "--write-vocabulary", list], folder: folder.url)
            #expect(outcome.status == 64 && outcome.error.contains("is an input"), "\(list): \(outcome.error)")
        }
        #expect(try folder.text("posts/a.txt") == "sun moon\n")
    }

    /// Nobody's wish is asked of the administrator.
    @Test(.enabled(if: geteuid() != 0)) func aReadOnlyFileIsNotReplaced() throws {
        let path = try folder.write("mine\n", to: "m.safetensors")
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
        try Gossamer.fail(73, "train", "sae", corpus, "--epochs", "1", "--out", path)
        #expect(try folder.text("m.safetensors") == "mine\n")
    }
}

import Foundation
import Testing

/// Tables whose lines differ, and files that are no tables: nothing of them is lost in silence.
@Suite struct TableReadingTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func refused(_ text: String, _ name: String, _ options: String..., saying parts: [String]) throws {
        let source = try folder.write(text, to: name)
        let outcome = try Gossamer.run(["import", source, "--out", folder.path("o.safetensors")] + options)
        #expect(outcome.status == 65, "\(name): \(outcome.error)")
        for part in parts { #expect(outcome.error.contains(part), "\(part): \(outcome.error)") }
        #expect(!FileManager.default.fileExists(atPath: folder.path("o.safetensors")))
    }

    @Test func fieldsBeyondTheFirstLinesAreNotDropped() throws {
        try refused(
            "The plot was thin\nGood film, bad sound, great cast\n", "rev.csv",
            saying: ["rev.csv:2:1", "3 fields", "1, as on the first line", "--format text"])
        let chosen = ["--label-column", "1", "--text-column", "2"]
        for (text, name) in [("a,foo bar\nb,baz, qux\n", "r.csv"), ("a\tfoo bar\nb\tbaz\tqux\n", "r.tsv")] {
            try refused(text, name, chosen[0], chosen[1], chosen[2], chosen[3], saying: [":2:", "3 fields"])
        }
    }

    @Test(arguments: [1, 2, 5, 50, 101]) func aShortLineIsAnErrorWhereverItStands(_ place: Int) throws {
        let lines = (1...120).map { $0 == place ? "k\tsun moon" : "k\tid\($0)\tsun moon" }
        try refused(lines.joined(separator: "\n") + "\n", "s.tsv", saying: ["s.tsv:\(place):", "2 fields"])
    }

    @Test func aFewTextsWithTabsMakeNoThirdColumn() throws {
        let lines = (1...20).map { $0 == 3 ? "k\tsun\tmoon" : "k\tsun star" }
        let source = try folder.write(lines.joined(separator: "\n") + "\n", to: "t.tsv")
        let outcome = try Gossamer.succeed(
            "import", source, "--out", folder.path("t.npz"), "--write-vocabulary", folder.path("v.txt"))
        #expect(outcome.error.contains("1 of the first 20 lines have more than one tab"))
        #expect(try folder.text("v.txt") == "moon\nstar\nsun\n")
    }

    @Test func verticalBarsStandBetweenColumns() throws {
        let source = try folder.write("id|label|text\n1|sky|sun rises\n", to: "p.csv")
        let outcome = try Gossamer.succeed(
            "import", source, "--out", folder.path("p.npz"), "--write-ids", folder.path("i.txt"))
        #expect(outcome.error.contains("vertical bars"))
        #expect(try folder.text("i.txt") == "1\n")
    }

    @Test func binaryFilesAreNoTables() throws {
        try refused("text\na\u{0}b foo\n", "nul.csv", saying: ["nul.csv:2:2", "byte 0x00"])
        try refused("text\n\"sun\nm\u{0}on\"\n", "quoted.csv", saying: ["quoted.csv:3:2", "byte 0x00"])
        for name in ["t.csv", "t.parquet", "t.txt"] {
            try refused("PAR1\u{15}\u{4}words\nwords PAR1", name, saying: ["a Parquet file", ".jsonl"])
        }
    }

    @Test func strictHoldsForTexts() throws {
        let source = try folder.write("label,text\nsky,sun\n\n,moon\n", to: "e.csv")
        try Gossamer.succeed("inspect", source)
        try Gossamer.fail(65, "inspect", source, "--strict", saying: ["oddity", "--strict"])
    }

    @Test func aPipeInAFolderIsRefused() throws {
        try FileManager.default.createDirectory(atPath: folder.path("posts/a"), withIntermediateDirectories: true)
        try folder.write("sun\n", to: "posts/a/1.txt")
        #expect(mkfifo(folder.path("posts/a/2.txt"), 0o600) == 0)
        try Gossamer.fail(66, "inspect", folder.path("posts"), saying: ["2.txt", "a pipe"])
    }

    @Test func wordsWithoutColumnsAreTold() throws {
        let words = try folder.write("term\n" + String(contentsOfFile: vocabularyFile, encoding: .utf8), to: "v.txt")
        let outcome = try Gossamer.succeed("inspect", eightSubjects, "--vocabulary", words)
        #expect(outcome.error.contains("1 of the 1881 words"), "\(outcome.error)")
    }

    @Test func rowsThatBecomeClassZeroAreTold() throws {
        let corpus = try folder.write("2 1:2 2:1\n1 1:2\n1:3 2:2\n2 2:1\n", to: "u.svm")
        try Gossamer.succeed("train", "sae", corpus, "--latent", "2", "--epochs", "1", "--out", folder.path("m"))
        let outcome = try Gossamer.succeed("embed", folder.path("m"), corpus, "--out", folder.path("e.svm"))
        #expect(outcome.error.contains("1 row has no label and is written with the label 0"), "\(outcome.error)")
    }
}

import Foundation
import Testing

@Suite struct ScoreTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    func table(_ name: String) throws -> [[String: String]] {
        let lines = try folder.lines(name).map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        let header = try #require(lines.first).map(String.init)
        return try lines.dropFirst().map { fields in
            try #require(fields.count == header.count)
            return Dictionary(uniqueKeysWithValues: zip(header, fields.map(String.init)))
        }
    }

    @Test func everyRowHasItsScoreInOrder() throws {
        let model = try Gossamer.smallModel(words: true)
        let corpus = try folder.write(
            try documentLines()[..<30].joined(separator: "\n") + "\n2 # nothing\n9 5:3 900:1 1700:2 99999:1 # odd\n",
            to: "c.svm")
        for threads in ["1", "2"] {
            try Gossamer.succeed(
                "score", model, corpus, "--train", eightSubjects, "--out", folder.path("\(threads).tsv"), "--threads",
                threads, "--top", "2")
        }
        #expect(try folder.data("1.tsv") == folder.data("2.tsv"))
        let rows = try table("1.tsv")
        #expect(rows.map { $0["row"] } == (1...32).map { String($0) })
        #expect(Set(rows[0].keys) == ["row", "id", "label", "entries", "loss", "score", "tail", "features"])
        #expect(rows[31]["id"] == "odd" && rows[31]["label"] == "9" && rows[31]["entries"] == "3")
        #expect(rows[30]["entries"] == "0" && rows[30]["features"] == "")
        for row in rows {
            #expect(Double(row["loss"] ?? "")?.isFinite == true && Double(row["score"] ?? "")?.isFinite == true)
            #expect((0...1).contains(try #require(Double(row["tail"] ?? ""))))
            #expect(row["features"]?.split(separator: " ").count ?? 9 <= 2)
        }
        let json = try Gossamer.succeed("score", model, corpus, "--out", folder.path("s.tsv"), "--json").json()
        #expect(json["documents"] as? Int == 32 && json["empty_documents"] as? Int == 1)
        #expect((json["strangest"] as? [[String: Any]])?.count == 10 && json["mean_score"] is Double)
        #expect(try table("s.tsv").allSatisfy { $0["tail"] == nil })
        // The table alone goes to stdout.
        let text = try Gossamer.succeed("score", model, corpus, "--out", "-").text
        #expect(text == String(decoding: try folder.data("s.tsv"), as: UTF8.self))
    }

    @Test func variationalModelsScoreByTheirBound() throws {
        let model = folder.path("v.safetensors")
        try Gossamer.succeed(
            "train", "vae", eightSubjects, "--latent", "3", "--hidden", "6", "--epochs", "1", "--inner-steps", "1",
            "--out", model)
        for (name, threads) in [("a.tsv", "1"), ("b.tsv", "2")] {
            try Gossamer.succeed(
                "score", model, eightSubjects, "--samples", "2", "--out", folder.path(name), "--threads", threads)
        }
        #expect(try folder.data("a.tsv") == folder.data("b.tsv"))
        let rows = try table("a.tsv")
        #expect(rows.count == 400 && rows.allSatisfy { Double($0["score"] ?? "") ?? 0 > 1 })
    }

    @Test func wrongUsageAndWrongFilesAreTold() throws {
        let model = try Gossamer.smallModel()
        try Gossamer.fail(64, "score", model, eightSubjects)
        try Gossamer.fail(64, "score", model, eightSubjects, "--out", folder.path("s.tsv"), "--samples", "0")
        try Gossamer.fail(64, "score", model, eightSubjects, "--out", folder.path("s.tsv"), "--top", "-1")
        try Gossamer.fail(64, "score", model, eightSubjects, "--out", "-", "--json")
        try Gossamer.fail(66, "score", model, folder.path("none.svm"), "--out", folder.path("s.tsv"))
        try Gossamer.fail(73, "score", model, eightSubjects, "--out", folder.path("no/s.tsv"))
        let bad = try folder.write("1 1:1\n1 2:x\n", to: "bad.svm")
        try Gossamer.fail(65, "score", model, bad, "--out", folder.path("s.tsv"), saying: ["bad.svm:2:"])
        #expect(try folder.names() == ["bad.svm"])
    }

    /// Losses beyond what a Float holds are figures all the same.
    @Test func lossesOfHugeCountsAreFigures() throws {
        let corpus = try folder.write("1 1:3 2:1\n2 2:2 3:4\n1 1:1 3:2\n", to: "c.svm")
        let model = folder.path("m")
        #expect(
            try Gossamer.run([
                "train", "vae", corpus, "--out", model, "--latent", "2", "--hidden", "3", "--epochs", "2",
                "--inner-steps", "0",
            ]).status == 0)
        let far = try folder.write("1 1:1e38 2:1e38\n", to: "far.svm")
        let outcome = try Gossamer.run(["score", model, far, "--out", folder.path("s.tsv")])
        #expect(outcome.status == 0, "\(outcome.error)")
        let row = try folder.lines("s.tsv")[1]
        #expect(!row.contains("inf") && !row.contains("nan"), "\(row)")
    }
}

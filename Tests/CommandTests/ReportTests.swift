import Foundation
import Testing

@Suite struct ReportTests {
    @Test func writesAPageAndLDAvisData() throws {
        let folder = try ScratchFolder()
        let model = try Gossamer.smallModel(words: true)
        let arguments = [
            "report", model, "--corpus", eightSubjects, "--out", folder.path("r.html"), "--ldavis",
            folder.path("l.json"),
        ]
        let json = try Gossamer.run(arguments + ["--json", "--documents", "50"]).json()
        #expect(
            json["units"] as? Int == 12 && json["documents"] as? Int == 400 && json["documents_shown"] as? Int == 50)
        let page = try folder.text("r.html")
        #expect(json["bytes"] as? Int == page.utf8.count)
        #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n"))
        // Without scripts there is a table of the units.
        #expect(page.components(separatedBy: "<tr>").count == 14)
        #expect(!page.contains("http://www.") || !page.contains("src=\"http"))
        let data = try #require(try JSONSerialization.jsonObject(with: folder.data("l.json")) as? [String: Any])
        #expect(Set(data.keys) == ["mdsDat", "tinfo", "token.table", "R", "lambda.step", "plot.opts", "topic.order"])
        let other = folder.path("s.html")
        try Gossamer.succeed(
            "report", model, "--corpus", eightSubjects, "--out", other, "--documents", "50", "--threads", "1")
        #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == folder.data("r.html"))
    }

    @Test func theModelAloneIsEnough() throws {
        let folder = try ScratchFolder()
        let outcome = try Gossamer.succeed("report", try Gossamer.smallModel(), "--out", folder.path("r.html"))
        #expect(outcome.output.isEmpty && outcome.error.contains("12 units and 400 documents"))
        #expect(try folder.text("r.html").contains("feature "))
    }

    @Test func trainingCanMakeOne() throws {
        let folder = try ScratchFolder()
        try Gossamer.succeed(
            "train", "sae", eightSubjects, "--latent", "4", "--epochs", "2", "--out", folder.path("m.safetensors"),
            "--report", folder.path("r.html"))
        #expect(try folder.text("r.html").contains("<h1>m</h1>"))
        try Gossamer.fail(
            64, "train", "sae", eightSubjects, "--out", folder.path("m.safetensors"), "--report",
            folder.path("m.safetensors"), saying: ["--report"])
    }

    @Test func wrongUsageIsTold() throws {
        let folder = try ScratchFolder()
        let model = try Gossamer.smallModel()
        try Gossamer.fail(64, "report", model, saying: ["--out"])
        try Gossamer.fail(64, "report", model, "--out", model, saying: ["input of this command"])
        try Gossamer.fail(64, "report", model, "--out", folder.path("r.html"), "--documents", "0")
        try Gossamer.fail(64, "report", model, "--out", folder.path("r.html"), "--image-shape", "3")
        try Gossamer.fail(
            64, "report", model, "--out", folder.path("r.html"), "--image-shape", "3,3", saying: ["1880 features"])
        try Gossamer.fail(
            64, "report", model, "--out", folder.path("r.html"), "--index-base", "0", saying: ["--corpus"])
        try Gossamer.fail(66, "report", model, "--corpus", "/nowhere.svm", "--out", folder.path("r.html"))
        try Gossamer.fail(73, "report", model, "--out", "/nowhere/r.html")
        #expect(try folder.names() == [])
    }
}

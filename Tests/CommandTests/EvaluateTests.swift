import Foundation
import Testing

@Suite struct EvaluateTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    @Test func reportsEveryKeyOfALabelledCorpus() throws {
        let model = try Gossamer.smallModel(words: true)
        try folder.write("sun moon\nbread\tflour\n", to: "lists.txt")
        let vocabulary = Set(
            try String(contentsOfFile: vocabularyFile, encoding: .utf8).split(separator: "\n").map(String.init))
        try #require(vocabulary.isSuperset(of: ["sun", "moon", "bread", "flour"]))
        let outcomes = try ["1", "2"].map { threads in
            try Gossamer.succeed(
                "evaluate", model, "--test", eightSubjects, "--train", eightSubjects, "--word-lists",
                folder.path("lists.txt"), "--json", "--threads", threads)
        }
        var json = try outcomes.map { try $0.json() }
        for i in json.indices { json[i]["seconds"] = nil }
        #expect(NSDictionary(dictionary: json[0]) == NSDictionary(dictionary: json[1]))
        #expect(
            Set(json[0].keys) == [
                "documents", "fvu", "normalized_mse", "l0_mean", "dead_fraction", "probe_accuracy",
                "retrieval_precision_at_10", "npmi", "topic_diversity", "npmi_by_lift", "topic_diversity_by_lift",
                "word_lists_npmi", "word_lists_topic_diversity", "probe_accuracy_standard_error",
                "npmi_standard_error", "npmi_by_lift_standard_error", "word_lists_npmi_standard_error",
            ])
        #expect(try #require(json[0]["probe_accuracy"] as? Double) > 0.25)
        #expect(json[0]["word_lists_topic_diversity"] as? Double == 1)
        let text = try Gossamer.succeed("evaluate", model, "--test", eightSubjects, "--train", eightSubjects).text
        for part in ["probe", "retrieval", "npmi", "by lift", "cross-validation"] { #expect(text.contains(part)) }
    }

    /// One document has a loss, and no standard error.
    @Test func oneDocumentHasNoStandardError() throws {
        let model = folder.path("vae.safetensors")
        try Gossamer.succeed(
            "train", "vae", eightSubjects, "--latent", "3", "--epochs", "1", "--out", model, "--progress", "none")
        let one = try folder.write(try documentLines()[0] + "\n", to: "one.svm")
        let json = try Gossamer.succeed("evaluate", model, "--test", one, "--refine", "2", "--json").json()
        #expect(json["perplexity_corpus"] is Double && json["perplexity_corpus_standard_error"] == nil)
    }

    @Test func severalLabelsGiveMicroF1() throws {
        let lines = try documentLines().enumerated().map { row, line in
            "\(row % 4),\(4 + row % 2) " + line.split(separator: " ").dropFirst().joined(separator: " ")
        }
        let corpus = try folder.write(lines.joined(separator: "\n") + "\n", to: "several.svm")
        let json = try Gossamer.succeed(
            "evaluate", try Gossamer.smallModel(), "--test", corpus, "--train", corpus, "--json"
        ).json()
        #expect(json["probe_micro_f1"] is Double && json["probe_accuracy"] == nil)
        #expect(json["retrieval_precision_at_10"] is Double)
    }

    @Test func labelsThatAreNoClassesGiveNoProbe() throws {
        let lines = try documentLines()
        func corpus(_ name: String, _ label: (Int) -> String) throws -> String {
            let text = lines.enumerated().map { row, line in
                label(row) + " " + line.split(separator: " ").dropFirst().joined(separator: " ")
            }
            return try folder.write(text.joined(separator: "\n") + "\n", to: name)
        }
        for path in [try corpus("one.svm") { _ in "1" }, try corpus("all.svm") { "\($0).5" }] {
            let json = try Gossamer.succeed(
                "evaluate", try Gossamer.smallModel(), "--test", path, "--train", path, "--json"
            ).json()
            #expect(json["probe_accuracy"] == nil && json["retrieval_precision_at_10"] == nil)
            #expect(json["npmi"] is Double && json["dead_fraction"] is NSNumber)
        }
    }

    @Test func wrongWordListsAreTold() throws {
        let model = try Gossamer.smallModel(words: true)
        try folder.write("sun moon\nsun qqqq\n", to: "lists.txt")
        try Gossamer.fail(
            65, "evaluate", model, "--test", eightSubjects, "--word-lists", folder.path("lists.txt"),
            saying: ["lists.txt:2:5: found 'qqqq'", "expected a word"])
        try Gossamer.fail(66, "evaluate", model, "--test", eightSubjects, "--word-lists", folder.path("none.txt"))
    }
}

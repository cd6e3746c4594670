import Foundation
import Testing

private let errorSuffix = "_standard_error"

/// What `evaluate` says of word lists.
let wordKeys: Set = [
    "npmi", "npmi_standard_error", "topic_diversity", "inverted_rbo", "coherence_c_v", "coherence_c_v_standard_error",
    "coherence_c_uci", "coherence_c_uci_standard_error", "coherence_u_mass", "coherence_u_mass_standard_error",
    "coherence_window",
]

/// Those of the words that set documents apart.
let liftKeys = Set(
    wordKeys.subtracting(["coherence_window"]).map { key in
        key.hasSuffix(errorSuffix) ? "\(key.dropLast(errorSuffix.count))_by_lift\(errorSuffix)" : key + "_by_lift"
    })

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
        let ofLists = wordKeys.subtracting(["coherence_window"]).map { "word_lists_" + $0 }
        #expect(
            Set(json[0].keys)
                == wordKeys.union(liftKeys).union(ofLists).union([
                    "documents", "fvu", "normalized_mse", "l0_mean", "dead_fraction",
                    "unit_frequency_bands",
                    "probe_accuracy", "probe_accuracy_standard_error", "retrieval_precision_at_10", "purity", "nmi",
                    "purity_unit", "nmi_unit", "largest_decoder_cosine_mean", "largest_decoder_cosine_maximum",
                ]))
        #expect(try #require(json[0]["unit_frequency_bands"] as? [Int]).count == 5)
        #expect(try #require(json[0]["probe_accuracy"] as? Double) > 0.25)
        #expect(json[0]["word_lists_topic_diversity"] as? Double == 1)
        let text = try Gossamer.succeed("evaluate", model, "--test", eightSubjects, "--train", eightSubjects).text
        for part in [
            "probe", "retrieval", "npmi", "by lift", "cross-validation", "c_v", "one window", "inverted RBO", "purity",
            "of the documents", "decoder cosine",
        ] {
            #expect(text.contains(part), "\(part)")
        }
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
            for key in ["probe_accuracy", "retrieval_precision_at_10", "purity", "nmi_unit"] {
                #expect(json[key] == nil, "\(key)")
            }
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

import Foundation
import Testing

@Suite struct GenerateTests {
    let folder: ScratchFolder
    let corpus: String

    /// Fifty documents of two topics, counted from 1, and two models of them: `vae` and `sae`, both with words.
    init() throws {
        folder = try ScratchFolder()
        let lines = (0..<50).map { document in
            let words = (0..<5).map { 10 * (document % 2) + 2 * $0 + 1 + (document / 2 + $0) % 2 }
            return "\(document % 2) " + words.map { "\($0):\(1 + document % 3)" }.joined(separator: " ")
        }
        corpus = try folder.write(lines.joined(separator: "\n") + "\n", to: "c.svm")
        try folder.write((1...20).map { "word\($0)\n" }.joined(), to: "words.txt")
        for (kind, options) in [("vae", ["--hidden", "6,5", "--inner-steps", "1"]), ("sae", [])] {
            let outcome = try Gossamer.run(
                [
                    "train", kind, corpus, "--out", folder.path(kind), "--vocabulary", folder.path("words.txt"),
                    "--latent", "3", "--epochs", "2",
                ] + options)
            #expect(outcome.status == 0, "\(outcome.error)")
        }
    }

    private func generate(
        _ model: String, _ name: String, _ options: String..., count: Int = 30,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Outcome {
        let outcome = try Gossamer.run(
            ["generate", folder.path(model), "--count", "\(count)", "--out", folder.path(name)] + options)
        #expect(outcome.status == 0, "\(options): \(outcome.error)", sourceLocation: sourceLocation)
        return outcome
    }

    /// Index and value of every entry of a libsvm file.
    private func rows(_ name: String) throws -> [[(index: Int, value: Double)]] {
        try folder.lines(name).map { line in
            line.split(separator: " ").compactMap { field in
                let parts = field.split(separator: ":")
                guard parts.count == 2, let index = Int(parts[0]), let value = Double(parts[1]) else { return nil }
                return (index, value)
            }
        }
    }

    @Test(arguments: ["vae", "sae"]) func reportsEveryKey(kind: String) throws {
        for options in [[], ["--compare", corpus]] {
            let json = try Gossamer.run(
                ["generate", folder.path(kind), "--count", "30", "--out", folder.path("g.svm"), "--json"] + options
            ).json()
            var keys: Set = [
                "out", "source", "documents", "entries_per_row", "used_features", "measured_documents",
                "compared_with", "compared", "ks_entries_per_row", "shared_features", "seconds",
            ]
            let own: Set =
                kind == "sae" ? ["fvu"] : ["perplexity_corpus", "perplexity_document", "loss_nats_per_document"]
            keys.formUnion(own)
            if kind == "vae" { keys.formUnion(["samples", "refinement_steps"]) }
            #expect(Set(json.keys) == keys)
            #expect(json["documents"] as? Int == 30 && json["measured_documents"] as? Int == 30)
            #expect(json["source"] as? String == (kind == "sae" ? "training" : "prior"))
            #expect(json["compared_with"] as? String == (options.last ?? "training"))
            let compared = try #require(json["compared"] as? [String: Any])
            #expect(
                Set(compared.keys)
                    == (["documents", "entries_per_row", "used_features"] as Set).union(options.isEmpty ? [] : own))
            #expect(compared["documents"] as? Int == 50 && compared["used_features"] as? Double == 1)
            for spread in [json["entries_per_row"], compared["entries_per_row"]] {
                let spread = try #require(spread as? [String: Any])
                #expect((spread["mean"] as? Double ?? 0) > 1 && (spread["median"] as? Double ?? 0) > 1)
            }
            #expect((0...1).contains(try #require(json["ks_entries_per_row"] as? Double)))
        }
        let all = try Gossamer.succeed(
            "generate", folder.path(kind), "--count", "30", "--out", folder.path("g.svm"), "--compare", corpus
        ).text
        #expect(all.contains("\(corpus): 50 documents") && all.filter { $0 == "(" }.count >= (kind == "sae" ? 4 : 6))
        let text = try generate(kind, "g.svm").text
        for part in ["30 in", "median", "training", "Kolmogorov", "in both"] { #expect(text.contains(part)) }
        #expect(text.contains(kind == "sae" ? "fvu" : "refined by 10 steps"))
    }

    @Test(arguments: ["vae", "sae"]) func writesBothFormats(kind: String) throws {
        _ = try generate(kind, "g.svm")
        let documents = try rows("g.svm")
        #expect(documents.count == 30)
        for entry in documents.joined() {
            #expect((1...20).contains(entry.index) && entry.value >= 1 && entry.value == entry.value.rounded())
        }
        let stdout = try Gossamer.succeed(
            "generate", folder.path(kind), "--count", "30", "--out", "-", "--out-format", "svm")
        #expect(stdout.output == (try folder.data("g.svm")) && stdout.error.contains("30 in"))
        _ = try generate(kind, "g.txt")
        for (line, row) in zip(try folder.lines("g.txt"), documents) {
            let words = line.split(separator: " ")
            let expected = row.flatMap { Array(repeating: "word\($0.index)", count: Int($0.value)) }
            #expect(words.map(String.init).sorted() == expected.sorted())
            // All of a word's occurrences stand together.
            #expect(zip(words, words.dropFirst()).count { $0 != $1 } == max(0, row.count - 1))
        }
        _ = try generate(kind, "top.txt", "--top", "2")
        for (line, whole) in zip(try folder.lines("top.txt"), try folder.lines("g.txt")) {
            #expect(Set(line.split(separator: " ")).count <= 2 && whole.hasPrefix(line))
        }
        _ = try generate(kind, "other.svm", "--seed", "1")
        #expect(try folder.data("other.svm") != folder.data("g.svm"))
    }

    @Test(arguments: ["vae", "sae"]) func threadsAndCountsDoNotMatter(kind: String) throws {
        for (name, options) in [("free", []), ("near", ["--near", corpus]), ("training", ["--near-training"])] {
            for threads in ["1", "2"] {
                _ = try Gossamer.run(
                    [
                        "generate", folder.path(kind), "--count", "40", "--out", folder.path(name + threads + ".svm"),
                        "--threads", threads,
                    ] + options)
            }
            #expect(try folder.data(name + "1.svm") == folder.data(name + "2.svm"))
            _ = try Gossamer.run(
                ["generate", folder.path(kind), "--count", "7", "--out", folder.path("few.svm")] + options)
            #expect(try Array(folder.lines(name + "1.svm").prefix(7)) == folder.lines("few.svm"))
        }
    }

    @Test(arguments: ["vae", "sae"]) func startsFromGivenDocuments(kind: String) throws {
        let training = try generate(kind, "training.svm", "--near-training", "--json").json()
        #expect(training["source"] as? String == "training")
        _ = try generate(kind, "free.svm")
        #expect(try (folder.data("training.svm") == folder.data("free.svm")) == (kind == "sae"))
        let near = try generate(kind, "near.svm", "--near", corpus, "--spread", "0.5", "--json").json()
        #expect(near["source"] as? String == "near")
        _ = try generate(kind, "wide.svm", "--near", corpus, "--spread", "3")
        // Three units hold two topics: whatever the noise, the largest entries are those of the topic.
        if kind == "vae" { #expect(try folder.data("near.svm") != folder.data("wide.svm")) }
        let line = try generate(kind, "line.txt", "--near", corpus, "--interpolate", "3,8", "--json", count: 6).json()
        #expect(line["source"] as? String == "interpolate" && line["documents"] as? Int == 6)
        #expect(try folder.lines("line.txt").count == 6)
        #expect(try generate(kind, "line.svm", "--near", corpus, "--interpolate", "8,3").text.contains("on the line"))
        for spread in ["0", "1e38"] {
            _ = try generate(kind, "far.svm", "--spread", spread)
            _ = try generate(kind, "far.svm", "--spread", spread, "--near", corpus)
        }
    }

    @Test func temperatureSharpens() throws {
        for temperature in ["0.01", "1", "20"] {
            _ = try generate("vae", "\(temperature).svm", "--temperature", temperature)
        }
        func entries(_ name: String) throws -> Int { try rows(name).joined().count }
        #expect(try entries("0.01.svm") < entries("1.svm") && entries("0.01.svm") < entries("20.svm"))
    }

    @Test func wrongUsageIs64() throws {
        let names = try folder.names()
        func fail(_ options: String..., model: String = "vae", saying parts: [String] = []) throws {
            let outcome = try Gossamer.run(
                ["generate", folder.path(model), "--count", "3", "--out", folder.path("g.svm")] + options)
            #expect(outcome.status == 64 && outcome.output.isEmpty, "\(options): \(outcome.status) \(outcome.error)")
            for part in parts { #expect(outcome.error.contains(part), "\(options): \(outcome.error)") }
        }
        for model in ["vae", "sae"] {
            try fail("--interpolate", "1,2", model: model, saying: ["--near"])
            try fail("--near-training", "--interpolate", "1,2", model: model, saying: ["--near"])
            try fail("--near-training", "--near", corpus, model: model, saying: ["leave out one"])
            try fail("--near", corpus, "--interpolate", "1,51", model: model, saying: ["row 51", "1 to 50"])
            try fail("--near", corpus, "--interpolate", "1,2", "--count", "1", model: model, saying: ["--count 2"])
            try fail("--near", corpus, "--interpolate", "1,2", "--spread", "1", model: model, saying: ["--spread"])
            for pair in ["0,2", "1", "1,2,3", "a,b", ""] {
                try fail("--near", corpus, "--interpolate", pair, model: model, saying: ["--interpolate"])
            }
        }
        for spread in ["-1", "nan", "inf", "x"] { try fail("--spread=\(spread)", saying: ["--spread"]) }
        for temperature in ["0", "-1", "nan", "inf"] { try fail("--temperature=\(temperature)") }
        try fail("--temperature", "0.5", model: "sae", saying: ["multinomial"])
        try fail("--top", "3", saying: [".txt"])
        try fail("--top", "0", "--out", folder.path("g.txt"))
        try fail("--count", "0")
        try fail("--out", folder.path("g.npz"), saying: [".svm"])
        try fail("--out", folder.path("vae"), saying: ["input"])
        try fail("--near", "-", "--compare", "-", saying: ["standard input"])
        try fail("--near", folder.path("g.svm"), saying: ["input"])
        for kind in ["vae", "sae"] {
            try Gossamer.succeed(
                "train", kind, corpus, "--out", folder.path("wordless"), "--latent", "2", "--epochs", "1")
            try fail("--out", folder.path("g.txt"), model: "wordless", saying: ["vocabulary"])
        }
        #expect(try folder.names() == (names + ["wordless"]).sorted())
    }

    @Test func badInputsHaveTheirExitCodes() throws {
        let model = folder.path("vae")
        let out = folder.path("g.svm")
        let empty = try folder.write("", to: "empty.svm")
        let negative = try folder.write("1 1:1\n0 1:2 3:-1\n", to: "n.svm")
        for kind in ["vae", "sae"] {
            try Gossamer.fail(
                65, "generate", folder.path(kind), "--count", "3", "--out", out, "--near", empty,
                saying: ["empty.svm", "no documents"])
            for option in ["--near", "--compare"] {
                try Gossamer.fail(
                    65, "generate", folder.path(kind), "--count", "3", "--out", out, option, negative,
                    saying: ["n.svm:2:7: row 2"])
            }
        }
        try Gossamer.fail(66, "generate", folder.path("none"), "--count", "1", "--out", out)
        try Gossamer.fail(66, "generate", model, "--count", "1", "--out", out, "--near", folder.path("none"))
        try Gossamer.fail(73, "generate", model, "--count", "1", "--out", folder.path("none/g.svm"))
        #expect(try !folder.names().contains("g.svm"))
    }

    @Test func valuesBelowZeroGoIntoNumbersOnly() throws {
        let signed = try folder.write("1 1:0.5 2:-2\n0 1:-1 3:0.25\n1 2:1.5\n", to: "signed.svm")
        let words = try folder.write("a\nb\nc\n", to: "abc.txt")
        try Gossamer.succeed(
            "train", "sae", signed, "--vocabulary", words, "--out", folder.path("m"), "--latent", "2", "--epochs", "5")
        try Gossamer.succeed("generate", folder.path("m"), "--count", "20", "--out", folder.path("g.svm"))
        #expect(try rows("g.svm").joined().contains { $0.value < 0 })
        try Gossamer.fail(
            64, "generate", folder.path("m"), "--count", "20", "--out", folder.path("g.txt"), saying: ["below zero"])
    }
}

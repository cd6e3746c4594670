import Foundation
import Testing

@Suite struct VariationalTests {
    let folder: ScratchFolder
    let corpus: String

    /// Fifty documents of two topics, counted from 1.
    init() throws {
        folder = try ScratchFolder()
        let lines = (0..<50).map { document in
            let words = (0..<5).map { 10 * (document % 2) + 2 * $0 + 1 + (document / 2 + $0) % 2 }
            return "\(document % 2) " + words.map { "\($0):\(1 + document % 3)" }.joined(separator: " ")
        }
        corpus = try folder.write(lines.joined(separator: "\n") + "\n", to: "c.svm")
        try folder.write((1...20).map { "word\($0)\n" }.joined(), to: "words.txt")
    }

    @discardableResult
    func train(_ name: String, _ options: String..., sourceLocation: SourceLocation = #_sourceLocation) throws
        -> Outcome
    {
        let outcome = try Gossamer.run(
            [
                "train", "vae", corpus, "--out", folder.path(name), "--latent", "3", "--hidden", "6,5", "--epochs", "2",
                "--inner-steps", "1",
            ] + options)
        #expect(outcome.status == 0, "\(options): \(outcome.error)", sourceLocation: sourceLocation)
        return outcome
    }

    @Test func reportsEveryKey() throws {
        let json = try train("m", "--json").json()
        #expect(json["model"] as? String == folder.path("m") && json["epochs"] as? Int == 2)
        #expect(json["documents"] as? Int == 50 && json["features"] as? Int == 20 && json["nonzeros"] as? Int == 250)
        for key in [
            "seconds", "seconds_per_epoch", "loss", "peak_memory_bytes", "perplexity_corpus", "perplexity_document",
            "kl_nats_per_document", "active_units",
        ] {
            #expect((json[key] as? Double ?? -1) >= 0, "\(key)")
        }
        #expect(json["unexplained"] == nil && json["dead_units"] == nil)
        let sparse = try Gossamer.succeed(
            "train", "sae", corpus, "--out", folder.path("s"), "--latent", "3", "--epochs", "1", "--json"
        ).json()
        #expect(sparse["perplexity_corpus"] == nil && sparse["loss"] is Double && sparse["unexplained"] is Double)
        let text = try train("m").text
        #expect(text.contains("upper bounds") && text.contains("what some units stand for"))
    }

    @Test func showsProgressInEveryStyle() throws {
        let plain = try train("m", "--progress", "plain", "--validation", "0.2").error
        for part in ["epoch 2/2", "loss", "perplexity", "KL", "active", "validation", "docs/s"] {
            #expect(plain.contains(part), "\(part): \(plain)")
        }
        #expect(try train("m", "--progress", "bar").error.contains("█"))
        #expect(try !train("m", "--progress", "none").error.contains("epoch"))
        let events = try train("m", "--progress", "jsonl", "--validation", "0.2").error.split(separator: "\n")
            .filter { $0.hasPrefix("{") }
            .map { try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
        #expect(events.map { $0["event"] as? String } == ["started", "epoch", "epoch", "finished"])
        for key in ["loss", "perplexity", "kl_nats_per_document", "active_units", "validation_perplexity"] {
            #expect(events[1][key] is NSNumber, "\(key)")
        }
    }

    @Test func sameSeedSameBytesWhateverTheThreads() throws {
        for threads in ["1", "2"] {
            try train(threads, "--threads", threads, "--embeddings", folder.path("\(threads).npy"))
            try Gossamer.succeed(
                "generate", folder.path(threads), "--count", "40", "--out", folder.path("\(threads).svm"), "--threads",
                threads)
        }
        for ending in ["", ".npy", ".svm"] { #expect(try folder.data("1" + ending) == folder.data("2" + ending)) }
        try train("other", "--seed", "1")
        #expect(try folder.data("1") != folder.data("other"))
    }

    @Test func theSoftmaxCanBeSampled() throws {
        for threads in ["1", "2"] { try train(threads, "--sampled-softmax", "4", "--threads", threads) }
        #expect(try folder.data("1") == folder.data("2"))
        try train("exact")
        #expect(try folder.data("1") != folder.data("exact"))
        try Gossamer.succeed("evaluate", folder.path("1"), "--test", corpus, "--json")
        for wrong in [["0"], ["-3"], ["2000000000"], ["4", "--likelihood", "poisson"]] {
            let outcome = try Gossamer.run(
                ["train", "vae", corpus, "--out", folder.path("none"), "--sampled-softmax=\(wrong[0])"]
                    + wrong.dropFirst())
            #expect(outcome.status == 64 && outcome.error.contains("--sampled-softmax"), "\(wrong): \(outcome.error)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path("none")))
    }

    @Test func embedsInspectsAndShowsFeatures() throws {
        try train("m", "--vocabulary", folder.path("words.txt"), "--embeddings", folder.path("a.csv"))
        try Gossamer.succeed("embed", folder.path("m"), corpus, "--out", folder.path("b.csv"))
        #expect(try folder.data("a.csv") == folder.data("b.csv"))
        let json = try Gossamer.succeed(
            "embed", folder.path("m"), corpus, "--out", folder.path("v.tsv"), "--with-variance", "--json"
        ).json()
        #expect(json["latent"] as? Int == 3 && json["columns"] as? Int == 6)
        #expect(try folder.lines("v.tsv").allSatisfy { $0.split(separator: "\t").count == 6 })
        let model = try Gossamer.succeed("inspect", folder.path("m"), "--json").json()
        #expect(model["kind"] as? String == "vae" && model["likelihood"] as? String == "dirichlet-multinomial")
        #expect(model["hidden"] as? [Int] == [6, 5] && model["weighting"] as? String == "none")
        #expect(try Gossamer.succeed("inspect", folder.path("m")).text.contains("20 → 6 → 5 → 3"))
        let lines = try Gossamer.succeed("features", folder.path("m"), "--top", "3").text.split(separator: "\n")
        #expect(lines.count == 4 && lines.dropFirst().allSatisfy { $0.contains("word") })
    }

    @Test func evaluatesVariationalModels() throws {
        try train("m")
        let plain = Set([
            "documents", "perplexity_corpus", "perplexity_document", "elbo_nats_per_token", "kl_nats_per_document",
            "active_units", "loss_nats_per_document", "seconds", "perplexity_corpus_standard_error",
            "perplexity_document_standard_error", "loss_nats_per_document_standard_error",
            "largest_decoder_cosine_mean", "largest_decoder_cosine_maximum", "purity", "nmi", "purity_unit", "nmi_unit",
        ]).union(wordKeys).union(liftKeys)
        let refinedKeys: Set = [
            "perplexity_corpus_refined", "perplexity_document_refined", "loss_nats_per_document_refined",
            "refinement_steps", "perplexity_corpus_refined_standard_error",
            "perplexity_document_refined_standard_error", "loss_nats_per_document_refined_standard_error",
        ]
        let json = try Gossamer.succeed("evaluate", folder.path("m"), "--test", corpus, "--json").json()
        #expect(Set(json.keys) == plain.union(refinedKeys) && json["refinement_steps"] as? Int == 20)
        let alone = try Gossamer.succeed(
            "evaluate", folder.path("m"), "--test", corpus, "--refine", "0", "--json"
        ).json()
        #expect(Set(alone.keys) == plain)
        #expect(json["documents"] as? Int == 50)
        let perplexity = try #require(json["perplexity_corpus"] as? Double)
        let bound = try #require(json["elbo_nats_per_token"] as? Double)
        #expect(perplexity > 1 && abs(log(perplexity) + bound) < 1e-9)
        let refined = try Gossamer.succeed(
            "evaluate", folder.path("m"), "--test", corpus, "--refine", "20", "--samples", "5", "--json"
        ).json()
        #expect(try #require(refined["perplexity_corpus_refined"] as? Double) < perplexity)
        #expect(refined["perplexity_document_refined"] is Double)
        let text = try Gossamer.succeed(
            "evaluate", folder.path("m"), "--test", corpus, "--refine", "2", "--samples", "5"
        ).text
        for part in ["5 samples", "not refined", "refined by 2 steps", "upper bounds"] { #expect(text.contains(part)) }
    }

    @Test(arguments: ["0", "20"])
    func importanceWeightsTightenBounds(steps: String) throws {
        try train("m")
        let arguments = ["evaluate", folder.path("m"), "--test", corpus, "--refine", steps, "--importance-samples"]
        let json = try Gossamer.run(arguments + ["64", "--json"]).json()
        let one = try Gossamer.run(arguments + ["64", "--json", "--threads", "1"]).json()
        #expect(json["importance_samples"] as? Int == 64)
        for key in ["loss_nats_per_document", "perplexity_corpus", "perplexity_document"] {
            let importance = try #require(json[key + "_importance"] as? Double)
            #expect(importance < (json[key] as? Double ?? 0), "\(key)")
            #expect(one[key + "_importance"] as? Double == importance)
        }
        let text = try Gossamer.run(arguments + ["3"]).text
        #expect(text.contains("3 samples, weighted, from \(steps == "0" ? "the encoder's" : "the refined") posterior"))
    }

    @Test func evaluatesSparseModels() throws {
        let model = try Gossamer.smallModel()
        let json = try Gossamer.succeed("evaluate", model, "--test", eightSubjects, "--json").json()
        #expect(
            Set(json.keys)
                == wordKeys.union(liftKeys).union([
                    "documents", "fvu", "normalized_mse", "l0_mean", "unit_frequency_bands", "purity", "nmi",
                    "purity_unit", "nmi_unit", "largest_decoder_cosine_mean", "largest_decoder_cosine_maximum",
                    "seconds",
                ]))
        #expect(try #require(json["fvu"] as? Double) > (json["normalized_mse"] as? Double ?? 1))
        let more = try Gossamer.succeed(
            "evaluate", model, "--test", eightSubjects, "--train", eightSubjects, "--json"
        ).json()
        #expect(more["dead_fraction"] as? Double == 0)
        #expect(try Gossamer.succeed("evaluate", model, "--test", eightSubjects).text.contains("variance"))
    }

    @Test func wrongUsageIs64() throws {
        for options in [
            ["--beta", "0"], ["--beta", "nan"], ["--kl-warmup", "-1"], ["--inner-steps", "-1"],
            ["--likelihood", "normal"], ["--activation", "relu"], ["--latent", "0"], ["--hidden", ""],
            ["--out", "-"],
        ] {
            let outcome = try Gossamer.run(["train", "vae", corpus, "--out", folder.path("x")] + options)
            #expect(outcome.status == 64 && outcome.output.isEmpty, "\(options): \(outcome.error)")
        }
        let sparse = try Gossamer.smallModel()
        try Gossamer.fail(
            64, "embed", sparse, eightSubjects, "--with-variance", "--out", folder.path("e.csv"), saying: ["sae"])
        for option in ["--refine", "--importance-samples"] {
            try Gossamer.fail(64, "evaluate", sparse, "--test", eightSubjects, option, "3", saying: [option, "sae"])
        }
        // One script serves both kinds.
        try Gossamer.succeed("evaluate", sparse, "--test", eightSubjects, "--refine", "0")
        try train("m")
        let model = folder.path("m")
        try Gossamer.fail(64, "evaluate", model)
        for option in ["--samples", "--importance-samples"] {
            try Gossamer.fail(64, "evaluate", model, "--test", corpus, option, "0")
        }
        #expect(try folder.names() == ["c.svm", "m", "words.txt"])
    }

    @Test func badDataAre65() throws {
        let negative = try folder.write("1 1:1\n0 1:2 3:-1\n", to: "n.svm")
        let parts = ["n.svm:2:7: row 2", "-1", "expected", "multinomial", "train sae"]
        try Gossamer.fail(65, "train", "vae", negative, "--out", folder.path("x"), saying: parts)
        try train("m")
        try Gossamer.fail(65, "embed", folder.path("m"), negative, "--out", folder.path("e.csv"), saying: parts)
        try Gossamer.fail(65, "evaluate", folder.path("m"), "--test", negative, saying: parts)
        let empty = try folder.write("1\n2\n", to: "empty.svm")
        try Gossamer.fail(
            65, "train", "vae", empty, "--out", folder.path("x"), saying: ["empty.svm: found no entry", "expected"])
        let unseen = try folder.write("1 77:1\n1\n", to: "unseen.svm")
        try Gossamer.fail(65, "evaluate", folder.path("m"), "--test", unseen, saying: ["unseen.svm: found no document"])
        try Gossamer.fail(66, "evaluate", folder.path("m"), "--test", folder.path("none"))
        #expect(try folder.names() == ["c.svm", "empty.svm", "m", "n.svm", "unseen.svm", "words.txt"])
    }

    @Test func divergenceIsReportedAndLeavesNoBadModel() throws {
        let model = folder.path("m")
        let outcome = try Gossamer.fail(
            65, "train", "vae", corpus, "--out", model, "--latent", "3", "--hidden", "6", "--epochs", "80",
            "--learning-rate", "3e38", saying: ["the loss stopped being finite", "--learning-rate"])
        #expect(!outcome.error.contains("holds the model"))
        #expect(try folder.names() == ["c.svm", "words.txt"])
    }

    /// One document that no model takes, met after some steps on others.
    @Test func theModelBeforeAFailingStepIsKept() throws {
        let others = (0..<64).map { row in
            "1 " + (0..<5).map { "\(1 + row % 6 + 4 * $0):\(1 + (row + $0) % 4)" }.joined(separator: " ")
        }
        let path = try folder.write((others + ["1 3:3e38 4:3e38\n"]).joined(separator: "\n"), to: "far.svm")
        let model = folder.path("m")
        try Gossamer.fail(
            65, "train", "vae", path, "--out", model, "--latent", "3", "--hidden", "6", "--epochs", "3",
            "--likelihood", "multinomial",
            saying: ["the loss stopped being finite", "m: holds the model as it stood before that step"])
        try Gossamer.succeed("embed", model, corpus, "--out", folder.path("e.csv"))
        #expect(try folder.lines("e.csv").allSatisfy { !$0.contains("nan") && !$0.contains("inf") })
    }

    /// Empty documents are in no mean, neither in training nor afterwards.
    @Test func emptyDocumentsAreLeftOutOfEveryMean() throws {
        let rows = (0..<40).map { "1 \(1 + $0 % 5):\(1 + $0 % 3) \(7 + $0 % 4):2" }
        let full = try folder.write(rows.joined(separator: "\n") + "\n", to: "full.svm")
        let mixed = try folder.write(rows.map { $0 + "\n1\n" }.joined(), to: "mixed.svm")
        let options = ["--latent", "2", "--hidden", "4", "--epochs", "2", "--inner-steps", "0"]
        #expect(try Gossamer.run(["train", "vae", full, "--out", folder.path("f")] + options).status == 0)
        func evaluated(_ corpus: String) throws -> [String: Any] {
            try Gossamer.run([
                "evaluate", folder.path("f"), "--test", corpus, "--refine", "0", "--samples", "400", "--json",
            ]).json()
        }
        let (all, half) = (try evaluated(full), try evaluated(mixed))
        #expect(all["documents"] as? Int == 40 && half["documents"] as? Int == 40)
        let losses = try [all, half].map { try #require($0["loss_nats_per_document"] as? Double) }
        // Other rows draw other samples; the mean over 400 of them hardly moves.
        #expect(abs(losses[0] - losses[1]) < 0.05 * losses[0], "\(losses)")
        let text = try Gossamer.run(["evaluate", folder.path("f"), "--test", mixed, "--refine", "0"]).text
        #expect(text.contains("40 documents without a word"))
        let trained = try Gossamer.run(["train", "vae", mixed, "--out", folder.path("g"), "--json"] + options)
        let loss = try #require(try trained.json()["loss"] as? Double)
        #expect(abs(loss - losses[0]) < 0.5 * losses[0], "\(loss), \(losses)")
    }

    @Test func oddCorporaTrain() throws {
        let corpora: [(name: String, text: String, status: Int32)] = [
            ("one", "1 1:1\n", 0), ("empty-rows", "1\n2\n3\n", 65), ("some-empty", "1\n2 1:1 2:3\n3\n", 0),
            ("huge", "1 1:3e38 2:1\n2 2:3e38\n", 65), ("tiny", "1 1:1e-44 2:1e-40\n2 2:1.5e-44\n", 0),
        ]
        for (name, text, status) in corpora {
            let path = try folder.write(text, to: "\(name).svm")
            let outcome = try Gossamer.run([
                "train", "vae", path, "--out", folder.path(name), "--latent", "2", "--hidden", "3", "--epochs", "2",
                "--json", "--progress", "jsonl",
            ])
            #expect(!outcome.wasKilled && outcome.status == status, "\(name): \(outcome.error)")
            guard status == 0 else { continue }
            try Gossamer.succeed("embed", folder.path(name), path, "--out", folder.path("\(name).csv"))
            #expect(try folder.lines("\(name).csv").count == text.split(separator: "\n").count + 1, "\(name)")
        }
    }
}

import Foundation
import Testing

/// The likelihoods of variational models and the objectives of sparse ones, from outside.
@Suite struct LikelihoodTests {
    let folder: ScratchFolder
    let corpus: String
    let negative: String

    /// Sixty documents of two topics.
    init() throws {
        folder = try ScratchFolder()
        let lines = (0..<60).map { document in
            let words = (0..<5).map { 10 * (document % 2) + 2 * $0 + 1 + (document / 2 + $0) % 2 }
            return "\(document % 2) " + words.map { "\($0):\(1 + document % 3)" }.joined(separator: " ")
        }
        corpus = try folder.write(lines.joined(separator: "\n") + "\n", to: "c.svm")
        negative = try folder.write("1 1:1\n0 1:2 3:-1\n", to: "n.svm")
    }

    func train(_ kind: String, _ corpus: String, _ options: String...) throws -> Outcome {
        try Gossamer.run(
            [
                "train", "vae", corpus, "--out", folder.path(kind), "--likelihood", kind, "--latent", "3", "--hidden",
                "6", "--epochs", "3", "--inner-steps", "1",
            ] + options)
    }

    @Test(arguments: ["multinomial", "dirichlet-multinomial", "topic-mixture", "bernoulli", "poisson", "gaussian"])
    func everyLikelihoodGoesAllTheWay(kind: String) throws {
        let isPerToken = ["multinomial", "dirichlet-multinomial", "topic-mixture"].contains(kind)
        let json = try train(kind, corpus, "--json", "--progress", "jsonl", "--validation", "0.2")
        #expect(json.status == 0, "\(json.error)")
        #expect(try json.json()["loss"] is Double && (json.json()["perplexity_corpus"] != nil) == isPerToken)
        #expect(json.error.contains(isPerToken ? "validation_perplexity" : "validation_loss"))
        #expect(json.error.contains("\"perplexity\"") == isPerToken)
        let model = folder.path(kind)
        #expect(try train(kind, corpus).text.contains("perplexity") == isPerToken)
        #expect(try Gossamer.succeed("inspect", model, "--json").json()["likelihood"] as? String == kind)
        let evaluation = try Gossamer.succeed("evaluate", model, "--test", corpus, "--refine", "4", "--json").json()
        #expect(evaluation["loss_nats_per_document"] is Double)
        #expect(evaluation["loss_nats_per_document_refined"] is Double && evaluation["kl_nats_per_document"] is Double)
        #expect((evaluation["perplexity_document"] != nil) == isPerToken)
        #expect((evaluation["perplexity_corpus_refined"] != nil) == isPerToken)
        let text = try Gossamer.succeed("evaluate", model, "--test", corpus, "--refine", "4").text
        #expect(text.contains("perplexity") == isPerToken && text.contains("refined by 4 steps"))
        #expect(try Gossamer.succeed("features", model, "--top", "2").text.split(separator: "\n").count == 4)
        try Gossamer.succeed("embed", model, corpus, "--out", folder.path("e.csv"), "--with-variance")
        #expect(try folder.lines("e.csv").count == 61)
    }

    @Test func mixturesSumToOne() throws {
        for kind in ["topic-mixture", "poisson"] { #expect(try train(kind, corpus).status == 0) }
        try Gossamer.succeed(
            "embed", folder.path("topic-mixture"), corpus, "--mixture", "--out", folder.path("shares.tsv"))
        let rows = try folder.lines("shares.tsv").map { $0.split(separator: "\t").compactMap { Double($0) } }
            .filter { $0.count == 3 }
        #expect(rows.count == 60)
        for row in rows { #expect(abs(row.reduce(0, +) - 1) < 1e-5 && row.allSatisfy { $0 > 0 }) }
        try Gossamer.fail(
            64, "embed", folder.path("poisson"), corpus, "--mixture", "--out", folder.path("x.csv"),
            saying: ["--mixture", "poisson", "topic-mixture"])
        try Gossamer.fail(
            64, "embed", try Gossamer.smallModel(), corpus, "--mixture", "--out", folder.path("x.csv"),
            saying: ["--mixture", "sae", "topic-mixture"])
    }

    @Test(arguments: ["multinomial", "topic-mixture", "poisson"])
    func negativeCountsAreBadData(kind: String) throws {
        let outcome = try train(kind, negative)
        #expect(outcome.status == 65)
        for part in ["n.svm:2:7: row 2", "found the value -1", "expected", kind, "--likelihood gaussian"] {
            #expect(outcome.error.contains(part), "\(part): \(outcome.error)")
        }
    }

    @Test(arguments: ["bernoulli", "gaussian"])
    func otherLikelihoodsTakeAnyNumber(kind: String) throws {
        let outcome = try train(kind, negative)
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    @Test func concentrationsCanBeChosen() throws {
        let kind = "dirichlet-multinomial"
        for concentration in ["shared", "document"] {
            let outcome = try train(kind, corpus, "--concentration", concentration, "--sampled-softmax", "4")
            #expect(outcome.status == 0, "\(outcome.error)")
            try Gossamer.succeed("score", folder.path(kind), corpus, "--out", folder.path("s.tsv"))
            try Gossamer.succeed("generate", folder.path(kind), "--count", "3", "--out", folder.path("g.svm"))
        }
        #expect(try train(kind, corpus, "--concentration", "both").status == 64)
        let outcome = try train("multinomial", corpus, "--concentration", "shared")
        #expect(outcome.status == 64 && outcome.error.contains("--concentration") && outcome.error.contains(kind))
    }

    @Test func clippingCanBeChosen() throws {
        #expect(try train("poisson", corpus, "--clip", "0").status == 0)
        #expect(try train("poisson", corpus, "--clip", "3").status == 0)
        for wrong in ["-1", "nan"] { #expect(try train("poisson", corpus, "--clip=\(wrong)").status == 64) }
    }

    @Test(arguments: ["bernoulli", "multinomial", "dirichlet-multinomial", "poisson"])
    func sparseModelsHaveObjectives(objective: String) throws {
        let model = folder.path("s")
        let options = ["--objective", objective, "--latent", "4", "--epochs", "3", "--denoise", "0.2"]
        let json = try Gossamer.run(
            ["train", "sae", corpus, "--out", model, "--json", "--progress", "jsonl"] + options)
        #expect(json.status == 0 && json.error.contains("\"loss\""), "\(json.error)")
        #expect(try json.json()["loss"] as? Double ?? 0 > 0)
        let text = try Gossamer.run(["train", "sae", corpus, "--out", model] + options).text
        #expect(text.contains("nats a document"))
        let evaluation = try Gossamer.succeed("evaluate", model, "--test", corpus, "--train", corpus, "--json").json()
        #expect(evaluation["loss_nats_per_document"] is Double && evaluation["fvu"] == nil)
        #expect(evaluation["l0_mean"] is Double && evaluation["dead_fraction"] is Double)
        #expect(try Gossamer.succeed("evaluate", model, "--test", corpus).text.contains("nats a document"))
        let outcome = try Gossamer.run(["train", "sae", negative, "--out", folder.path("x")] + options)
        #expect(outcome.status == (objective == "bernoulli" ? 0 : 65), "\(outcome.error)")
        if objective != "bernoulli" {
            for part in ["n.svm:2:7: row 2", "expected", objective, "--objective squared-error"] {
                #expect(outcome.error.contains(part), "\(part): \(outcome.error)")
            }
        }
    }
}

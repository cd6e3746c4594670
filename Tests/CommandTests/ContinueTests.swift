import Foundation
import Testing

/// `train --start-from`: a model goes on learning from other documents.
@Suite struct ContinueTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    @Test(arguments: ["sae", "vae"]) func newWordsAreAdded(kind: String) throws {
        let lines = ["a\tthe sun rises over the sea", "b\tbake the bread in the oven"]
        let first = try folder.write((0..<40).map { lines[$0 % 2] + "\n" }.joined(), to: "first.tsv")
        let more = ["a\tthe moon rises over the lake", "b\tbake the cake in the oven"]
        let second = try folder.write((0..<30).map { more[$0 % 2] + "\n" }.joined(), to: "second.tsv")
        let (model, next) = (folder.path("m"), folder.path("next"))
        let size = kind == "sae" ? ["--latent", "3"] : ["--latent", "3", "--hidden", "4"]
        let trained = try Gossamer.run(["train", kind, first, "--out", model, "--epochs", "2"] + size)
        #expect(trained.status == 0, "\(trained.error)")
        for options in [[], ["--keep-weighting"]] {
            let outcome = try Gossamer.run(
                [
                    "train", kind, second, "--start-from", model, "--out", next, "--epochs", "2", "--json",
                    "--embeddings", folder.path("learned.csv"),
                ] + options)
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(try outcome.json()["features"] as? Int != nil)
        }
        try Gossamer.succeed("embed", next, second, "--out", folder.path("second.csv"))
        #expect(try folder.data("learned.csv") == folder.data("second.csv"))
        let summary = try Gossamer.succeed("inspect", next, "--json").json()
        #expect(summary["features"] as? Int == 12 && summary["latent"] as? Int == 3)
        let earlier = try #require((summary["earlier"] as? [[String: Any]])?.first)
        #expect(earlier["documents"] as? Int == 40 && earlier["epochs"] as? Int == 2)
        #expect(try Gossamer.succeed("inspect", next).text.contains("went on from"))
        try Gossamer.succeed("embed", next, first, "--out", folder.path("e.csv"))
        // What is the model's is not to be set.
        try Gossamer.fail(
            64, "train", kind, second, "--start-from", model, "--out", next, "--latent", "5", saying: ["--start-from"])
        let other = kind == "sae" ? "vae" : "sae"
        try Gossamer.fail(
            65, "train", other, second, "--start-from", model, "--out", next,
            saying: ["found a model of the kind \(kind)"])
        try Gossamer.fail(64, "train", kind, second, "--start-from", model, "--out", model, saying: ["is an input"])
        try Gossamer.fail(64, "train", kind, second, "--keep-weighting", saying: ["--start-from"])
    }
}

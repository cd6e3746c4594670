import Foundation
import Testing

@Suite struct HelpTests {
    static let everywhere = ["--seed", "--threads", "--progress", "--json", "--help"]
    static let text = [
        "--min-df", "--max-df", "--max-features", "--stop-words", "--ngrams", "--token-pattern", "--lowercase",
        "--no-lowercase", "--stem", "--analyzer",
    ]
    /// Of every command that reads a corpus.
    static let source = [
        "--format", "--strict", "--vocabulary", "--transpose", "--text-field", "--label-field", "--id-field",
        "--skip-bad-lines", "--label-column", "--text-column", "--id-column", "--header",
    ]
    static let corpus = source + text + ["--index-base", "--features"]
    static let training =
        corpus + [
            "--out", "--embeddings", "--report", "--latent", "--hidden", "--weighting", "--normalize", "--epochs",
            "--batch-size",
            "--learning-rate", "--optimizer", "--denoise", "--validation", "--patience", "--backend",
        ]
    static let search = ["--grid", "--random", "--folds", "--by", "--out", "--best-out", "latent", "learning-rate"]
    static let commands: [(arguments: [String], options: [String])] = [
        (["import"], ["--out", "--write-vocabulary", "--write-labels", "--write-ids"] + corpus),
        (["inspect"], corpus),
        (
            ["train", "sae"],
            training + ["--activation", "--sparsity", "--objective", "--decoder", "--ridge"]
        ),
        (
            ["train", "vae"],
            training + [
                "--likelihood", "--beta", "--kl-warmup", "--inner-steps", "--clip", "--sampled-softmax", "--dream",
            ]
        ),
        (["search", "sae"], search + ["sparsity", "activation", "decoder-bias"]),
        (["search", "vae"], search + ["likelihood", "beta", "kl-warmup", "sampled-softmax"]),
        (
            ["embed"],
            source + [
                "--index-base", "--out", "--out-format", "--ids", "--metadata", "--with-variance", "--mixture",
                "--backend",
            ]
        ),
        (["features"], source + ["--top", "--corpus", "--documents", "--nearest", "--sort", "--svg"]),
        (
            ["evaluate"],
            source + [
                "--test", "--train", "--refine", "--samples", "--importance-samples", "--word-lists", "--backend",
            ]
        ),
        (
            ["report"],
            source + ["--index-base", "--corpus", "--out", "--ldavis", "--documents", "--image-shape", "--tensorboard"]
        ),
        (["score"], source + ["--index-base", "--out", "--reference", "--top", "--samples", "--backend"]),
        (
            ["generate"],
            source + [
                "--count", "--out", "--out-format", "--near", "--near-training", "--interpolate", "--spread",
                "--temperature", "--top", "--compare", "--image-shape",
            ]
        ),
    ]

    @Test(arguments: commands.indices) func namesEveryOption(_ index: Int) throws {
        let (arguments, options) = Self.commands[index]
        for help in [arguments + ["--help"], ["help"] + arguments] {
            let outcome = try Gossamer.run(help)
            #expect(outcome.status == 0 && outcome.error.isEmpty)
            for option in options + Self.everywhere {
                #expect(outcome.text.contains(option), "\(help) does not mention \(option)")
            }
        }
    }

    @Test func namesEveryCommand() throws {
        for arguments in [["--help"], []] {
            let outcome = try Gossamer.run(arguments)
            #expect(outcome.status == 0)
            for (arguments, _) in Self.commands { #expect(outcome.text.contains("  \(arguments[0]) ")) }
        }
        for command in ["train", "search"] {
            let kinds = try Gossamer.run(command).text
            #expect(kinds.contains("  sae ") && kinds.contains("  vae "))
        }
    }
}

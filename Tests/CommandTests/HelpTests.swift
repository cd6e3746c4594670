import Foundation
import Testing

@Suite struct HelpTests {
    static let everywhere = ["--seed", "--threads", "--progress", "--json", "--help"]
    static let training = [
        "--out", "--embeddings", "--latent", "--hidden", "--weighting", "--normalize", "--epochs", "--batch-size",
        "--learning-rate", "--optimizer", "--denoise", "--validation", "--patience", "--backend", "--format",
        "--index-base", "--features", "--strict", "--vocabulary",
    ]
    static let commands: [(arguments: [String], options: [String])] = [
        (["inspect"], ["--format", "--index-base", "--features", "--strict", "--vocabulary"]),
        (
            ["train", "sae"],
            training + ["--activation", "--sparsity", "--objective", "--decoder", "--ridge"]
        ),
        (["train", "vae"], training + ["--likelihood", "--beta", "--kl-warmup", "--inner-steps", "--clip"]),
        (
            ["embed"],
            ["--out", "--out-format", "--ids", "--with-variance", "--mixture", "--format", "--strict", "--backend"]
        ),
        (["features"], ["--top"]),
        (["evaluate"], ["--test", "--train", "--refine", "--samples", "--format", "--strict", "--backend"]),
        (
            ["generate"],
            [
                "--count", "--out", "--out-format", "--near", "--near-training", "--interpolate", "--spread",
                "--temperature", "--top", "--compare", "--format", "--strict",
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
        let kinds = try Gossamer.run("train").text
        #expect(kinds.contains("  sae ") && kinds.contains("  vae "))
    }
}

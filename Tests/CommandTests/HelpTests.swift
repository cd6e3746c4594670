import Foundation
import Testing

@Suite struct HelpTests {
    static let everywhere = ["--seed", "--threads", "--progress", "--json", "--help"]
    static let commands: [(arguments: [String], options: [String])] = [
        (["inspect"], ["--format", "--index-base", "--features", "--strict", "--vocabulary"]),
        (
            ["train", "sae"],
            [
                "--out", "--embeddings", "--latent", "--hidden", "--weighting", "--normalize", "--epochs",
                "--batch-size",
                "--learning-rate", "--optimizer", "--denoise", "--validation", "--patience", "--activation",
                "--sparsity",
                "--objective", "--decoder", "--ridge", "--backend", "--format", "--index-base", "--features",
                "--strict",
                "--vocabulary",
            ]
        ),
        (["embed"], ["--out", "--out-format", "--ids", "--format", "--strict", "--backend"]),
        (["features"], ["--top"]),
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
        #expect(try Gossamer.run("train").text.contains("sae"))
    }
}

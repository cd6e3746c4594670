import Foundation
import Testing

@Suite struct SearchTests {
    let folder: ScratchFolder
    private let quick = ["--epochs", "1", "--folds", "2"]

    private static let manyValues = (1...1000).map(String.init).joined(separator: ",")

    init() throws { folder = try ScratchFolder() }

    /// Searches on the eight subjects, quickly.
    @discardableResult
    private func search(
        _ options: String..., kind: String = "sae", sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Outcome {
        let outcome = try Gossamer.run(
            ["search", kind, eightSubjects, "--out", folder.path("r.jsonl")] + quick + options)
        #expect(outcome.status == 0, "\(options): \(outcome.error)", sourceLocation: sourceLocation)
        return outcome
    }

    private func options(_ outcome: Outcome) throws -> [[String: String]] {
        try #require(try outcome.json()["candidates"] as? [[String: Any]]).map {
            try #require($0["options"] as? [String: String])
        }
    }

    @Test func triesAllCombinations() throws {
        let outcome = try search("--grid", "latent=4,6", "--grid", "sparsity=none,l1:0.01,topk:2", "--json")
        let json = try outcome.json()
        #expect(json["by"] as? String == "fvu" && json["folds"] as? Int == 2 && json["documents"] as? Int == 400)
        #expect(json["kind"] as? String == "sae" && json["results"] as? String == folder.path("r.jsonl"))
        let candidates = try #require(json["candidates"] as? [[String: Any]])
        #expect(candidates.count == 6)
        #expect(Set(try options(outcome)).count == 6)
        let means = candidates.compactMap { $0["mean"] as? Double }
        #expect(means.count == 6 && means == means.sorted())
        for candidate in candidates {
            #expect((candidate["scores"] as? [Double])?.count == 2 && candidate["standard_error"] is Double)
            #expect(candidate["active_units"] is Double && candidate["dead_units"] is Double)
        }
        #expect(json["best"] as? [String: String] == candidates[0]["options"] as? [String: String])
        #expect(try folder.names() == ["r.jsonl"])
        #expect(try folder.lines("r.jsonl").count == 13)
        #expect(try folder.lines("r.jsonl").filter { $0.contains("\"activation\":\"topk:2\"") }.count == 4)
    }

    @Test func randomCombinationsAreDrawnOnce() throws {
        let grid = ["--grid", "latent=2,3,4,5", "--grid", "denoise=0,0.2,0.4", "--json"]
        func draw(_ count: String, seed: String) throws -> [[String: String]] {
            try options(
                Gossamer.run(
                    ["search", "sae", eightSubjects, "--out", folder.path("\(count)-\(seed)"), "--random", count]
                        + ["--seed", seed] + quick + grid))
        }
        let three = try draw("3", seed: "0")
        #expect(Set(three).count == 3)
        #expect(Set(three) == Set(try draw("3", seed: "0")))
        #expect(Set(three) != Set(try draw("3", seed: "1")))
        #expect(try draw("100", seed: "0").count == 12)
    }

    @Test func valuesCanBeListsDefaultsAndFlags() throws {
        let outcome = try search(
            "--grid", "hidden=8+6,default", "--grid", "sparsity=l1:1e-3+l2:1e-2", "--grid", "decoder-bias=yes,no",
            "--latent", "3")
        let lines = try folder.lines("r.jsonl").dropFirst()
        #expect(lines.count == 8)
        #expect(lines.filter { $0.contains("\"hidden_widths\":[8,6]") }.count == 4)
        #expect(lines.filter { $0.contains("\"has_decoder_bias\":false") }.count == 4)
        #expect(lines.allSatisfy { $0.contains("\"penalties\":[\"l1:0.001\",\"l2:0.01\"]") })
        #expect(lines.allSatisfy { $0.contains("\"latent_width\":3") })
        #expect(outcome.text.contains("--sparsity l1:1e-3 --sparsity l2:1e-2"))
        #expect(try search("--grid", "latent=4,04", "--json").error.contains("1 combinations mean the same"))
    }

    @Test func showsATableWithTheCommandsThatTrain() throws {
        let text = try search("--grid", "latent=2,12", "--seed", "3").text
        #expect(text.contains("mean of 2 folds ± standard error; less is better"))
        #expect(text.contains("best") && text.contains("latent") && text.contains("fvu") && text.contains(" ± "))
        #expect(text.contains("gossamer train sae \(eightSubjects) --epochs 1 --latent 12 --seed 3"))
    }

    @Test(arguments: ["sae", "vae"]) func theBestModelIsThatOfTrain(_ kind: String) throws {
        let own = kind == "sae" ? ["--denoise", "0.3"] : ["--inner-steps", "0", "--hidden", "8"]
        let searched = try Gossamer.run(
            [
                "search", kind, eightSubjects, "--grid", "latent=2,5", "--seed", "2", "--json", "--out",
                folder.path("r.jsonl"), "--best-out", folder.path("best"),
            ] + quick + own)
        let best = try #require(try searched.json()["best"] as? [String: String])
        let trained = try Gossamer.run(
            [
                "train", kind, eightSubjects, "--latent", try #require(best["latent"]), "--seed", "2", "--epochs", "1",
                "--out", folder.path("trained"),
            ] + own)
        #expect(trained.status == 0)
        #expect(try folder.data("best") == folder.data("trained"))
    }

    @Test func goesOnWhereItWasStopped() throws {
        let grid = ["--grid", "latent=2,3", "--json", "--progress", "jsonl"]
        func candidates(_ threads: String) throws -> (done: Int, [String]) {
            let outcome = try Gossamer.run(
                ["search", "sae", eightSubjects, "--out", folder.path("r.jsonl"), "--threads", threads] + quick + grid)
            let started = try #require(outcome.error.split(separator: "\n").first { $0.contains("\"started\"") })
            let plan = try JSONSerialization.jsonObject(with: Data(started.utf8)) as? [String: Any]
            let list = try #require(try outcome.json()["candidates"] as? [[String: Any]])
            return (plan?["done"] as? Int ?? -1, list.map { "\($0["options"] ?? 0) \($0["scores"] ?? 0)" })
        }
        let whole = try candidates("1")
        #expect(whole.done == 0)
        let lines = try folder.lines("r.jsonl")
        try folder.write(lines[...2].joined(separator: "\n") + "\n" + lines[3].prefix(40), to: "r.jsonl")
        let resumed = try candidates("3")
        #expect(resumed.done == 2 && resumed.1 == whole.1)
        #expect(try folder.lines("r.jsonl").count == 5)
    }

    @Test func anInterruptedSearchKeepsItsResults() throws {
        let results = folder.path("r.jsonl")
        let outcome = try Gossamer.run(
            [
                "search", "sae", eightSubjects, "--out", results, "--grid", "latent=64,65", "--epochs", "60",
                "--best-out", folder.path("m"),
            ], signal: SIGINT
        ) { _ in
            let text = (try? String(contentsOfFile: results, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").count >= 2
        }
        #expect(outcome.wasKilled && outcome.status == SIGINT)
        #expect(outcome.error.contains("the same command goes on"))
        let lines = try String(contentsOfFile: results, encoding: .utf8).split(separator: "\n")
        #expect(lines.count >= 2)
        #expect(try folder.names() == ["r.jsonl"])
    }

    @Test func showsProgressInTheStyleAskedFor() throws {
        let plain = try search("--grid", "latent=2,3", "--progress", "plain").error
        #expect(plain.contains("comparing 2 settings by fvu") && plain.contains("run 4/4") && plain.contains("left"))
        #expect(!plain.contains("\u{1B}"))
        let bar = try search("--grid", "latent=4,5", "--progress", "bar").error
        #expect(bar.contains("░") && bar.contains("run 1 of 4") && bar.contains("run 4/4"))
        #expect(!(try search("--grid", "latent=6,7", "--progress", "none").error.contains("run ")))
    }

    @Test(arguments: [
        (["--grid", "latnet=3"], "there is no option --latnet"),
        (["--grid", "latent=3,x"], "--grid latent=x: The value 'x' is invalid for '--latent <n>'"),
        (["--grid", "latent=0"], "--latent needs at least 1"),
        (["--grid", "latent"], "such as latent=32,64"), (["--grid", "latent="], "a value is missing"),
        (["--grid", "latent=3,3"], "a value is there twice"),
        (["--grid", "latent=3", "--grid", "latent=4"], "is there twice"),
        (["--grid", "latent=3", "--latent", "4"], "leave out one of them"),
        (["--grid", "sparsity=topk:3", "--activation", "relu"], "sets --activation"),
        (["--grid", "latent=2,9", "--grid", "sparsity=topk:4"], "latent=2 sparsity=topk:4: --activation topk:4 keeps"),
        (["--grid", "min-df=2,3"], "holds for the whole search"), (["--grid", "threads=1,2"], "holds for the whole"),
        (["--grid", "decoder-bias=maybe"], "expected yes or no"), (["--latnet", "3"], "Unknown option '--latnet'"),
        (["--latent", "x"], "'--latent <n>'"), (["--folds", "1"], "--folds needs at least 2"),
        (["--random", "0"], "--random needs at least 1"), (["--by", "luck"], "fvu"),
        (["--grid", "weighting=log,binary"], "cannot compare"), (["--by", "bound"], "compare by fvu"),
        (["--embeddings", "e.npy"], "--embeddings"), (["--out", "-"], "--out"),
        (["--out", "m", "--best-out", "m"], "cannot both go to m"),
        (["--grid", "latent=\(manyValues)", "--grid", "epochs=\(manyValues)"], "1000000 combinations"),
    ])
    func wrongUsageEndsBeforeAnythingIsTrained(_ options: [String], _ part: String) throws {
        let outcome = try Gossamer.run(["search", "sae", eightSubjects] + options, folder: folder.url)
        #expect(outcome.status == 64 && outcome.output.isEmpty, "\(options): \(outcome.status) \(outcome.error)")
        #expect(outcome.error.contains(part), "\(options): \(outcome.error)")
        #expect(try folder.names().isEmpty)
    }

    @Test func resultsOfAnotherSearchAreRefused() throws {
        try search("--grid", "latent=2")
        try Gossamer.fail(
            65, "search", "sae", eightSubjects, "--out", folder.path("r.jsonl"), "--folds", "3",
            saying: ["2 folds; expected 3", "another name"])
        try Gossamer.fail(
            65, "search", "vae", heartlessCorpus(), "--out", folder.path("v.jsonl"), saying: ["bad.svm:1:3"])
        try Gossamer.fail(66, "search", "sae", "nothing.svm", saying: ["nothing.svm"])
    }

    /// Counts with one that is none.
    private func heartlessCorpus() throws -> String {
        try folder.write("0 1:-1 2:1\n" + String(repeating: "1 1:2 2:1\n", count: 9), to: "bad.svm")
    }
}

/// Options that have an effect in some combinations of a grid alone.
@Suite struct SearchEffectTests {
    private func search(_ options: String...) throws -> Outcome {
        let folder = try ScratchFolder()
        return try Gossamer.run(
            [
                "search", "sae", eightSubjects, "--latent", "2", "--epochs", "1", "--folds", "2", "--out",
                folder.path("r"),
            ]
                + options)
    }

    @Test func whatTrainRefusesIsNotSearched() throws {
        let outcome = try search("--objective", "multinomial", "--grid", "ridge=0.1,1")
        #expect(outcome.status == 64 && outcome.error.contains("--ridge has no effect"), "\(outcome.error)")
    }

    @Test func aChoiceWithoutEffectIsLeftOutOfItsCombination() throws {
        let outcome = try search("--grid", "decoder=optimal,trained", "--grid", "ridge=0.1,1", "--json")
        #expect(outcome.status == 0 && outcome.error.contains("1 combinations mean the same"), "\(outcome.error)")
        let text = outcome.text
        #expect(text.contains("decoder") && !text.contains("--decoder trained --ridge"))
    }
}

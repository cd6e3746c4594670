import Foundation
import Testing

/// Corpora of every format through the program.
@Suite struct ImportTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func inspect(_ path: String) throws -> [String: Any] {
        try Gossamer.succeed("inspect", path, "--json", "--progress", "none").json()
    }

    @Test func corporaGoThroughEveryFormat() throws {
        let corpus = folder.path("c.safetensors")
        let json = try Gossamer.succeed(
            "import", eightSubjects, "--vocabulary", vocabularyFile, "--out", corpus, "--json"
        ).json()
        #expect(json["documents"] as? Int == 400 && json["features"] as? Int == 1880)
        #expect(json["nonzeros"] as? Int == 7938)
        #expect(json["format"] as? String == "libsvm" && json["labels"] as? Int == 8)
        #expect(json["ids"] as? Bool == true && json["vocabulary"] as? Bool == true)
        try Gossamer.succeed("import", corpus, "--out", folder.path("reference.mtx"))
        for (ending, format) in [("svm", "libsvm"), ("mtx", "matrix-market"), ("npz", "npz")] {
            let path = folder.path("c.\(ending)")
            let outcome = try Gossamer.succeed("import", corpus, "--out", path)
            #expect(outcome.error.contains("no place for"), "\(outcome.error)")
            let json = try inspect(path)
            #expect(json["format"] as? String == format && json["rows"] as? Int == 400, "\(json)")
            #expect(json["columns"] as? Int == 1880 && json["entries"] as? Int == 7938, "\(json)")
            #expect((json["format_reason"] as? String)?.isEmpty == false)
            try Gossamer.succeed("import", path, "--out", folder.path("again.mtx"))
            #expect(try folder.data("again.mtx") == folder.data("reference.mtx"))
        }
        let own = try inspect(corpus)
        #expect(own["format"] as? String == "corpus" && own["imported_from"] as? String == "libsvm")
        #expect(own["index_base"] as? Int == 1 && own["vocabulary"] as? Bool == true && own["ids"] as? Bool == true)
    }

    /// Arguments of a `Process` are text, so a shell makes the names.
    @Test func namesThatAreNotUTF8() throws {
        let script = """
            set -e
            matrix=$(printf 'b\\344u.svm'); texts=$(printf 'f\\377'); class=$(printf 'x\\344'); copy=$(printf 'o\\303.mtx')
            printf '1 1:1 3:2\\n2 2:1\\n' > "$matrix"; mkdir -p "$texts/$class"; echo sun moon > "$texts/$class/$matrix"
            "$0" inspect "$matrix" --json; "$0" import "$matrix" --out "$copy"; "$0" inspect "$copy" --json
            "$0" inspect "$texts" --json; test -f "$copy"
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, try Gossamer.binary().path]
        process.currentDirectoryURL = folder.url
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
        let shapes = try said.split(separator: UInt8(ascii: "\n")).filter { $0.first == UInt8(ascii: "{") }.map {
            line in
            let json = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            return [json["rows"] as? Int, json["columns"] as? Int]
        }
        #expect(shapes == [[2, 3], [2, 3], [1, 2]])
    }

    @Test func aCorpusFileTrainsLikeItsSource() throws {
        let corpus = folder.path("c.safetensors")
        try Gossamer.succeed("import", eightSubjects, "--vocabulary", vocabularyFile, "--out", corpus)
        for (source, out) in [(eightSubjects, "a"), (corpus, "b")] {
            try Gossamer.succeed(
                "train", "sae", source, "--vocabulary", vocabularyFile, "--latent", "8", "--epochs", "2", "--out",
                folder.path("\(out).safetensors"), "--embeddings", folder.path("\(out).npy"), "--progress", "none")
        }
        #expect(try folder.data("a.safetensors") == folder.data("b.safetensors"))
        #expect(try folder.data("a.npy") == folder.data("b.npy"))
    }

    @Test func modelsRememberHowTextWasCounted() throws {
        let text = packageRoot.appending(path: "datasets/eight-subjects.tsv").path
        let corpus = folder.path("c.safetensors")
        let model = folder.path("m.safetensors")
        try Gossamer.succeed("import", text, "--min-df", "2", "--stop-words", "english", "--stem", "--out", corpus)
        try Gossamer.succeed(
            "train", "sae", corpus, "--latent", "8", "--epochs", "2", "--out", model, "--embeddings",
            folder.path("a.tsv"), "--progress", "none")
        try Gossamer.succeed("embed", model, text, "--out", folder.path("b.tsv"))
        #expect(try folder.data("a.tsv") == folder.data("b.tsv"))
        // A corpus counted otherwise has other columns, which find their places by their words.
        try Gossamer.succeed("import", text, "--stop-words", "english", "--stem", "--out", corpus)
        let outcome = try Gossamer.succeed("embed", model, corpus, "--out", folder.path("c.tsv"), "--json")
        #expect(try folder.data("a.tsv") == folder.data("c.tsv"))
        #expect(try outcome.error.contains("matched") && outcome.json()["unseen_feature_entries"] as? Int ?? 0 > 0)
        let lines = try String(contentsOfFile: text, encoding: .utf8).split(separator: "\n")
        let bare = lines.map { $0.split(separator: "\t")[2] }.joined(separator: "\n") + "\n"
        try Gossamer.succeed(
            "embed", model, "-", "--format", "text", "--out", folder.path("d.tsv"), input: Data(bare.utf8))
        #expect(try folder.data("a.tsv") == folder.data("d.tsv"))
        try Gossamer.fail(
            65, "embed", try Gossamer.smallModel(), text, "--out", folder.path("e.tsv"), saying: ["no words", "tsv"])
    }

    @Test func wordsLabelsAndIDsAreWrittenAsLists() throws {
        let json =
            #"{"text":"sun moon","label":"Arts, Crafts","id":"x"}"# + "\n"
            + #"{"text":"sun","label":["a","b"]}"# + "\n" + #"{"text":null}"# + "\n"
        let source = try folder.write(json, to: "a.jsonl")
        for out in ["c.safetensors", "c.npz"] {
            try Gossamer.succeed(
                "import", source, "--out", folder.path(out), "--write-vocabulary", folder.path("v.txt"),
                "--write-labels", folder.path("l.txt"), "--write-ids", folder.path("i.txt"))
            #expect(try folder.text("v.txt") == "moon\nsun\n")
            #expect(try folder.text("l.txt") == "Arts, Crafts\na,b\n\n")
            #expect(try folder.text("i.txt") == "x\n\n\n")
        }
        // A corpus file keeps what a comma is.
        try Gossamer.succeed(
            "import", folder.path("c.safetensors"), "--out", folder.path("d.safetensors"), "--write-labels",
            folder.path("m.txt"))
        #expect(try folder.text("m.txt") == folder.text("l.txt"))
        let json2 = try inspect(folder.path("d.safetensors"))
        #expect(json2["labels"] as? Int == 3 && json2["multilabel"] as? Bool == true)
        let svm = try Gossamer.succeed("import", folder.path("c.safetensors"), "--out", folder.path("d.svm"))
        #expect(svm.error.contains("labels are written as numbers: 1 Arts, Crafts, 2 a, 3 b"))
        let bare = try folder.write("sun\n\n", to: "a.txt")
        try Gossamer.succeed("import", bare, "--out", folder.path("e.npz"), "--write-ids", folder.path("i.txt"))
        #expect(try folder.text("i.txt") == "1\n2\n")
        for out in ["f.npz", "f.safetensors"] {
            try Gossamer.fail(
                65, "import", bare, "--out", folder.path(out), "--write-labels", folder.path("l.txt"),
                saying: ["without labels"])
            #expect(!FileManager.default.fileExists(atPath: folder.path(out)))
        }
        try Gossamer.fail(
            64, "import", bare, "--out", folder.path("e.npz"), "--write-labels", folder.path("e.npz"))
    }

    @Test func modelsRememberTheColumnsOfATable() throws {
        let rows = [
            "run server\ttrain\tcomp", "fax modem\ttrain\tsale", "run modem\ttest\tcomp", "fax server\ttrain\tsale",
        ]
        let text = try folder.write(rows.joined(separator: "\n") + "\n", to: "a.tsv")
        try Gossamer.fail(
            65, "train", "sae", text, "--out", folder.path("m"), saying: ["a.tsv:1", "--label-column"])
        let model = folder.path("m.safetensors")
        try Gossamer.succeed(
            "train", "sae", text, "--label-column", "3", "--text-column", "1", "--latent", "3", "--epochs", "2",
            "--out", model, "--embeddings", folder.path("a.jsonl"), "--progress", "none")
        try Gossamer.succeed("embed", model, text, "--out", folder.path("b.jsonl"))
        #expect(try folder.data("a.jsonl") == folder.data("b.jsonl"))
        // The same documents under names, in another order of columns.
        let other =
            "part\ttopic\tbody\n"
            + rows.map { row in
                let fields = row.split(separator: "\t")
                return "\(fields[1])\t\(fields[2])\t\(fields[0])\n"
            }.joined()
        let named = try folder.write(other, to: "b.tsv")
        let chosen = ["--header", "--label-column", "topic", "--text-column", "body"]
        #expect(try Gossamer.run(["embed", model, named, "--out", folder.path("c.jsonl")] + chosen).status == 0)
        #expect(try folder.data("a.jsonl") == folder.data("c.jsonl"))
        let json = try Gossamer.run(["inspect", named, "--json"] + chosen).json()
        #expect(json["columns_taken"] as? String == "label 2, text 3" && json["labels"] as? Int == 2)
        try Gossamer.fail(65, "inspect", text, "--label-column", "3", saying: ["--text-column"])
        // Nothing but a table has columns, and each name and number means one.
        let lines = try folder.write("a b\nb c\n", to: "a.txt")
        for path in [lines, eightSubjects] {
            try Gossamer.fail(65, "inspect", path, "--header", saying: [path, "table"])
        }
        let twice = try folder.write("text\tlabel\ttext\na b\tx\tc d\n", to: "twice.tsv")
        try Gossamer.fail(65, "inspect", twice, "--header", saying: ["twice.tsv:1:1", "1 and 3"])
        let number = try folder.write("2\ttext\na b\tx\n", to: "number.tsv")
        try Gossamer.fail(65, "inspect", number, "--header", "--text-column", "2", saying: ["1 and 2"])
    }

    @Test func modelsRememberThatCharactersAreCounted() throws {
        let text = try folder.write("我们在一起\nここです\n我们 です\nภาษาไทย\n一起です\n", to: "a.txt")
        for analyzer in ["char", "char-wb"] {
            let (model, vocabulary) = (folder.path("\(analyzer).safetensors"), folder.path("\(analyzer).txt"))
            try Gossamer.succeed(
                "train", "sae", text, "--analyzer", analyzer, "--ngrams", "1,2", "--latent", "3", "--epochs", "2",
                "--out", model, "--embeddings", folder.path("a.tsv"), "--progress", "none")
            try Gossamer.succeed("embed", model, text, "--out", folder.path("b.tsv"))
            #expect(try folder.data("a.tsv") == folder.data("b.tsv"))
            // The list of features comes back as it went, with blanks at the ends of words.
            let corpus = ["import", text, "--analyzer", analyzer, "--ngrams", "1,2", "--out"]
            #expect(try Gossamer.run(corpus + [folder.path("c.npz"), "--write-vocabulary", vocabulary]).status == 0)
            #expect(try Gossamer.run(corpus + [folder.path("d.npz"), "--vocabulary", vocabulary]).status == 0)
            #expect(try folder.data("c.npz") == folder.data("d.npz"))
        }
        for option in [["--stem"], ["--stop-words", "english"], ["--token-pattern", "a"]] {
            let outcome = try Gossamer.run(
                ["import", text, "--analyzer", "char", "--out", folder.path("e.npz")] + option)
            #expect(outcome.status == 64 && outcome.error.contains(option[0]), "\(outcome.error)")
        }
    }

    @Test func textOptionsThatMakeNoSenseAre64() throws {
        let text = try folder.write("some words\n", to: "a.txt")
        for options in [
            ["--min-df", "0"], ["--max-df", "2.5"], ["--ngrams", "3,1"], ["--ngrams", "0"], ["--max-features", "0"],
            ["--token-pattern", "("], ["--format", "doc"],
        ] {
            let outcome = try Gossamer.run(["import", text, "--out", folder.path("c.safetensors")] + options)
            #expect(outcome.status == 64, "\(options): \(outcome.status) \(outcome.error)")
        }
        try Gossamer.fail(64, "import", text, "--out", folder.path("c.xyz"), saying: ["c.xyz", ".mtx"])
        try Gossamer.fail(64, "import", text, "--out", "-")
        try Gossamer.fail(64, "import", text, "--out", text, saying: ["input"])
        try Gossamer.fail(66, "import", text, "--stop-words", folder.path("none"), "--out", folder.path("c.npz"))
        #expect(try folder.names() == ["a.txt"])
    }

    @Test func severalSourcesBecomeOneCorpus() throws {
        let first = try folder.write("1 1:1 # a\n", to: "a.svm")
        let second = try folder.write("2,3 3:2 # b\n4 1:1\n", to: "b.svm")
        let json = try Gossamer.succeed("import", first, second, "--out", folder.path("c.svm"), "--json").json()
        #expect(json["documents"] as? Int == 3 && json["features"] as? Int == 3)
        #expect(try folder.lines("c.svm") == ["1 1:1 # a", "2,3 3:2 # b", "4 1:1"])
        let narrow = try folder.write("%%MatrixMarket matrix coordinate real general\n1 2 1\n1 1 1\n", to: "a.mtx")
        let wide = try folder.write("%%MatrixMarket matrix coordinate real general\n1 3 1\n1 1 1\n", to: "b.mtx")
        let out = folder.path("d.npz")
        try Gossamer.fail(
            65, "import", narrow, wide, "--out", out, saying: ["b.mtx: found 3 columns", "2", "a.mtx", "--features"])
        try Gossamer.succeed("import", narrow, wide, "--features", "3", "--out", out)
        let text = try folder.write("some words\n", to: "a.txt")
        try Gossamer.fail(65, "import", narrow, text, "--out", out, saying: ["a.txt: found text", "not both"])
    }

    @Test func projectorFilesPairUp() throws {
        let model = try Gossamer.smallModel()
        let out = folder.path("v.tsv")
        try Gossamer.succeed("embed", model, eightSubjects, "--out", out, "--metadata", folder.path("m.tsv"))
        #expect(try folder.lines("v.tsv").count == 400 && folder.lines("m.tsv").count == 401)
        #expect(try folder.lines("m.tsv").prefix(2) == ["id\tlabel", "astronomy-01\t0"])
        let bare = try folder.write("1 1:1\n5,7 2:1\n", to: "bare.svm")
        try Gossamer.succeed("embed", model, bare, "--out", out, "--metadata", folder.path("m.tsv"))
        #expect(try folder.lines("m.tsv") == ["1", "5,7"])
        try Gossamer.fail(64, "embed", model, bare, "--out", out, "--metadata", out)
    }
}

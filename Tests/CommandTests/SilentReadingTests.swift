import Foundation
import Testing

/// Inputs that could be read in a way that nobody meant, without a word: they are refused, or it is said.
@Suite struct SilentReadingTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func train(_ corpus: String, _ options: String..., to name: String) throws -> String {
        let model = folder.path(name)
        let outcome = try Gossamer.run(
            ["train", "sae", corpus, "--out", model, "--latent", "2", "--epochs", "1"] + options)
        #expect(outcome.status == 0, "\(outcome.error)")
        return model
    }

    /// Its columns are found in any line, by their numbers.
    @Test func aHeaderThatIsRememberedIsRecognised() throws {
        let rows = "pets\tcat dog\nfarm\tcow horse\nfarm\tcow dog\n"
        let named = try folder.write("class\twords\n" + rows, to: "h.tsv")
        let bare = try folder.write(rows, to: "b.tsv")
        let other = try folder.write("number\twords\tclass\n1\tcat dog\tpets\n", to: "o.tsv")
        let model = try train(
            named, "--header", "--label-column", "1", "--text-column", "2", to: "numbers.safetensors")
        let output = folder.path("e.jsonl")
        try Gossamer.succeed("embed", model, named, "--out", output)
        #expect(try folder.lines("e.jsonl").count == 3)
        for path in [bare, other] {
            try Gossamer.fail(
                65, "embed", model, path, "--out", output, saying: ["class, words", "--header", "--label-column"])
        }
        try Gossamer.succeed(
            "embed", model, bare, "--out", output, "--label-column", "1", "--text-column", "2")
        #expect(try folder.lines("e.jsonl").count == 3)
        try Gossamer.succeed("embed", model, other, "--out", output, "--header", "--text-column", "words")
        // Names are found wherever they stand, and other columns do not matter.
        let byName = try train(
            named, "--header", "--label-column", "class", "--text-column", "words", to: "names.safetensors")
        try Gossamer.succeed("embed", byName, other, "--out", output)
        try Gossamer.fail(65, "embed", byName, bare, "--out", output)
    }

    @Test func aMatrixThatWasNotTransposedIsNoneForAModelOfColumns() throws {
        let square = "%%MatrixMarket matrix coordinate integer general\n3 3 4\n1 1 1\n2 1 2\n2 3 1\n3 2 4\n"
        let matrix = try folder.write(square, to: "sq.mtx")
        let model = try train(matrix, "--transpose", to: "t.safetensors")
        let (plain, turned) = (folder.path("plain.safetensors"), folder.path("turned.safetensors"))
        try Gossamer.succeed("import", matrix, "--out", plain)
        try Gossamer.succeed("import", matrix, "--transpose", "--out", turned)
        try Gossamer.fail(65, "embed", model, plain, "--out", folder.path("e.tsv"), saying: ["--transpose"])
        try Gossamer.succeed("embed", model, matrix, "--out", folder.path("raw.tsv"))
        try Gossamer.succeed("embed", model, plain, "--transpose", "--out", folder.path("plain.tsv"))
        try Gossamer.succeed("embed", model, turned, "--out", folder.path("turned.tsv"))
        let rows = try folder.lines("raw.tsv")
        #expect(try folder.lines("plain.tsv") == rows && folder.lines("turned.tsv") == rows)
    }

    private func expectRefused(_ path: String, saying parts: [String]) throws {
        let model = try Gossamer.smallModel(words: true)
        let output = folder.path("out.jsonl")
        try Gossamer.fail(65, "inspect", path, saying: parts)
        try Gossamer.fail(65, "import", path, "--out", folder.path("out.safetensors"), saying: parts)
        try Gossamer.fail(65, "embed", model, path, "--out", output, saying: parts)
    }

    @Test func idsBehindTextsAreNoTexts() throws {
        let rows = (1...6).map { "spam\tfree entry number \($0) in a draw\tdoc\($0)\n" }.joined()
        try expectRefused(try folder.write(rows, to: "swapped.tsv"), saying: [":1:1", "--text-column"])
    }

    @Test(arguments: ["a.tsv", "a.txt", "a.jsonl"]) func carriageReturnsAloneEndNoLines(name: String) throws {
        let rows =
            name == "a.jsonl" ? "{\"text\": \"one\"}\r{\"text\": \"two\"}\r" : "a\tone two\rb\tthree four\r"
        try expectRefused(try folder.write(rows, to: name), saying: ["carriage return", "tr "])
    }

    @Test func otherEncodingsAreNamed() throws {
        let text = "ham\tok lar\nspam\tfree entry\n"
        let encodings: [(String.Encoding, mark: [UInt8], name: String)] = [
            (.utf16LittleEndian, [0xFF, 0xFE], "UTF-16"), (.utf16LittleEndian, [], "UTF-16LE"),
            (.utf16BigEndian, [], "UTF-16BE"), (.utf32LittleEndian, [0xFF, 0xFE, 0, 0], "UTF-32"),
            (.utf32LittleEndian, [], "UTF-32LE"), (.utf32BigEndian, [], "UTF-32BE"),
        ]
        for (encoding, mark, name) in encodings {
            for ending in ["tsv", "txt"] {
                let path = folder.path("e.\(ending)")
                let bytes = try #require(text.data(using: encoding))
                try (Data(mark) + bytes).write(to: URL(filePath: path))
                try expectRefused(path, saying: ["found \(name);", "-f \(name) "])
            }
        }
        try expectRefused(try folder.write("one two\nthree\0four\n", to: "nul.txt"), saying: [":2:6", "0x00"])
    }

    @Test func numbersBeforeWordsAreTheirNumbers() throws {
        let corpus = try folder.write("1 1:1 2:1\n0 3:1\n", to: "c.svm")
        for first in [0, 1] {
            let words = ["sun", "moon", "star light"].enumerated().map { "\(first + $0) \($1)\n" }.joined()
            let list = try folder.write(words, to: "v.txt")
            let outcome = try Gossamer.succeed(
                "import", corpus, "--vocabulary", list, "--out", folder.path("c.safetensors"))
            #expect(outcome.error.contains("taken for the words' numbers"))
        }
    }

    @Test func longNamesOfOutputs() throws {
        let corpus = try folder.write("1 1:1 2:1\n0 3:1\n", to: "c.svm")
        let name = String(repeating: "n", count: 236) + ".safetensors"
        try Gossamer.succeed("import", corpus, "--out", folder.path(name))
        #expect(try folder.names() == ["c.svm", name])
    }

    @Test func modelsDoNotComeFromStandardInput() throws {
        try Gossamer.fail(
            66, "embed", "-", folder.path("c.svm"), "--out", folder.path("e.tsv"), saying: ["<stdin>", "a file"])
    }

    @Test func aModelsIndexBaseWasNotAskedFor() throws {
        let corpus = try folder.write("1 1:1 2:1\n0 3:1\n", to: "c.svm")
        let model = try train(corpus, to: "m.safetensors")
        let outcome = try Gossamer.succeed("embed", model, corpus, "--out", folder.path("e.tsv"))
        #expect(outcome.error.contains("counted from 1, as in the model's corpus"))
    }

    @Test func optionsWithoutEffect() throws {
        let corpus = try folder.write("1 1:1 2:1\n0 3:1\n", to: "c.svm")
        let text = try folder.write("a\tone two\nb\tthree four\n", to: "s.tsv")
        let out = folder.path("o.safetensors")
        for option in [["--min-df", "2"], ["--stop-words", "english"], ["--stem"]] {
            let outcome = try Gossamer.run(["import", corpus, "--out", out] + option)
            #expect(outcome.status == 0 && outcome.error.contains("\(option[0]) has no effect"), "\(outcome.error)")
        }
        let based = try Gossamer.succeed("inspect", text, "--index-base", "0")
        #expect(based.error.contains("--index-base has no effect"))
        try Gossamer.fail(65, "import", text, "--transpose", "--out", out, saying: ["transpose"])
        try Gossamer.fail(65, "import", text, "--features", "9", "--out", out, saying: ["4 columns", "--features"])
        for options in [
            ["--decoder", "trained", "--ridge", "1"], ["--objective", "poisson", "--emphasis", "2"],
            ["--decoder", "trained", "--no-decoder-bias"],
        ] {
            let outcome = try Gossamer.run(["train", "sae", corpus, "--out", out] + options)
            #expect(outcome.status == 64 && outcome.error.contains("has no effect"), "\(outcome.error)")
        }
        try Gossamer.fail(
            64, "train", "vae", corpus, "--out", out, "--likelihood", "gaussian", "--dream", "0.5",
            saying: ["--dream has no effect"])
    }

    @Test func featuresWithoutACorpus() throws {
        let corpus = try folder.write("1 1:1 2:1\n0 3:1\n", to: "c.svm")
        let model = try train(corpus, to: "m.safetensors")
        let words = try folder.write("sun\nmoon\nstar\n", to: "v.txt"), fewer = try folder.write("sun\n", to: "f.txt")
        let outcome = try Gossamer.succeed("features", model, "--vocabulary", words)
        #expect(outcome.text.contains("moon") && outcome.text.contains("star"))
        try Gossamer.fail(66, "features", model, "--vocabulary", folder.path("none.txt"))
        try Gossamer.fail(65, "features", model, "--vocabulary", fewer, saying: ["1 words", "3"])
        try Gossamer.fail(64, "features", model, "--strict", saying: ["--strict", "--corpus"])
    }

    @Test func severalLabelsStaySeveral() throws {
        let corpus = try folder.write(
            "{\"text\": \"sun\", \"label\": [\"b, c\", \"a\"]}\n{\"text\": \"moon\", \"label\": \"a\"}\n{\"text\": \"sun\"}\n",
            to: "c.jsonl")
        let model = try train(corpus, to: "m.safetensors")
        for name in ["e.jsonl", "e.svm"] { try Gossamer.succeed("embed", model, corpus, "--out", folder.path(name)) }
        let json = try folder.lines("e.jsonl"), svm = try folder.lines("e.svm")
        #expect(json[0].contains(#""label":["b, c","a"]"#) && json[1].contains(#""label":"a""#))
        #expect(svm.map { String($0.prefix { $0 != " " }) } == ["1,2", "2", "0"])
    }
}

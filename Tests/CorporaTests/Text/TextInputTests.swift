import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

@Suite struct TextInputTests {
    @Test func aLineIsADocumentAndAnEmptyOneToo() throws {
        let corpus = try readText("one two two\r\n\n \nthree\\none\nlast line")
        #expect(corpus.rowTexts == ["one:1 two:2", "", "", "none:1 three:1", "last:1 line:1"])
        #expect(corpus.provenance.format == "text")
        #expect(corpus.provenance.rowsWithoutFeatures == 2)
        #expect(corpus.labels == nil && corpus.ids == nil)
    }

    @Test func labelledLinesWithTwoFields() throws {
        let corpus = try readText("pets\tcat dog\nfarm\tcow\\nhorse\n\n\tno label\n", named: "a.tsv")
        #expect(corpus.rowTexts == ["cat:1 dog:1", "cow:1 horse:1", "label:1 no:1"])
        #expect(corpus.labels == RowLabels(["pets", "farm", nil]))
        #expect(corpus.ids == nil)
        #expect(corpus.provenance.text?.fields == 2)
        #expect(corpus.provenance.rowsWithoutLabel == 1)
        #expect(corpus.provenance.blankLines == 1)
        #expect(corpus.provenance.wordLabels == 2)
    }

    @Test func labelledLinesWithThreeFields() throws {
        let text = #"x"# + "\tdoc/1\t" + #"back\\slash new\nline tab\there \d \"# + "\ny\tdoc/2\tmore\tfields stay\n"
        let corpus = try readText(text, named: "a.TSV")
        #expect(corpus.rowTexts == ["back:1 here:1 line:1 new:1 slash:1 tab:1", "fields:1 more:1 stay:1"])
        #expect(corpus.ids == ["doc/1", "doc/2"])
        #expect(corpus.labels?.names == ["x", "y"])
        #expect(corpus.provenance.text?.fields == 3)
    }

    @Test func linesOfJSON() throws {
        let text = """
            {"text": "caf\\u00e9 \\ud83d\\ude00 ok\\n", "label": "a", "id": "1", "more": {"x": [1, null]}}

            {"id": 17, "label": 3.50, "text": ""}
            {"text": "lone \\ud83d half", "label": ["x", 2], "id": null}
            {"label": true, "text": "end"}
            """
        let corpus = try readText(text, named: "a.jsonl")
        #expect(corpus.rowTexts == ["café:1 ok:1", "", "half:1 lone:1", "end:1"])
        #expect(corpus.labels == RowLabels(sets: [["a"], ["3.50"], ["x", "2"], ["true"]]))
        #expect(corpus.ids == ["1", "17", "", ""])
        #expect(corpus.provenance.blankLines == 1)
        #expect(corpus.provenance.text?.documentsRepaired == 1)
    }

    @Test func linesOfJSONUnderOtherKeys() throws {
        let corpus = try readText(
            #"{"body": "some words", "class": "k", "key": "i", "text": 7}"#, format: .jsonLines,
            input: TextInputOptions(textField: "body", labelField: "class", idField: "key"))
        #expect(corpus.rowTexts == ["some:1 words:1"])
        #expect(corpus.labels?[0] == "k")
        #expect(corpus.ids == ["i"])
    }

    /// Python's `json.dumps` writes NaN and Infinity, and pandas has NaN or null where nothing is known.
    @Test func whatPythonWritesIsRead() throws {
        let text = """
            {"text": null, "label": "a"}
            {"x": NaN, "text": "sun", "y": [Infinity, -Infinity, {"z": NaN}], "label": NaN, "id": NaN}
            {"text": NaN, "half": "\\ud83d"}
            {"text": "moon"}
            """
        let corpus = try readText(text, named: "a.jsonl")
        #expect(corpus.rowTexts == ["", "sun:1", "", "moon:1"])
        #expect(corpus.labels == RowLabels(["a", nil, nil, nil]) && corpus.ids == nil)
        #expect(corpus.provenance.rowsWithoutFeatures == 2 && corpus.provenance.rowsWithoutLabel == 3)
    }

    @Test func columnsOfATableAreChosen() throws {
        func read(_ text: String, _ table: TableColumns, blockSize: Int = 1 << 18) throws -> Corpus {
            var input = TextInputOptions()
            input.blockSize = blockSize
            return try readText(text, named: "a.tsv", options: TextOptions(table: table), input: input)
        }
        let octis = "run server\ttrain\tcomp.windows\nfax modem\ttrain\tmisc.forsale\n"
        let corpus = try read(octis, TableColumns(label: "3", texts: ["1"]))
        #expect(corpus.rowTexts == ["run:1 server:1", "fax:1 modem:1"] && corpus.ids == nil)
        #expect(corpus.labels?.names == ["comp.windows", "misc.forsale"])
        #expect(corpus.provenance.text?.columns == "label 3, text 1")
        #expect(corpus.textOptions?.table == TableColumns(label: "3", texts: ["1"]))
        let named = "id\ttitle\tbody \tlabel\r\n" + (0..<50).map { "d\($0)\tsun\\tmoon\tstar \ta,b\r\n" }.joined()
        let table = TableColumns(label: "label", id: "1", texts: ["body", "title"], hasHeader: true)
        for blockSize in [1 << 18, 100] {
            let corpus = try read(named, table, blockSize: blockSize)
            #expect(corpus.rowTexts == Array(repeating: "moon:1 star:1 sun:1", count: 50))
            #expect(corpus.labels?.sets == [["a,b"]] && corpus.ids == (0..<50).map { "d\($0)" })
            #expect(corpus.provenance.text?.columns == "label 4, id 1, text 3 and 2")
        }
        let byNames = try read("text\tlabel\nsun\tk\n", TableColumns(hasHeader: true))
        #expect(byNames.rowTexts == ["sun:1"] && byNames.labels?.names == ["k"])
        let bad: [(text: String, table: TableColumns, line: Int, found: String)] = [
            ("a\tb\nc\n", TableColumns(label: "1", texts: ["2"]), 2, "1 field"),
            ("a\tb\n", TableColumns(label: "1", texts: ["3"]), 1, "2 columns"),
            ("a\tb\n", TableColumns(texts: ["body"], hasHeader: true), 1, "the columns a, b"),
            ("text\tlabel\n\nsun\tk\tmore\n", TableColumns(hasHeader: true), 3, "3 fields"),
            ("a\tb\n", TableColumns(hasHeader: true), 1, "the columns a, b"),
            ("a\tb\n", TableColumns(texts: ["0"]), 1, "2 columns"),
        ]
        for (text, table, line, found) in bad {
            let problem = problem { try read(text, table) }
            #expect(problem?.line == line && problem?.found == found, "\(problem?.description ?? "nothing"): \(text)")
        }
    }

    @Test func columnsInAnotherOrderAreRefused() throws {
        let words = ["sun", "moon", "star", "sky", "sea", "sand", "tree", "leaf", "root", "bark", "rain", "snow"]
        let reversed = words.map { "the \($0) shines\t\($0 < "sea" ? "a" : "b")\n" }.joined()
        let unlike = words.map { "the \($0) shines today\t\($0) x\n" }.joined()
        for text in ["run server\ttrain\tcomp.windows\nfax modem\ttrain\tmisc.forsale\n", reversed, unlike] {
            let problem = problem { try readText(text, named: "a.tsv") }
            #expect(problem?.advice.description.contains("textColumn") == true, "\(text)")
        }
        // Chosen columns are not doubted.
        let chosen = TextOptions(table: TableColumns(label: "1", texts: ["2"]))
        #expect(try readText(unlike, named: "a.tsv", options: chosen).rowCount == 12)
    }

    @Test func whatIsOddAboutATableIsSaid() throws {
        func notes(_ text: String) throws -> [Message] { try readText(text, named: "a.tsv").provenance.notes }
        #expect(try notes("label\ttext\nk\tsun moon\n")[0].description.contains("header"))
        #expect(try notes("k\ttrain\tsun moon\nl\ttrain\tstar sea\n")[0].description.contains("idColumn"))
        let own = (0..<12).map { "\(Double($0) / 8)\tsun moon \($0)\n" }.joined()
        #expect(try notes(own)[0].description.contains("labelColumn"))
        #expect(try notes("k\tsun moon\nl\tstar sea\nk\tsun\n").isEmpty)
    }

    @Test func aLabelWithACommaIsOne() throws {
        let lines = #"{"text":"sun","label":"Arts, Crafts"}"# + "\n" + #"{"text":"sun","label":["Arts","Crafts"]}"#
        for threads in [1, 3] {
            let corpus = try readText(Array(lines.utf8), named: "a.jsonl", threads: threads)
            #expect(corpus.labels?.sets == [["Arts, Crafts"], ["Arts", "Crafts"]])
        }
        #expect(try readText("a,b\tsun\n", named: "a.tsv").labels?.sets == [["a,b"]])
    }

    @Test func foldersOfClasses() throws {
        try withTemporaryFolder { folder in
            func write(_ path: String, _ text: String) throws {
                let url = URL(filePath: "\(folder)/\(path)")
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: url)
            }
            try write("b/2.txt", "second of bees")
            try write("b/10", "first of bees")
            try write("a/deep/er/x.txt", "of ants")
            try write("a/.hidden", "unseen")
            try write("README.md", "unread")
            let reader = try TextCorpusReader()
            let corpus = try reader.read(paths: [folder])
            #expect(corpus.rowTexts == ["ants:1 of:1", "bees:1 first:1 of:1", "bees:1 of:1 second:1"])
            #expect(corpus.labels == RowLabels(["a", "b", "b"]))
            #expect(corpus.ids == ["a/deep/er/x.txt", "b/10", "b/2.txt"])
            #expect(corpus.provenance.text?.filesSkipped == 2)
            #expect(corpus.provenance.format == "folder")
            let flat = try reader.read(paths: ["\(folder)/b"])
            #expect(flat.labels == nil)
            #expect(flat.ids == ["10", "2.txt"])
        }
    }

    @Test func severalInputsAreOneCorpus() throws {
        try withTemporaryFolder { folder in
            let inputs = [
                ("a.txt", "plain text\n"), ("b.tsv", "k\ti\tlabelled text"), ("c.ndjson", #"{"text": "json text"}"#),
                ("d", #"{"text": "json unnamed", "label": "l"}"#), ("e", "unnamed text"),
            ]
            for (name, text) in inputs { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
            let corpus = try TextCorpusReader().read(paths: inputs.map { "\(folder)/\($0.0)" })
            #expect(
                corpus.rowTexts == [
                    "plain:1 text:1", "labelled:1 text:1", "json:1 text:1", "json:1 unnamed:1", "text:1 unnamed:1",
                ])
            #expect(corpus.labels == RowLabels([nil, "k", nil, "l", nil]))
            #expect(corpus.ids == ["", "i", "", "", ""])
            #expect(corpus.provenance.format == "text and tsv and jsonl")
            #expect(corpus.provenance.rowsWithoutLabel == 3)
        }
    }

    @Test func invalidBytesAreSeparatorsAndCounted() throws {
        let corpus = try readText(
            Array("good\nba".utf8) + [0xFF] + Array("ad ".utf8) + [0xE2, 0x82] + Array("tail\n".utf8)
                + [0xED, 0xA0, 0x80, 0xC0, 0xAF, 0xF4, 0x90, 0x80, 0x80] + Array("x1".utf8))
        #expect(corpus.rowTexts == ["good:1", "ad:1 ba:1 tail:1", "x1:1"])
        #expect(corpus.provenance.text?.documentsRepaired == 2)
        #expect(corpus.provenance.warnings.contains { $0.contains("2 documents were not valid UTF-8") })
    }

    @Test func theByteOrderMarkIsNoText() throws {
        let corpus = try readText([0xEF, 0xBB, 0xBF] + Array("k\tword here".utf8), named: "a.tsv")
        #expect(corpus.labels?.names == ["k"])
    }

    @Test func badJSONLinesAreSkippedOnRequest() throws {
        let text = "{\"text\": \"one word\"}\nnot json\n{\"label\": 1}\n{\"text\": \"two words\"}\n"
        let corpus = try readText(text, named: "a.jsonl", input: TextInputOptions(skipBadLines: true))
        #expect(corpus.rowTexts == ["one:1 word:1", "two:1 words:1"])
        #expect(corpus.provenance.text?.badLinesSkipped == 2)
    }

    @Test func badInputsAreRefusedWithTheirPlace() throws {
        let cases: [(name: String, text: String, line: Int?, column: Int?, found: String)] = [
            ("a.tsv", "alone\n", 1, 6, "a line without a tab"),
            ("a.tsv", "k\tfirst\n\nalone\n", 3, 6, "a line without a tab"),
            ("a.tsv", String(repeating: "k\ti\tt\n", count: 150) + "k\ttwo\n", 151, 6, "2 fields"),
            ("a.jsonl", "{\"text\": \"a\"}\n{\"text\": nope}\n", 2, 10, "nope"),
            ("a.jsonl", "{\"text\": \"a\"\n", 1, 13, "the end of the text"),
            ("a.jsonl", "{\"text\": \"aa\"} x\n", 1, 16, "x"),
            ("a.jsonl", "[1]\n", 1, 1, "[1]"),
            ("a.jsonl", "{\"texts\": \"a\"}\n", 1, 1, "without \"text\""),
            ("a.jsonl", "{\"text\": true}\n", 1, 10, "true as \"text\""),
            ("a.jsonl", "{\"text\": \"a\", \"x\": nan}\n", 1, 20, "nan"),
            ("a.jsonl", "{\"text\": [\"a\"]}\n", 1, 10, "an object or array as \"text\""),
            ("a.jsonl", "{\"text\": \"a\", \"id\": {}}\n", 1, 21, "an object or array"),
            ("a.txt", "", nil, nil, "no documents"),
            ("a.jsonl", "\n\n", nil, nil, "no documents"),
            ("a.txt", "? !\n", nil, nil, "no words"),
        ]
        for bad in cases {
            let problem = problem { try readText(bad.text, named: bad.name) }
            #expect(problem?.line == bad.line, "\(bad)")
            #expect(problem?.column == bad.column, "\(bad)")
            #expect(problem?.found.contains(bad.found) == true, "\(bad): \(problem?.description ?? "nothing")")
            #expect(problem?.path.hasSuffix(bad.name) == true)
        }
    }

    /// Whatever format the caller names, what cannot be text in UTF-8 is refused.
    @Test(arguments: [CorpusFormat?.none, .text, .tsv, .jsonLines])
    func whatIsNoTextIsRefused(_ format: CorpusFormat?) throws {
        let inputs: [(bytes: [UInt8], found: String)] = [
            ([0x50, 0x4B, 0x03, 0x04] + Array("indices.npy".utf8), "a zip archive"),
            ([0x40, 0, 0, 0, 0, 0, 0, 0] + Array(#"{"values":{}}"#.utf8), "a safetensors file"),
            ([0xFF, 0xFE] + "two words".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }, "UTF-16"),
        ]
        for (bytes, found) in inputs {
            let problem = problem { try readText(bytes, named: "input", format: format) }
            #expect(problem?.found == found)
            #expect(problem?.line == 1)
        }
        #expect(try readText([0xFF, 0xFE] + Array("two words".utf8), named: "input", format: .text).rowCount == 1)
    }

    @Test func theFirstFaultIsReportedWhateverTheThreads() throws {
        let text = (1...5000).map { $0 == 1999 || $0 > 3000 ? "alone" : "k\tline \($0)" }.joined(separator: "\n")
        var input = TextInputOptions()
        input.blockSize = 500
        for threads in [1, 2, 5] {
            let problem = problem { try readText(Array(text.utf8), named: "a.tsv", input: input, threads: threads) }
            #expect(problem?.line == 1999)
        }
    }

    @Test func unreadableInputsAreNamed() throws {
        try withTemporaryFolder { folder in
            try FileManager.default.createDirectory(atPath: "\(folder)/a", withIntermediateDirectories: false)
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/a/gone", withDestinationPath: "\(folder)/nowhere")
            let reader = try TextCorpusReader()
            for (path, named, format) in [
                ("\(folder)/missing.txt", "missing.txt", nil), (folder, "a/gone", nil),
                (folder, folder, CorpusFormat.text),
                ("\(folder)/missing", "missing", .folder),
            ] {
                #expect {
                    _ = try reader.read(paths: [path], format: format)
                } throws: { error in
                    if case FileError.unreadable(let path, _) = error { path.hasSuffix(named) } else { false }
                }
            }
        }
    }
}

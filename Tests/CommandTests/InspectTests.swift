import Foundation
import Testing

@Suite struct InspectTests {
    @Test func saysWhatACorpusIs() throws {
        let outcome = try Gossamer.succeed("inspect", eightSubjects)
        for part in ["libsvm", "400", "1,880", "7,938", "min 9", "median 19", "max 36", "counts", "8 distinct"] {
            #expect(outcome.text.contains(part), "\(part): \(outcome.text)")
        }
        let json = try Gossamer.succeed("inspect", eightSubjects, "--json").json()
        #expect(json["format"] as? String == "libsvm")
        #expect(json["rows"] as? Int == 400 && json["columns"] as? Int == 1880 && json["entries"] as? Int == 7938)
        #expect(abs((json["density"] as? Double ?? 0) - 7938 / (400.0 * 1880)) < 1e-12)
        let spread = try #require(json["entries_per_row"] as? [String: Any])
        #expect(spread["min"] as? Int == 9 && spread["median"] as? Int == 19 && spread["max"] as? Int == 36)
        #expect(json["labels"] as? Int == 8 && json["index_base"] as? Int == 1 && json["ids"] as? Bool == true)
        for key in ["unsorted_rows", "duplicates_merged", "zeros_dropped", "blank_lines", "comment_lines"] {
            #expect(json[key] as? Int == 0, "\(key)")
        }
    }

    @Test func countsWhatWasMergedAndDroppedAndIsStrictWhenAsked() throws {
        let folder = try ScratchFolder()
        let odd = try folder.write("# a note\n1 3:1 1:2\n\n0 2:1 2:2 4:0\n1\n", to: "odd.svm")
        let outcome = try Gossamer.succeed("inspect", odd, "--json")
        let json = try outcome.json()
        #expect(json["rows"] as? Int == 3 && json["entries"] as? Int == 3 && json["rows_without_entries"] as? Int == 1)
        #expect(json["unsorted_rows"] as? Int == 1 && json["duplicates_merged"] as? Int == 1)
        #expect(
            json["zeros_dropped"] as? Int == 1 && json["blank_lines"] as? Int == 1 && json["comment_lines"] as? Int == 1
        )
        #expect(outcome.error.contains("warning: \(odd): 1 duplicate"))
        try Gossamer.fail(65, "inspect", odd, "--strict", saying: ["\(odd):2:7: found", "expected"])
    }

    @Test func saysWhatAModelIs() throws {
        let model = try Gossamer.smallModel(words: true)
        let json = try Gossamer.succeed("inspect", model, "--json").json()
        #expect(json["kind"] as? String == "sae" && json["features"] as? Int == 1880 && json["latent"] as? Int == 12)
        #expect(json["weighting"] as? String == "tf-idf" && json["normalize"] as? String == "l2")
        #expect(json["index_base"] as? Int == 1 && json["vocabulary"] as? Bool == true && json["seed"] as? Int == 0)
        #expect(json["training_documents"] as? Int == 400)
        let outcome = try Gossamer.succeed("inspect", model)
        #expect(outcome.text.contains("1,880 → 12") && outcome.text.contains("vocabulary  yes"))
    }

    @Test func indexBaseAndFeaturesAreTakenAsGiven() throws {
        let folder = try ScratchFolder()
        let path = try folder.write("1 1:1 3:1\n0 2:1\n", to: "c.svm")
        func shape(_ options: String...) throws -> [Int?] {
            let json = try Gossamer.run(["inspect", path, "--json"] + options).json()
            return [json["columns"] as? Int, json["index_base"] as? Int]
        }
        #expect(try shape() == [3, 1])
        #expect(try shape("--index-base", "0") == [4, 0])
        #expect(try shape("--index-base", "1", "--features", "10") == [10, 1])
        try Gossamer.fail(65, "inspect", path, "--features", "2", saying: ["c.svm:1:7:", "2 features"])
    }

    @Test func readsStdin() throws {
        let corpus = try Data(contentsOf: URL(fileURLWithPath: eightSubjects))
        let json = try Gossamer.succeed("inspect", "-", "--json", input: corpus).json()
        #expect(json["rows"] as? Int == 400)
        let gzip = Data(base64Encoded: "H4sIAAAAAAAC/zNUMLQyVDC2MuQyUDACkgB9k8B8EAAAAA==") ?? Data()
        #expect(try Gossamer.succeed("inspect", "-", "--json", input: gzip).json()["rows"] as? Int == 2)
        let text = Data("{\"text\": \"one two\"}\n{\"text\": \"two\"}\n".utf8)
        #expect(try Gossamer.succeed("inspect", "-", "--json", input: text).json()["format"] as? String == "jsonl")
        try Gossamer.fail(65, "inspect", "-", saying: ["<stdin>: found no documents"])
        try Gossamer.fail(65, "inspect", "-", saying: ["<stdin>:2:5: found"], input: Data("1 1:1\n1 1:x\n".utf8))
    }
}

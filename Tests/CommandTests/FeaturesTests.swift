import Foundation
import Testing

@Suite struct FeaturesTests {
    @Test func showsWordsOfEveryUnit() throws {
        let words = Set(
            try String(contentsOfFile: vocabularyFile, encoding: .utf8).split(separator: "\n").map(String.init))
        let outcome = try Gossamer.succeed("features", try Gossamer.smallModel(words: true), "--nearest", "0")
        let lines = outcome.text.split(separator: "\n")
        #expect(lines.count == 13 && lines[0].hasPrefix("unit  importance"))
        var units: [Int] = []
        for line in lines.dropFirst() {
            let fields = line.split(separator: " ").map(String.init)
            units.append(try #require(Int(fields[0])))
            #expect(fields[2] == "%" && fields[4] == "%" && fields.dropFirst(5).allSatisfy(words.contains))
            #expect(fields.count <= 15)
        }
        #expect(units.sorted() == Array(0..<12))
    }

    @Test func jsonNamesIndicesWordsAndWeights() throws {
        let vocabulary = try String(contentsOfFile: vocabularyFile, encoding: .utf8).split(separator: "\n").map(
            String.init)
        let model = try Gossamer.smallModel(words: true)
        let json = try Gossamer.succeed("features", model, "--top", "3", "--json").json()
        let units = try #require(json["units"] as? [[String: Any]])
        #expect(Set(units.compactMap { $0["unit"] as? Int }) == Set(0..<12))
        let importance = units.compactMap { $0["importance"] as? Double }
        #expect(importance.count == 12 && importance == importance.sorted(by: >))
        for unit in units {
            #expect(unit["norm"] is Double && unit["density"] is Double && unit["documents"] == nil)
            #expect((unit["nearest"] as? [[String: Any]])?.count == 3)
            let features = try #require(unit["features"] as? [[String: Any]])
            #expect(features.count <= 3)
            let weights = features.compactMap { $0["weight"] as? Double }
            #expect(weights == weights.sorted(by: >) && weights.allSatisfy { $0 > 0 })
            for feature in features {
                // Indices are the corpus's own, which count from 1.
                let index = try #require(feature["index"] as? Int)
                #expect(feature["word"] as? String == vocabulary[index - 1])
            }
        }
        let ordered = try Gossamer.succeed("features", model, "--sort", "unit", "--json").json()
        #expect((ordered["units"] as? [[String: Any]])?.map { $0["unit"] as? Int } == Array(0..<12))
    }

    @Test func aCorpusAddsLiftAndDocuments() throws {
        let model = try Gossamer.smallModel(words: true)
        let options = ["features", model, "--corpus", eightSubjects, "--top", "4", "--documents", "2"]
        let outcomes = try ["1", "2"].map { try Gossamer.run(options + ["--json", "--threads", $0]) }
        #expect(outcomes[0].output == outcomes[1].output)
        let units = try #require(try outcomes[0].json()["units"] as? [[String: Any]])
        for unit in units {
            let documents = try #require(unit["documents"] as? [[String: Any]])
            #expect(documents.count == 2 && documents.allSatisfy { (1...400).contains($0["row"] as? Int ?? 0) })
            #expect(documents.allSatisfy { $0["activity"] is Double && $0["label"] is String })
            let lift = try #require(unit["lift"] as? [[String: Any]])
            #expect(lift.count == 4 && lift.allSatisfy { ($0["lift"] as? Double ?? 0) > 1 && $0["word"] is String })
        }
        let text = try Gossamer.run(options).text
        #expect(text.contains("by weight") && text.contains("documents") && text.split(separator: "\n").count == 37)
    }

    @Test func indicesStandForMissingWords() throws {
        let outcome = try Gossamer.succeed("features", try Gossamer.smallModel(), "--top", "2", "--nearest", "0")
        for line in outcome.text.split(separator: "\n").dropFirst() {
            #expect(line.split(separator: " ").dropFirst(5).allSatisfy { (1...1880).contains(Int($0) ?? 0) })
        }
    }

    @Test func wrongUsageAndWrongFilesAreTold() throws {
        let model = try Gossamer.smallModel()
        try Gossamer.fail(64, "features", model, "--top", "0")
        try Gossamer.fail(64, "features", model, "--documents", "-1")
        try Gossamer.fail(64, "features", model, "--sort", "size")
        try Gossamer.fail(66, "features", model, "--corpus", "/nowhere.svm", saying: ["/nowhere.svm"])
    }
}

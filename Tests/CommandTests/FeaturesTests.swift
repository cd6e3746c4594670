import Foundation
import Testing

@Suite struct FeaturesTests {
    @Test func showsWordsOfEveryUnit() throws {
        let words = Set(
            try String(contentsOfFile: vocabularyFile, encoding: .utf8).split(separator: "\n").map(String.init))
        let outcome = try Gossamer.succeed("features", try Gossamer.smallModel(words: true))
        let lines = outcome.text.split(separator: "\n")
        #expect(lines.count == 12)
        for line in lines {
            let fields = line.split(separator: " ").map(String.init)
            #expect(fields[0] == "unit" && fields.dropFirst(2).allSatisfy(words.contains))
            #expect(fields.count <= 12)
        }
    }

    @Test func jsonNamesIndicesWordsAndWeights() throws {
        let vocabulary = try String(contentsOfFile: vocabularyFile, encoding: .utf8).split(separator: "\n").map(
            String.init)
        let json = try Gossamer.succeed("features", try Gossamer.smallModel(words: true), "--top", "3", "--json").json()
        let units = try #require(json["units"] as? [[String: Any]])
        #expect(units.map { $0["unit"] as? Int } == Array(0..<12))
        for unit in units {
            #expect(unit["norm"] is Double)
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
    }

    @Test func indicesStandForMissingWords() throws {
        let outcome = try Gossamer.succeed("features", try Gossamer.smallModel(), "--top", "2")
        for line in outcome.text.split(separator: "\n") {
            #expect(line.split(separator: " ").dropFirst(2).allSatisfy { (1...1880).contains(Int($0) ?? 0) })
        }
    }
}

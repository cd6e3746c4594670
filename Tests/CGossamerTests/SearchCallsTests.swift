import CGossamerInterface
import Corpora
import Evaluation
import Foundation
import Gossamer
import Testing

@Suite struct SearchCallsTests {
    private let request = #"""
        {"folds": 2, "by": "probe", "candidates": [
            {"options": {"latent": "4"}, "settings": {"autoencoder": {"latentWidth": 4}, "training": {"epochs": 1}}},
            {"options": {"latent": "8"}, "settings": {"autoencoder": {"latentWidth": 8}, "training": {"epochs": 1}}}]}
        """#

    /// C gets the scores that Swift gets, and hears of each training.
    @Test func searchingGivesWhatSwiftGets() throws {
        let corpus = try Owned.corpus(reading: subjects)
        let heard = Heard()
        let context = Unmanaged.passUnretained(heard).toOpaque()
        var answer = gossamer_string()
        let status = gossamer_search(
            corpus.handle, request, 0,
            { context, line in
                if let context, let line {
                    Unmanaged<Heard>.fromOpaque(context).takeUnretainedValue().lines.append(String(cString: line))
                }
                return 0
            }, context, &answer, nil)
        #expect(status == 0)
        defer { gossamer_string_free(answer) }
        let json = try JSONSerialization.jsonObject(
            with: Data(bytes: try #require(answer.bytes), count: Int(answer.length)))
        let rows = try #require((json as? [String: Any])?["candidates"] as? [[String: Any]])
        let candidates = [4, 8].map { width in
            var settings = ModelSettings()
            settings.autoencoder.latentWidth = width
            settings.training.epochs = 1
            return SearchCandidate(["latent": "\(width)"], settings)
        }
        let report = try ModelSearch(candidates, folds: 2, by: .probe).run(on: try CorpusReader.read(subjects))
        #expect(rows.compactMap { $0["mean"] as? Double } == report.entries.compactMap(\.mean))
        #expect(rows.compactMap { $0["candidate"] as? Int } == report.entries.map(\.place))
        #expect(heard.lines.count == 4 && heard.lines.allSatisfy { $0.contains(#""event":"run""#) })
    }

    @Test func aCallbackEndsTheSearch() throws {
        let corpus = try Owned.corpus(reading: subjects)
        let said = answer {
            var text = gossamer_string()
            return gossamer_search(corpus.handle, request, 0, { _, _ in 1 }, nil, &text, $0)
        }
        #expect(said.status == 75)
    }

    @Test(arguments: [
        ("{}", "candidates"), (#"{"candidates": [{}], "folds": 1}"#, "folds"),
        (#"{"candidates": [{}], "by": "x"}"#, "by"),
        (#"{"candidates": [{"settings": {"autoencoder": {"width": 1}}}]}"#, "autoencoder.width"),
        (#"{"candidates": [{"settings": {"autoencoder": {"latentWidth": 0}}}]}"#, "latentWidth"),
        (#"{"candidates": [3]}"#, "candidates"), (#"{"candidates": [{"name": 1}]}"#, "name"),
        (#"{"candidates": [{}], "folds": 500}"#, "500"), (#"{"candidates": [{}], "by": "bound"}"#, "bound"),
    ])
    func wrongRequestsAreNamed(request: String, word: String) throws {
        let corpus = try Owned.corpus(reading: subjects)
        let said = answer {
            var text = gossamer_string()
            return gossamer_search(corpus.handle, request, 0, nil, nil, &text, $0)
        }
        #expect(said.status == 64 && said.message?.contains(word) == true, "\(said)")
    }

    private final class Heard {
        var lines: [String] = []
    }
}

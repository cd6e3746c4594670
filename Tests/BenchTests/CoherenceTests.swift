import Foundation
import Testing

/// The words of units beside those of a stand-in for the peers.
@Suite struct CoherenceTests {
    private struct Comparison: Decodable {
        struct Entry: Decodable {
            let model: String
            let npmi: Double
            let npmi_standard_error: Double
            let diversity: Double
            let npmi_of_splits: [Double]
        }

        let entries: [Entry]
    }

    /// The stand-in lists two words of the vocabulary that it was given, and only for NMF.
    private let script = """
        [ "$4" = nmf ] || exit 3
        printf '%s\\t%s\\n' "$(sed -n 1p "$2")" "$(sed -n 2p "$2")"
        """

    @Test func eachModelHasAFigureASplit() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "peers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try script.write(to: folder.appending(path: "word_lists.py"), atomically: true, encoding: .utf8)
        let comparison = try Bench.json(
            Comparison.self,
            [
                "coherence", eightSubjectsText, "--latent", "8", "--splits", "3", "--python", "sh", "--peers",
                folder.path,
            ])
        #expect(comparison.entries.map(\.model) == ["Gossamer", "Gossamer, by lift", "NMF"])
        for entry in comparison.entries {
            let splits = entry.npmi_of_splits
            let mean = splits.reduce(0, +) / 3
            let squares = splits.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            #expect(splits.count == 3 && splits.allSatisfy { (-1...1).contains($0) })
            #expect(abs(entry.npmi - mean) < 1e-12)
            #expect(abs(entry.npmi_standard_error - (squares / 6).squareRoot()) < 1e-12)
            #expect(entry.diversity > 0 && entry.diversity <= 1)
        }
        #expect(comparison.entries.last?.diversity == 1)
    }

    @Test func aCorpusWithoutWordsIsRefused() throws {
        let outcome = try Bench.run(["coherence", eightSubjects])
        #expect(outcome.status == 65 && outcome.error.contains("--vocabulary"), "\(outcome.error)")
    }
}

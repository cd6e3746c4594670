import Gossamer
import Testing

@testable import Evaluation

@Suite struct SearchReportTests {
    private func entry(_ name: String, width: Int, _ scores: [Double?], active: Double = 1) -> SearchReport.Entry {
        var settings = ModelSettings()
        settings.autoencoder.latentWidth = width
        let results = scores.map { score in
            var result = FoldResult(failure: "")
            result.failure = score == nil ? "diverged" : nil
            result.fvu = score
            result.activeUnits = active
            return result
        }
        return SearchReport.Entry(
            SearchCandidate(["name": name], settings), place: 0, results, measure: .fvu, features: 10)
    }

    private func names(_ entries: some Sequence<SearchReport.Entry>) -> [String] {
        entries.map { $0.candidate.choices[0].value }
    }

    @Test func meanAndStandardErrorAreOverFolds() throws {
        let entry = entry("a", width: 4, [0.5, 0.7, 0.9])
        #expect(abs(try #require(entry.mean) - 0.7) < 1e-12)
        // s = 0.2, √3 folds.
        #expect(abs(try #require(entry.standardError) - 0.2 / 3.0.squareRoot()) < 1e-12)
        #expect(entry.parameterCount == 80 && entry.failure == nil)
    }

    @Test func bestComesFirstAndFailuresLast() {
        let report = SearchReport(
            [
                entry("failed", width: 1, [0.1, nil]), entry("worst", width: 1, [0.9, 0.9]),
                entry("best", width: 1, [0.5, 0.5]), entry("equal", width: 1, [0.5, 0.5]),
            ], measure: .fvu, folds: 2)
        #expect(names(report.entries) == ["best", "equal", "worst", "failed"])
        #expect(report.entries[3].failure == "diverged" && report.entries[3].mean == nil)
    }

    @Test func theSimplestIsWithinOneStandardErrorOfTheBest() {
        // The best has mean .5 and standard error .1.
        let best = entry("best", width: 64, [0.4, 0.6], active: 20)
        let sparse = entry("sparse", width: 32, [0.6, 0.6], active: 3)
        let dense = entry("dense", width: 32, [0.55, 0.55], active: 30)
        let tiny = entry("tiny", width: 2, [0.61, 0.61])
        let report = SearchReport([tiny, dense, best, sparse], measure: .fvu, folds: 2)
        #expect(names(report.entries) == ["best", "dense", "sparse", "tiny"])
        #expect(names(report.entries[report.nearBest]) == ["best", "dense", "sparse"])
        #expect(names([report.simplestNearBest].compactMap { $0 }) == ["sparse"])
    }

    @Test func nothingIsBestIfAllFailed() {
        let report = SearchReport([entry("a", width: 1, [nil, 0.2])], measure: .fvu, folds: 2)
        #expect(report.best == nil && report.simplestNearBest == nil && report.nearBest.isEmpty)
    }
}

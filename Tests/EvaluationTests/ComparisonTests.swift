import Autoencoders
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct ComparisonTests {
    private func distance(_ a: [Int], _ b: [Int]) -> Double { CountedSample(a).distance(to: CountedSample(b)) }

    @Test func distanceIsTheLargestGapOfTheDistributions() {
        #expect(distance([1, 2, 3], [1, 2, 3]) == 0)
        #expect(distance([1, 2], [3, 4]) == 1)
        #expect(distance([3, 4], [1, 2]) == 1)
        #expect(distance([1, 1, 2, 2], [1, 2, 2, 2]) == 0.25)
        #expect(distance([5], [1, 5, 9, 9]) == 0.5)
        #expect(distance([], [1]) == 0)
    }

    /// sup |F₁ − F₂|, tried at every value.
    @Test func agreesWithThePlainDefinition() {
        var generator = RandomGenerator(seed: 8)
        for _ in 0..<50 {
            func sample(_ range: Range<Int>) -> [Int] {
                (0..<Int.random(in: 1..<40, using: &generator)).map { _ in Int.random(in: range, using: &generator) }
            }
            let (a, b) = (sample(0..<12), sample(3..<15))
            func share(of sample: [Int], upTo value: Int) -> Double {
                Double(sample.count { $0 <= value }) / Double(sample.count)
            }
            let plain = (0..<16).map { abs(share(of: a, upTo: $0) - share(of: b, upTo: $0)) }
            #expect(distance(a, b) == plain.max())
        }
    }

    @Test func comparesRowsAndFeatures() throws {
        let a = try CSRMatrix(
            rowCount: 2, columnCount: 5, rowOffsets: [0, 2, 3], columnIndices: [0, 1, 1], values: [1, 2, 1])
        let b = try CSRMatrix(
            rowCount: 2, columnCount: 5, rowOffsets: [0, 2, 4], columnIndices: [1, 4, 1, 2], values: [1, 1, 1, 1])
        let comparison = DocumentComparison(a, b)
        #expect(comparison.entriesPerRowDistance == 0.5 && comparison.sharedFeatures == 0.25)
        #expect(DocumentComparison(a, a).entriesPerRowDistance == 0 && DocumentComparison(a, a).sharedFeatures == 1)
    }

    @Test func mediansAreMiddles() {
        for (sample, median, mean) in [
            ([], 0, 0), ([4], 4, 4), ([9, 1], 5, 5), ([3, 1, 2], 2, 2), ([1, 1, 1, 5], 1, 2),
        ]
            as [([Int], Double, Double)]
        {
            #expect(CountedSample(sample).median == median && CountedSample(sample).mean == mean)
        }
    }

    /// As many documents as no memory holds one by one.
    @Test func samplesOfAnySizeAreCounted() {
        let sample = CountedSample([(value: 7, count: 1 << 40), (value: 3, count: 1), (value: 7, count: 1 << 40)])
        #expect(sample.count == 1 << 41 + 1 && sample.median == 7 && sample.values == [3, 7])
        #expect(sample.distance(to: CountedSample([7, 7])) < 1e-12)
    }
}

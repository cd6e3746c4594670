import Autoencoders
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct ComparisonTests {
    @Test func distanceIsTheLargestGapOfTheDistributions() {
        #expect(kolmogorovSmirnovDistance([1, 2, 3], [1, 2, 3]) == 0)
        #expect(kolmogorovSmirnovDistance([1, 2], [3, 4]) == 1)
        #expect(kolmogorovSmirnovDistance([3, 4], [1, 2]) == 1)
        #expect(kolmogorovSmirnovDistance([1, 1, 2, 2], [1, 2, 2, 2]) == 0.25)
        #expect(kolmogorovSmirnovDistance([5], [1, 5, 9, 9]) == 0.5)
        #expect(kolmogorovSmirnovDistance([], [1]) == 0)
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
            #expect(kolmogorovSmirnovDistance(a, b) == plain.max())
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
        #expect(median([]) == 0 && median([4]) == 4 && median([9, 1]) == 5 && median([3, 1, 2]) == 2)
    }
}

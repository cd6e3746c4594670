import Autoencoders
import RealModule
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct RankBiasedOverlapTests {
    /// Equation 32 word for word, on sets.
    func plainOverlap(_ a: [Int], _ b: [Int], _ p: Double) -> Double {
        let (short, long) = a.count < b.count ? (a, b) : (b, a)
        func shared(_ depth: Int) -> Double {
            Double(Set(a.prefix(depth)).intersection(b.prefix(depth)).count)
        }
        let (s, l) = (Double(short.count), Double(long.count))
        let xs = shared(short.count), xl = shared(long.count)
        let first = (1...long.count).reduce(0) { $0 + shared($1) / Double($1) * Double.pow(p, Double($1)) }
        let second = (1...long.count).filter { $0 > short.count }
            .reduce(0) { $0 + xs * (Double($1) - s) / (s * Double($1)) * Double.pow(p, Double($1)) }
        return (1 - p) / p * (first + second) + ((xl - xs) / l + xs / s) * Double.pow(p, l)
    }

    func plainMean(_ lists: [[Int]], _ p: Double) -> Double {
        var overlaps: [Double] = []
        for i in lists.indices {
            for j in 0..<i where !lists[i].isEmpty && !lists[j].isEmpty {
                overlaps.append(plainOverlap(lists[i], lists[j], p))
            }
        }
        return overlaps.mean
    }

    @Test(arguments: [0.5, 0.9])
    func agreesWithTheDefinition(persistence: Double) throws {
        var generator = RandomGenerator(seed: 3, stream: 1)
        let lists = (0..<30).map { Array((0..<25).shuffled(using: &generator).prefix($0 % 4 == 0 ? $0 / 4 : 10)) }
        let means = try [1, 2].map { threads in
            try #require(
                RankBiasedOverlap(
                    ofLists: lists, persistence: persistence, parallelism: Parallelism(threads: threads)
                ).mean)
        }
        #expect(means[0] == means[1])
        #expect(abs(means[0] - plainMean(lists, persistence)) < 1e-12)
    }

    /// The word that two lists of two share leads one of them: X₁ = 0, X₂ = 1.
    @Test func agreesWithAnExampleByHand() throws {
        let mean = try #require(RankBiasedOverlap(ofLists: [[1, 2], [2, 3]], parallelism: .serial).mean)
        #expect(abs(mean - (0.1 / 0.9 * 0.81 / 2 + 0.81 / 2)) < 1e-12)
    }

    @Test func limitsAreThoseOfSameAndOfDisjointLists() throws {
        let documents = try CSRMatrix(rowCount: 0, columnCount: 60, rowOffsets: [0], columnIndices: [], values: [])
        func inverted(_ lists: [[Int]]) -> Double? { TopicCoherence(ofLists: lists, in: documents).invertedRBO }
        let same = try #require(inverted(Array(repeating: Array(0..<10), count: 7)))
        #expect(same >= 0 && same < 1e-12)
        #expect(inverted((0..<6).map { Array(10 * $0..<10 * ($0 + 1)) }) == 1)
        // Only the first ten words count, and lists without words do not.
        #expect(inverted([Array(0..<20), Array(20..<30) + Array(0..<10), []]) == 1)
        #expect(inverted([[1, 2], []]) == nil && inverted([]) == nil)
    }
}

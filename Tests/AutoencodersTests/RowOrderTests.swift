import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct RowOrderTests {
    private let matrix = WeightedRows(GeneratedMatrix.random(rows: 5_000, columns: 40, density: 0.1, seed: 3))
    private let rows = (0..<5_000).filter { $0 % 3 != 1 }

    @Test func aSmallCorpusIsShuffledAsAWhole() {
        var generators = [RandomGenerator(seed: 1, stream: 2), RandomGenerator(seed: 1, stream: 2)]
        var order = RowOrder(rows, of: matrix)
        var plain = rows
        #expect(order.rows == rows)
        for _ in 0..<2 {
            order.shuffle(using: &generators[0])
            plain.shuffle(using: &generators[1])
            #expect(order.rows == plain)
        }
    }

    /// Runs of some ten rows, 64 of which are a window of some 700 rows.
    @Test func aLargeCorpusIsVisitedWindowByWindow() {
        var generator = RandomGenerator(seed: 1, stream: 2)
        var order = RowOrder(rows, of: matrix, anyOrderBelow: 100, runEntries: 40)
        var orders: [[Int]] = []
        for _ in 0..<2 {
            order.shuffle(using: &generator)
            #expect(order.rows.sorted() == rows)
            orders.append(order.rows)
            let window = order.rows.prefix(600)
            // From all over the corpus, in no order, and in runs of neighbours.
            #expect((window.min() ?? .max) < 500 && (window.max() ?? 0) > 4_500)
            let ascents = zip(window, window.dropFirst()).count { $0 < $1 }
            #expect((200...400).contains(ascents))
            let sorted = window.sorted()
            let neighbours = zip(sorted, sorted.dropFirst()).count { $1 - $0 <= 2 }
            #expect(neighbours > 450)
        }
        #expect(orders[0] != orders[1])
    }

    @Test func noRowsAreAnOrderToo() {
        var generator = RandomGenerator(seed: 1, stream: 2)
        var order = RowOrder([], of: matrix, anyOrderBelow: 0)
        order.shuffle(using: &generator)
        #expect(order.rows.isEmpty)
    }
}

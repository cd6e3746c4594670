import SparseMatrices

/// How many documents hold each word of some lists, and each pair of words that share a list.
///
/// Documents pass once, and of them nothing is kept but counts. What a document holds of a list is a set of bits, so
/// that a document costs what it holds of the lists, not what the lists have of pairs.
struct ListOccurrences {
    /// All documents, empty ones included.
    let documentCount: Int
    private let lists: [[Int]]
    private let slots: [Int: Int]
    private let counts: Counts

    /// - Parameters:
    ///   - lists: features, none twice in a list; at most 16 in each.
    ///   - documents: whose stored entries other than zero say which features occur in which documents.
    /// - Complexity: O(entries + Σ over documents of the squared numbers of words that they share with the lists); memory
    ///   O(features + words + pairs) a thread.
    init(of lists: [[Int]], in documents: CSRMatrix, parallelism: Parallelism) {
        precondition(lists.allSatisfy { $0.count <= UInt16.bitWidth }, "a list has more than \(UInt16.bitWidth) words")
        documentCount = documents.rowCount
        self.lists = lists
        let index = ListIndex(of: lists, columnCount: documents.columnCount)
        slots = index.slots
        let workers = (0..<parallelism.threads).map { _ in OccurrenceCounter(index, lists: lists.count) }
        documents.withUnsafeView { view in
            // Sums of whole numbers are the same in any order.
            parallelism.forEachRange(of: view.rowCount, blockSize: 256) { rows, worker in
                for row in rows { workers[worker].count(view, row) }
            }
        }
        counts = workers.dropFirst().reduce(into: workers[0].counts) { $0.add($1.counts) }
    }

    /// How many documents hold both words at two places of a list; of one place twice, how many hold the word.
    func count(ofList list: Int, _ i: Int, _ j: Int) -> Int {
        if i == j { return slots[lists[list][i]].map { counts.words[$0] } ?? 0 }
        return counts.pairs[list * Counts.pairsPerList + Counts.pair(min(i, j), max(i, j))]
    }
}

/// On which lists each word stands, and where.
private struct ListIndex {
    struct Place {
        let list: Int
        let position: Int
    }

    /// The numbers of the distinct words.
    let slots: [Int: Int]
    /// Of each feature, or `none`.
    let slotOfFeature: [UInt32]
    /// Those of a word after those of the words before it.
    let places: [Place]
    /// Where the places of each word begin, and where the last ones end.
    let offsets: [Int]

    static let none = UInt32.max

    init(of lists: [[Int]], columnCount: Int) {
        var slots: [Int: Int] = [:]
        var slotOfFeature = [UInt32](repeating: Self.none, count: columnCount)
        var places: [[Place]] = []
        for (list, words) in lists.enumerated() {
            for (position, word) in words.enumerated() {
                if slots[word] == nil {
                    slots[word] = places.count
                    slotOfFeature[word] = UInt32(places.count)
                    places.append([])
                }
                places[Int(slotOfFeature[word])].append(Place(list: list, position: position))
            }
        }
        (self.slots, self.slotOfFeature) = (slots, slotOfFeature)
        self.places = Array(places.joined())
        offsets = places.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
    }
}

private struct Counts {
    /// Of each distinct word.
    var words: [Int]
    /// Of each pair of each list, `pairsPerList` to a list.
    var pairs: [Int]

    static let pairsPerList = UInt16.bitWidth * (UInt16.bitWidth - 1) / 2

    /// - Precondition: i < j.
    static func pair(_ i: Int, _ j: Int) -> Int { j * (j - 1) / 2 + i }

    mutating func add(_ other: Counts) {
        for i in words.indices { words[i] += other.words[i] }
        for i in pairs.indices { pairs[i] += other.pairs[i] }
    }
}

/// The counts of some documents, and what one of them holds.
private final class OccurrenceCounter: @unchecked Sendable {
    private(set) var counts: Counts
    private let index: ListIndex
    /// Of each list, which places the document holds.
    private var held: [UInt16]
    /// The lists of which it holds anything.
    private var touched: [Int] = []

    init(_ index: ListIndex, lists: Int) {
        self.index = index
        counts = Counts(
            words: Array(repeating: 0, count: index.slots.count),
            pairs: Array(repeating: 0, count: lists * Counts.pairsPerList))
        held = Array(repeating: 0, count: lists)
    }

    func count(_ view: CSRView, _ row: Int) {
        for entry in view.entries(ofRow: row) where view.values[entry] != 0 {
            let number = index.slotOfFeature[Int(view.columnIndices[entry])]
            if number == ListIndex.none { continue }
            let slot = Int(number)
            counts.words[slot] += 1
            for i in index.offsets[slot]..<index.offsets[slot + 1] {
                let place = index.places[i]
                if held[place.list] == 0 { touched.append(place.list) }
                held[place.list] |= 1 << UInt16(place.position)
            }
        }
        for list in touched { countPairs(of: list) }
        touched.removeAll(keepingCapacity: true)
    }

    private func countPairs(of list: Int) {
        var upper = held[list]
        held[list] = 0
        while upper != 0 {
            let j = UInt16.bitWidth - 1 - upper.leadingZeroBitCount
            upper &= ~(1 << UInt16(j))
            var lower = upper
            while lower != 0 {
                counts.pairs[list * Counts.pairsPerList + Counts.pair(lower.trailingZeroBitCount, j)] += 1
                lower &= lower - 1
            }
        }
    }
}

/// The counts of some documents: the features of each, in the order of their first appearance in it.
struct CountedDocuments: Sendable {
    /// Where each document's entries end.
    var rowEnds: [Int] = []
    /// Numbers in the shared vocabulary.
    var features: [UInt32] = []
    var counts: [UInt32] = []
}

/// Counts the features of documents, for one thread at a time.
///
/// With a given vocabulary, all counters share it and nothing is added. Otherwise each counter has a vocabulary of its
/// own, so that threads don't meet, and learns from time to time which numbers the shared one gave to its features.
final class DocumentCounter {
    let workspace: TextWorkspace
    private(set) var outOfVocabulary = 0
    private let analyzer: TextAnalyzer
    private let isFixed: Bool
    private let vocabulary: TokenTable
    /// What the features of the own vocabulary are called in the shared one.
    private let sharedNumbers = GrowingBuffer<UInt32>()
    /// Where the last entry of each feature stands; no block has 2³² entries.
    private let lastEntries = GrowingBuffer<UInt32>()
    private let rowEnds = GrowingBuffer<Int>()
    private let features = GrowingBuffer<UInt32>()
    private let counts = GrowingBuffer<UInt32>()
    /// Beyond this many features the own vocabulary begins anew: the shared one has them all.
    private static let mostFeatures = 1 << 18

    /// - Parameter fixed: the vocabulary to count with, nil to learn one.
    init(_ analyzer: TextAnalyzer, fixed: TokenTable?) {
        self.analyzer = analyzer
        workspace = TextWorkspace(analyzer.options)
        isFixed = fixed != nil
        vocabulary = fixed ?? TokenTable()
    }

    /// Adds a row.
    func count(_ text: UnsafeBufferPointer<UInt8>) {
        let rowStart = features.count
        if isFixed {
            extendLastEntries()
            analyzer.forEachFeature(in: text, workspace: workspace) { feature in
                if let number = vocabulary.find(feature) {
                    add(number, rowStart: rowStart)
                } else {
                    outOfVocabulary &+= 1
                }
            }
        } else {
            analyzer.forEachFeature(in: text, workspace: workspace) { feature in
                let number = vocabulary.insert(feature)
                if Int(number) == lastEntries.count { lastEntries.append(.max) }
                add(number, rowStart: rowStart)
            }
        }
        rowEnds.append(features.count)
    }

    @inline(__always)
    private func add(_ number: UInt32, rowStart: Int) {
        let last = Int(lastEntries.start[Int(number)])
        if last >= rowStart, last < features.count, features.start[last] == number {
            counts.start[last] &+= 1
            return
        }
        lastEntries.start[Int(number)] = UInt32(truncatingIfNeeded: features.count)
        features.append(number)
        counts.append(1)
    }

    /// Lets the shared vocabulary number what is new; one counter after the other.
    func share(with shared: TokenTable) {
        for number in sharedNumbers.count..<max(vocabulary.count, sharedNumbers.count) {
            sharedNumbers.append(shared.insert(vocabulary[UInt32(number)]))
        }
    }

    /// Hands out the rows, still under the own numbers.
    func takeRows() -> CountedDocuments {
        let rows = CountedDocuments(
            rowEnds: Array(rowEnds.elements), features: Array(features.elements), counts: Array(counts.elements))
        rowEnds.removeAll()
        features.removeAll()
        counts.removeAll()
        return rows
    }

    /// Gives rows that were taken the numbers of the shared vocabulary.
    func renumber(_ rows: inout CountedDocuments) {
        if isFixed { return }
        for entry in rows.features.indices { rows.features[entry] = sharedNumbers.start[Int(rows.features[entry])] }
    }

    /// Begins the own vocabulary anew if it has grown large, once all rows are renumbered.
    func forgetMany() {
        if isFixed || vocabulary.count <= Self.mostFeatures { return }
        vocabulary.removeAll()
        sharedNumbers.removeAll()
        lastEntries.removeAll()
    }

    private func extendLastEntries() {
        while lastEntries.count < vocabulary.count { lastEntries.append(.max) }
    }
}

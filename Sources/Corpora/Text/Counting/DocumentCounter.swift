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
    /// The last entry of each feature; 0 for none.
    private let lastEntries = GrowingBuffer<UInt32>()
    /// The numbers of the first entry that was not handed out yet, and of the current row's first.
    private var firstEntry: UInt32 = 1
    private var rowStart: UInt32 = 1
    /// Entries are numbered anew beyond this; no block has 2³¹ of them.
    private static let lastFirstEntry: UInt32 = 1 << 31
    /// Features that were found but not looked up yet.
    private let pending = GrowingBuffer<Pending>(capacity: mostPending)
    private static let mostPending = 64
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
        if let fixed { for _ in 0..<fixed.count { lastEntries.append(0) } }
    }

    private struct Pending {
        let feature: UnsafeBufferPointer<UInt8>
        let key: TokenKey
    }

    /// Adds a row.
    func count(_ text: UnsafeBufferPointer<UInt8>) {
        // What the analyzer hands out must not be gone before it is counted.
        let mostPending = analyzer.featuresLast ? Self.mostPending : 1
        let areWords = analyzer.featuresArePadded
        rowStart = firstEntry &+ UInt32(truncatingIfNeeded: features.count)
        analyzer.forEachFeature(in: text, workspace: workspace) { feature in
            let key = areWords ? vocabulary.key(ofPadded: feature) : vocabulary.key(of: feature)
            vocabulary.prefetch(key)
            pending.append(Pending(feature: feature, key: key))
            if pending.count == mostPending { countPending() }
        }
        countPending()
        rowEnds.append(features.count)
    }

    /// Counts the features that wait for their slots to come from memory.
    private func countPending() {
        features.reserve(pending.count + 1)
        counts.reserve(pending.count + 1)
        if isFixed {
            for pending in pending.elements {
                if let number = vocabulary.find(pending.feature, key: pending.key) {
                    add(number)
                } else {
                    outOfVocabulary &+= 1
                }
            }
        } else {
            for pending in pending.elements {
                let number = vocabulary.insert(pending.feature, key: pending.key)
                if Int(number) == lastEntries.count { lastEntries.append(0) }
                add(number)
            }
        }
        pending.removeAll()
    }

    /// Counts a feature of the current row, without a branch on whether it is the first of its kind there.
    @inline(__always)
    private func add(_ number: UInt32) {
        let next = features.count
        let last = lastEntries.start[Int(number)]
        let isNew = last < rowStart
        let entry = isNew ? next : Int(last &- firstEntry)
        counts.start[next] = 0
        counts.start[entry] &+= 1
        features.start[entry] = number
        lastEntries.start[Int(number)] = firstEntry &+ UInt32(truncatingIfNeeded: entry)
        features.take(isNew ? 1 : 0)
        counts.take(isNew ? 1 : 0)
    }

    /// Lets the shared vocabulary number what is new; one counter after the other.
    func share(with shared: TokenTable) {
        shared.insert(from: sharedNumbers.count, of: vocabulary) { sharedNumbers.append($0) }
    }

    /// Hands out the rows, still under the own numbers.
    func takeRows() -> CountedDocuments {
        let rows = CountedDocuments(
            rowEnds: Array(rowEnds.elements), features: Array(features.elements), counts: Array(counts.elements))
        rowEnds.removeAll()
        firstEntry &+= UInt32(truncatingIfNeeded: features.count)
        if firstEntry > Self.lastFirstEntry {
            firstEntry = 1
            for number in 0..<lastEntries.count { lastEntries.start[number] = 0 }
        }
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
}

/// The counts of some documents: the features of each document, in the order of their first appearance in it.
struct CountedDocuments: Sendable {
    /// The end of each document's entries.
    var rowEnds: [Int] = []
    /// The feature numbers, in the shared vocabulary once renumbered.
    var features: [UInt32] = []
    var counts: [UInt32] = []
}

/// Counts the features of documents; used by one thread at a time.
///
/// A given vocabulary is shared by all counters, and nothing is added to it. Otherwise each counter has a separate
/// vocabulary, so that threads do not contend, and its features are numbered by the shared vocabulary from time to
/// time.
final class DocumentCounter {
    let workspace: TextWorkspace
    private(set) var outOfVocabulary = 0
    private let analyzer: TextAnalyzer
    private let isFixed: Bool
    private let vocabulary: TokenTable
    /// The shared vocabulary's number of each feature in the own vocabulary.
    private let sharedNumbers = GrowingBuffer<UInt32>()
    /// The number of the last entry of each feature; 0 for none.
    private let lastEntries = GrowingBuffer<UInt32>()
    /// The number of the first entry that has not been returned yet, and that of the current row's first entry.
    private var firstEntry: UInt32 = 1
    private var rowStart: UInt32 = 1
    /// Entries are renumbered from 1 beyond this number; no block has 2³¹ of them.
    private static let lastFirstEntry: UInt32 = 1 << 31
    /// Features that have been found but not looked up yet.
    private let pending = GrowingBuffer<Pending>(capacity: mostPending)
    private static let mostPending = 64
    private let rowEnds = GrowingBuffer<Int>()
    private let features = GrowingBuffer<UInt32>()
    private let counts = GrowingBuffer<UInt32>()
    /// The maximum number of features before the own vocabulary is cleared; the shared one has all of them.
    private static let mostFeatures = 1 << 18

    /// - Parameter fixed: the vocabulary to count with; nil to build one.
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
        // A feature that is valid within one call only must be counted at once.
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

    /// Counts the pending features, whose slots have been prefetched.
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

    /// Counts a feature of the current row, without a branch on whether it is new in the row.
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

    /// The own vocabulary, by which rows are numbered that are not renumbered.
    var words: TokenTable { vocabulary }

    /// Adds new features to the shared vocabulary; counters must do this one after another.
    func share(with shared: TokenTable) {
        shared.insert(from: sharedNumbers.count, of: vocabulary) { sharedNumbers.append($0) }
    }

    /// Returns the rows, still with the numbers of the own vocabulary.
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

    /// Converts the feature numbers of returned rows to those of the shared vocabulary.
    func renumber(_ rows: inout CountedDocuments) {
        if isFixed { return }
        for entry in rows.features.indices { rows.features[entry] = sharedNumbers.start[Int(rows.features[entry])] }
    }

    /// Clears the own vocabulary if it has grown large, after all rows have been renumbered.
    func forgetMany() {
        if !isFixed, vocabulary.count > Self.mostFeatures { forget() }
    }

    /// Clears the own vocabulary, which must not be a given one, after all rows have been renumbered.
    func forget() {
        vocabulary.removeAll()
        sharedNumbers.removeAll()
        lastEntries.removeAll()
    }
}

import SparseMatrices

/// What the pass over the corpus counts of one unit.
struct UnitTally {
    private(set) var histogram = ActivationHistogram()
    /// The largest activity; 0 if none is above.
    private(set) var largest: Float = 0
    /// Σ of the activity above zero.
    private(set) var total = 0.0
    /// The part of the total that falls on documents of each label.
    private(set) var totalOfLabels: [Double]
    /// Rows by activity.
    private(set) var leaders: TopEntries

    init(labels: Int, documents: Int) {
        totalOfLabels = Array(repeating: 0, count: labels)
        leaders = TopEntries(count: documents)
    }

    /// - Parameters:
    ///   - codes: the unit's activity in the first row, and `stride` numbers further in the next.
    ///   - firstRow: the number of the first row in the corpus.
    mutating func add(_ codes: UnsafePointer<Float>, stride: Int, firstRow: Int, labels: BlockLabels) {
        for i in 0..<labels.rowCount {
            let activity = codes[i * stride]
            histogram.add(activity)
            guard activity > 0, activity.isFinite else { continue }
            largest = max(largest, activity)
            total += Double(activity)
            for label in labels[i] { totalOfLabels[label] += Double(activity) }
            leaders.add(firstRow + i, Double(activity))
        }
    }

    /// As many labels as there are now; new ones have had no activity yet.
    mutating func extend(toLabels count: Int) {
        totalOfLabels += repeatElement(0, count: count - totalOfLabels.count)
    }
}

/// The numbers of the labels of a block of rows.
struct BlockLabels {
    private var ends: [Int] = []
    private var labels: [Int] = []

    mutating func append(_ row: some Sequence<Int>) {
        labels.append(contentsOf: row)
        ends.append(labels.count)
    }

    var rowCount: Int { ends.count }

    subscript(row: Int) -> ArraySlice<Int> { labels[(row == 0 ? 0 : ends[row - 1])..<ends[row]] }
}

/// The distinct labels of a corpus by their numbers, in the order of their first appearance, and how many documents
/// have each. Only the first `most` are told apart.
struct LabelTally {
    private(set) var names: [String] = []
    private(set) var documents: [Int] = []
    private var numbers: [String: Int] = [:]
    private static let most = 1000

    /// - Returns: nil for a label that is not told apart.
    mutating func number(_ name: String) -> Int? {
        if let number = numbers[name] {
            documents[number] += 1
            return number
        }
        if names.count == Self.most { return nil }
        numbers[name] = names.count
        names.append(name)
        documents.append(1)
        return names.count - 1
    }
}

import SparseMatrices

/// The order in which an epoch visits rows.
///
/// Of a corpus with less than a gibibyte of entries it is any order, each as likely. A larger one may not fit into
/// memory, and rows picked from all over it would each cost a page read from the disk; so it is cut into runs of
/// neighbouring rows, the runs are shuffled, and rows are shuffled within windows of many runs: at any time an epoch
/// works on the rows of one window, which comes from all over the corpus.
struct RowOrder {
    private(set) var rows: [Int]
    /// Runs of neighbouring rows, as ranges of `sorted`; one if the order is any.
    private let runs: [Range<Int>]
    private let sorted: [Int]

    /// - Parameters:
    ///   - rows: ascending.
    ///   - runEntries: how many entries a run has, about; 2²⁰ are 8 MiB, long enough to be read at a disk's full pace.
    init(
        _ rows: [Int], of matrix: WeightedRows, anyOrderBelow limit: Int = 1 << 27, runEntries: Int = 1 << 20
    ) {
        self.rows = rows
        guard matrix.entryCount >= limit else {
            (runs, sorted) = ([], [])
            return
        }
        sorted = rows
        var runs: [Range<Int>] = []
        var (start, entries) = (0, 0)
        for place in rows.indices {
            entries += matrix.entryCount(ofRow: rows[place])
            if entries >= runEntries || place == rows.count - 1 {
                runs.append(start..<place + 1)
                (start, entries) = (place + 1, 0)
            }
        }
        self.runs = runs
    }

    /// Half a gibibyte of entries in runs of the usual length.
    private static let runsPerWindow = 64

    /// A new order.
    ///
    /// - Complexity: O(rows).
    mutating func shuffle(using generator: inout RandomGenerator) {
        if runs.isEmpty { return rows.shuffle(using: &generator) }
        rows.removeAll(keepingCapacity: true)
        let shuffled = runs.shuffled(using: &generator)
        for window in stride(from: 0, to: shuffled.count, by: Self.runsPerWindow) {
            let start = rows.count
            for run in shuffled[window...].prefix(Self.runsPerWindow) { rows.append(contentsOf: sorted[run]) }
            rows[start...].shuffle(using: &generator)
        }
    }
}

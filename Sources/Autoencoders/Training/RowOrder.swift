import SparseMatrices

/// The order in which an epoch visits rows.
///
/// Of a corpus with less than a gibibyte of entries it is any order, each as likely. A larger one may not fit into
/// memory, and rows picked from all over it would each cost a page read from the disk; so it is cut into runs of
/// neighbouring rows, the runs are shuffled, and rows are shuffled within windows of many runs: at any time an epoch
/// works on the rows of one window, which comes from all over the corpus.
struct RowOrder {
    private(set) var rows: [Int]
    private let matrix: CSRMatrix
    /// Where windows start in `rows`, and the rows of the matrix that their runs span.
    private var windows: [(start: Int, spans: [Range<Int>])] = []
    /// How many windows have been asked for.
    private var fetched = 0
    /// Runs of neighbouring rows, as ranges of `sorted`; one if the order is any.
    private let runs: [Range<Int>]
    private let sorted: [Int]

    /// - Parameters:
    ///   - rows: ascending.
    ///   - runEntries: how many entries a run has, about; 2¹⁸ are 2 MiB, long enough to be read at a disk's full pace.
    init(
        _ rows: [Int], of matrix: WeightedRows, anyOrderBelow limit: Int = 1 << 27, runEntries: Int = 1 << 18
    ) {
        self.rows = rows
        self.matrix = matrix.matrix
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

    /// 128 MiB of entries in runs of the usual length.
    private static let runsPerWindow = 64

    /// Whether rows are visited window by window.
    var isWindowed: Bool { !runs.isEmpty }

    /// A new order.
    ///
    /// - Complexity: O(rows).
    mutating func shuffle(using generator: inout RandomGenerator) {
        if !isWindowed { return rows.shuffle(using: &generator) }
        rows.removeAll(keepingCapacity: true)
        windows.removeAll(keepingCapacity: true)
        fetched = 0
        let shuffled = runs.shuffled(using: &generator)
        for window in stride(from: 0, to: shuffled.count, by: Self.runsPerWindow) {
            let start = rows.count
            let runs = shuffled[window...].prefix(Self.runsPerWindow)
            for run in runs { rows.append(contentsOf: sorted[run]) }
            windows.append((start, runs.map { sorted[$0.lowerBound]..<sorted[$0.upperBound - 1] + 1 }))
            rows[start...].shuffle(using: &generator)
        }
    }

    /// Asks for the memory of the window that holds the row at `place`, and of the one after it, if that has not been
    /// done: while an epoch works on one, the system reads the other.
    mutating func fetch(around place: Int) {
        while fetched < windows.count, fetched == 0 || windows[fetched - 1].start <= place {
            for span in windows[fetched].spans { matrix.fetch(rows: span) }
            fetched += 1
        }
    }
}

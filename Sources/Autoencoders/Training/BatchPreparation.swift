import Dispatch
import SparseMatrices

/// The order in which an epoch visits rows.
///
/// For a corpus with less than a gibibyte of entries the order is a uniformly random permutation. A larger corpus may
/// not fit into memory, and each randomly picked row would cost a disk access; so it is divided into runs of adjacent
/// rows, the runs are shuffled, and rows are shuffled within windows of many runs: at any time an epoch uses the rows
/// of one window, which come from all parts of the corpus.
struct RowOrder {
    private(set) var rows: [Int]
    private let matrix: CSRMatrix
    /// The start of each window in `rows`, and its runs.
    private var windows: [(start: Int, runs: ArraySlice<Int>)] = []
    /// The number of windows that have been fetched.
    private var fetched = 0
    /// Runs of adjacent rows, as ranges of `sorted`; a single run if the order is a random permutation.
    private let runs: [Range<Int>]
    /// The order in which the windows have the runs.
    private var runOrder: [Int] = []
    private let sorted: [Int]

    /// - Parameters:
    ///   - rows: the rows in ascending order.
    ///   - runEntries: the approximate number of entries in a run; 2¹⁸ are 2 MiB, long enough to be read at full disk
    ///     speed.
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
        runOrder = Array(runs.indices)
    }

    /// A window has 128 MiB of entries in runs of the default length.
    private static let runsPerWindow = 64

    /// Whether rows are visited window by window.
    var isWindowed: Bool { !runs.isEmpty }

    /// Creates a new order.
    ///
    /// - Complexity: O(rows).
    mutating func shuffle(using generator: inout RandomGenerator) {
        if !isWindowed { return rows.shuffle(using: &generator) }
        rows.removeAll(keepingCapacity: true)
        runOrder = Array(runs.indices).shuffled(using: &generator)
        formWindows()
        for window in windows {
            let start = rows.count
            for run in window.runs { rows.append(contentsOf: sorted[runs[run]]) }
            rows[start...].shuffle(using: &generator)
        }
    }

    private mutating func formWindows() {
        windows.removeAll(keepingCapacity: true)
        fetched = 0
        var start = 0
        for window in stride(from: 0, to: runOrder.count, by: Self.runsPerWindow) {
            let members = runOrder[window...].prefix(Self.runsPerWindow)
            windows.append((start, members))
            start += members.reduce(0) { $0 + runs[$1].count }
        }
    }

    /// Asks the system to read the window that contains the row at `place` and the one after it, unless this has been
    /// done: while an epoch uses one window, the system reads the next.
    mutating func fetch(around place: Int) {
        while fetched < windows.count, fetched == 0 || windows[fetched - 1].start <= place {
            for run in windows[fetched].runs {
                matrix.fetch(rows: sorted[runs[run].lowerBound]..<sorted[runs[run].upperBound - 1] + 1)
            }
            fetched += 1
        }
    }
}

extension RowOrder: SavedState {
    mutating func visit(_ walk: StateWalk) {
        // A new order has the rows as they come.
        let (ownRows, ownRuns) = (rows, runOrder)
        walk.part("rows", &rows)
        walk.part("runs", &runOrder)
        guard walk.isFilling else { return }
        let isOrder =
            walk.require(rows.sorted() == ownRows.sorted(), "rows", is: "each of the training rows once")
            && walk.require(runOrder.sorted() == ownRuns.sorted(), "runs", is: "each run of rows once")
        if !isOrder { (rows, runOrder) = (ownRows, ownRuns) }
        formWindows()
    }
}

/// Loads the batch of the next step on a separate thread during the current step.
///
/// Loading depends only on the data and the corruption, not on the model, so its timing does not affect the result.
final class BatchPreparation: @unchecked Sendable {
    /// The data that batches are loaded from.
    struct Source: Sendable {
        var targets: WeightedRows
        /// The encoder's inputs, if they differ from the targets.
        let inputs: WeightedRows?
        let scale: Float

        func load(_ rows: ArraySlice<Int>, corruption: Corruption?, into batch: inout SparseBatch) {
            batch.load(rows, of: targets, inputs: inputs, corruption: corruption, scale: scale)
        }
    }

    /// Owned by the loading thread until the group is empty.
    private var batch: SparseBatch
    private var job: (rows: ArraySlice<Int>, corruption: Corruption?)?
    private let loading = DispatchGroup()

    init(columnCount: Int) { batch = SparseBatch(columnCount: columnCount) }

    /// Loads rows, unless they have been loaded, and starts loading the next ones.
    ///
    /// - Parameter next: empty to load nothing ahead.
    func load(
        _ rows: ArraySlice<Int>, next: ArraySlice<Int>, corruption: Corruption?, from source: Source,
        into batch: inout SparseBatch
    ) {
        if !take(rows, corruption: corruption, into: &batch) {
            source.load(rows, corruption: corruption, into: &batch)
        }
        if !next.isEmpty { start(next, corruption: corruption, from: source) }
    }

    /// Starts loading; `take` gets the result.
    private func start(_ rows: ArraySlice<Int>, corruption: Corruption?, from source: Source) {
        loading.wait()
        job = (rows, corruption)
        DispatchQueue.global().async(group: loading) { [self] in
            source.load(rows, corruption: corruption, into: &batch)
        }
    }

    /// Waits for the batch being loaded.
    ///
    /// - Returns: whether the batch has these rows and this corruption; if so, it has been moved to `batch`.
    private func take(_ rows: ArraySlice<Int>, corruption: Corruption?, into batch: inout SparseBatch) -> Bool {
        loading.wait()
        defer { job = nil }
        guard let job, job.rows == rows, job.corruption == corruption else { return false }
        swap(&self.batch, &batch)
        return true
    }
}

/// Masking noise on the inputs of a denoising autoencoder (Vincent et al., "Extracting and Composing Robust Features
/// with Denoising Autoencoders", ICML 2008): each stored entry is dropped with the same probability, and the others are
/// rescaled so that the expected input stays the same.
package struct Corruption: Sendable, Equatable {
    /// The probability of dropping an entry; in [0, 1).
    package let probability: Float
    private let seed: UInt64
    private let epoch: Int

    package init(probability: Float, seed: UInt64, epoch: Int) {
        precondition((0..<1).contains(probability), "a dropping probability of \(probability) is not in [0, 1)")
        self.probability = probability
        self.seed = seed
        self.epoch = epoch
    }

    /// The factor of the kept entries.
    var scale: Float { 1 / (1 - probability) }

    func generator(forRow row: Int) -> RandomGenerator {
        RandomGenerator(seed: seed, stream: 0x636f_7272, UInt64(epoch), UInt64(row))
    }

    @inline(__always)
    func keeps(_ generator: inout RandomGenerator) -> Bool { generator.nextUniform() >= probability }
}

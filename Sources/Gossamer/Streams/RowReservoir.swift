import Autoencoders
import SparseMatrices

/// A random sample of rows that arrive one after another, of at most a given number: those with the smallest keys, which
/// depend on the seed and the rows' numbers alone (Efraimidis & Spirakis, "Weighted random sampling with a reservoir",
/// 2006, with equal weights).
struct RowReservoir {
    struct Row {
        fileprivate let key: UInt64
        /// From the first of all rows.
        let number: Int
        let columns: [UInt32]
        let values: [Float]
    }

    private(set) var rows: [Row] = []
    private let mostRows: Int
    private let seed: UInt64
    private let stream: UInt64
    /// Rows with keys above this one are not kept.
    private var mostKey: UInt64

    /// - Parameter share: of all rows that can be kept, in (0, 1].
    init(mostRows: Int, share: Double = 1, seed: UInt64, stream: UInt64) {
        (self.mostRows, self.seed, self.stream) = (mostRows, seed, stream)
        mostKey = share < 1 ? UInt64(share * 0x1p64) : .max
        if mostRows == 0 { mostKey = 0 }
    }

    /// Whether a row is kept until `trim`.
    mutating func add(_ number: Int, _ row: Int, of matrix: CSRMatrix) -> Bool {
        var generator = RandomGenerator(seed: seed, stream: stream, UInt64(number))
        let key: UInt64 = generator.next()
        guard key < mostKey else { return false }
        let (columns, values) = matrix.row(row)
        rows.append(Row(key: key, number: number, columns: columns, values: values))
        return true
    }

    /// Removes the rows with the largest keys until there are few enough.
    ///
    /// - Returns: the removed rows, in the order of their numbers.
    mutating func trim() -> [Row] {
        guard rows.count > mostRows else { return [] }
        rows.sort { ($0.key, $0.number) < ($1.key, $1.number) }
        let removed = rows[mostRows...].sorted { $0.number < $1.number }
        rows.removeLast(removed.count)
        mostKey = rows.last?.key ?? 0
        return removed
    }

    /// In the order of their numbers.
    var ordered: [Row] { rows.sorted { $0.number < $1.number } }
}

extension CSRMatrix {
    /// Rows of a matrix, then others.
    ///
    /// - Complexity: O(rows + entries).
    init(_ selection: [Int], of matrix: CSRMatrix, and others: [RowReservoir.Row]) {
        let counts = selection.map(matrix.entryCount) + others.map(\.columns.count)
        let offsets = AlignedBuffer<Int>(uninitialized: counts.count + 1)
        offsets.baseAddress[0] = 0
        for (row, count) in counts.enumerated() { offsets.baseAddress[row + 1] = offsets.baseAddress[row] + count }
        let total = offsets.baseAddress[counts.count]
        let columns = AlignedBuffer<UInt32>(uninitialized: total), values = AlignedBuffer<Float>(uninitialized: total)
        matrix.withUnsafeView { view in
            for (place, row) in selection.enumerated() {
                let entries = view.entries(ofRow: row)
                _ = UnsafeMutableBufferPointer(rebasing: columns.elements[offsets.baseAddress[place]...])
                    .update(fromContentsOf: view.columnIndices[entries])
                _ = UnsafeMutableBufferPointer(rebasing: values.elements[offsets.baseAddress[place]...])
                    .update(fromContentsOf: view.values[entries])
            }
        }
        for (place, row) in others.enumerated() {
            let start = offsets.baseAddress[selection.count + place]
            for (i, column) in row.columns.enumerated() {
                columns.baseAddress[start + i] = column
                values.baseAddress[start + i] = row.values[i]
            }
        }
        self.init(
            validRowCount: counts.count, columnCount: matrix.columnCount, rowOffsets: offsets, columnIndices: columns,
            values: values)
    }
}

import CGossamerInterface
import SparseMatrices

/// Arrays of the caller, which are given back when nothing reads them any more.
final class CallerMemory: @unchecked Sendable {
    private let release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
    private let context: UnsafeMutableRawPointer?

    /// How many numbers an array may have: no more fit into the addresses that a process has.
    static let possibleCounts: ClosedRange<Int64> = 0...1 << 44

    init(_ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ context: UnsafeMutableRawPointer?) {
        self.release = release
        self.context = context
    }

    deinit { release?(context) }
}

extension CSRMatrix {
    /// The caller's matrix: read in place if the engine can, otherwise converted.
    ///
    /// - Throws: `UsageError` for types and NULLs, `ArrayError` or `SparseMatrixError` for wrong contents.
    /// - Complexity: O(rows + entries), and a sort of rows whose columns are in no order.
    init(_ given: gossamer_matrix, _ memory: CallerMemory) throws {
        let arrays = try GivenArrays(given)
        if let matrix = try arrays.inPlace(memory) {
            self = matrix
        } else {
            self = try arrays.converted()
        }
    }
}

/// A matrix of the caller whose offsets have been checked.
private struct GivenArrays {
    let rowCount: Int
    let columnCount: Int
    let entryCount: Int
    private let matrix: gossamer_matrix
    private let offsets: Offsets

    private enum Offsets {
        case wide(UnsafeBufferPointer<Int>)
        case narrow(UnsafeBufferPointer<Int32>)

        subscript(row: Int) -> Int {
            switch self {
            case .wide(let offsets): offsets[row]
            case .narrow(let offsets): Int(offsets[row])
            }
        }
    }

    init(_ matrix: gossamer_matrix) throws {
        guard CallerMemory.possibleCounts.contains(matrix.rows), (0...Int64(Int32.max)).contains(matrix.columns) else {
            let most = CallerMemory.possibleCounts.upperBound
            throw ArrayError(
                "found \(matrix.rows) × \(matrix.columns); expected at most \(most) × \(Int32.max), and no negative number"
            )
        }
        guard let indptr = matrix.indptr else { throw UsageError("indptr is NULL; expected an array") }
        self.matrix = matrix
        (rowCount, columnCount) = (Int(matrix.rows), Int(matrix.columns))
        offsets =
            switch matrix.indptr_type {
            case 1:
                .narrow(.init(start: indptr.assumingMemoryBound(to: Int32.self), count: rowCount + 1))
            case 2: .wide(.init(start: indptr.assumingMemoryBound(to: Int.self), count: rowCount + 1))
            default: throw UsageError("indptr has the type \(matrix.indptr_type); expected int32 or int64")
            }
        guard offsets[0] == 0 else { throw ArrayError("indptr starts with \(offsets[0]); expected 0") }
        for row in 0..<rowCount where offsets[row] > offsets[row + 1] {
            throw ArrayError("indptr falls after row \(row); expected offsets that never fall")
        }
        entryCount = offsets[rowCount]
        guard entryCount == 0 || matrix.indices != nil && matrix.data != nil else {
            throw UsageError("indices or data are NULL; expected arrays")
        }
        guard [1, 2, 3].contains(matrix.indices_type) else {
            throw UsageError("indices have the type \(matrix.indices_type); expected int32, uint32 or int64")
        }
        guard [4, 5].contains(matrix.data_type) else {
            throw UsageError("data have the type \(matrix.data_type); expected float32 or float64")
        }
    }

    /// The matrix in the caller's memory; nil if its arrays are not as the engine has them.
    func inPlace(_ memory: CallerMemory) throws -> CSRMatrix? {
        guard matrix.indices_type != 2, matrix.data_type == 4, entryCount > 0, let indices = matrix.indices,
            let data = matrix.data
        else { return nil }
        // An int32 from 0 has the bits of the same uint32; one below 0 is beyond all columns.
        let columns = UnsafeBufferPointer(start: indices.assumingMemoryBound(to: UInt32.self), count: entryCount)
        let values = UnsafeBufferPointer(start: data.assumingMemoryBound(to: Float.self), count: entryCount)
        guard !values.contains(0) else { return nil }
        do {
            // The offsets are copied, so they may be made here.
            let matrix = try (0...rowCount).map { offsets[$0] }.withUnsafeBufferPointer { offsets in
                try CSRMatrix(
                    rowCount: rowCount, columnCount: columnCount, rowOffsets: offsets, columnIndices: columns,
                    values: values, validatingEntriesLaterOf: memory)
            }
            try matrix.validateEntries()
            return matrix
        } catch SparseMatrixError.unsortedColumns {
            return nil
        }
    }

    /// A copy: columns in order, those named twice added, zeros left out.
    func converted() throws -> CSRMatrix {
        var rowOffsets = [0], columns: [UInt32] = [], values: [Float] = []
        rowOffsets.reserveCapacity(rowCount + 1)
        columns.reserveCapacity(entryCount)
        values.reserveCapacity(entryCount)
        var row: [(column: UInt32, value: Double)] = []
        for number in 0..<rowCount {
            row.removeAll(keepingCapacity: true)
            var isSorted = true
            for entry in offsets[number]..<offsets[number + 1] {
                let column = try column(entry, row: number)
                if let last = row.last, last.column >= column { isSorted = false }
                row.append((column, try value(entry, row: number, column: column)))
            }
            if !isSorted { row = Self.merged(row) }
            for (column, value) in row where value != 0 {
                let rounded = Float(value)
                guard rounded.isFinite else { throw SparseMatrixError.nonFiniteValue(row: number, column: column) }
                if rounded == 0 { continue }
                columns.append(column)
                values.append(rounded)
            }
            rowOffsets.append(columns.count)
        }
        return try CSRMatrix(
            rowCount: rowCount, columnCount: columnCount, rowOffsets: rowOffsets, columnIndices: columns,
            values: values)
    }

    private func column(_ entry: Int, row: Int) throws -> UInt32 {
        guard let indices = matrix.indices else { return 0 }
        let column =
            switch matrix.indices_type {
            case 1: Int(indices.assumingMemoryBound(to: Int32.self)[entry])
            case 2: indices.assumingMemoryBound(to: Int.self)[entry]
            default: Int(indices.assumingMemoryBound(to: UInt32.self)[entry])
            }
        guard (0..<columnCount).contains(column) else {
            throw ArrayError("row \(row) has column \(column), but there are only \(columnCount) columns")
        }
        return UInt32(column)
    }

    private func value(_ entry: Int, row: Int, column: UInt32) throws -> Double {
        guard let data = matrix.data else { return 0 }
        let value =
            matrix.data_type == 4
            ? Double(data.assumingMemoryBound(to: Float.self)[entry])
            : data.assumingMemoryBound(to: Double.self)[entry]
        guard value.isFinite else { throw SparseMatrixError.nonFiniteValue(row: row, column: column) }
        return value
    }

    /// The entries in the order of their columns, with those of one column added, in the order they came.
    private static func merged(_ row: [(column: UInt32, value: Double)]) -> [(column: UInt32, value: Double)] {
        var merged: [(column: UInt32, value: Double)] = []
        let order = row.indices.sorted { (row[$0].column, $0) < (row[$1].column, $1) }
        for i in order {
            if let last = merged.last, last.column == row[i].column {
                merged[merged.count - 1].value += row[i].value
            } else {
                merged.append(row[i])
            }
        }
        return merged
    }
}

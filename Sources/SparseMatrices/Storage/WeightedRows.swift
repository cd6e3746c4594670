/// The rows of a matrix with a weighting of their values that is applied whenever rows are read: the same values as a
/// weighted copy, without its memory. If the matrix is mapped from a file, hardly any memory is used.
package struct WeightedRows: Sendable {
    /// Replaces the values of one row, given its columns; there are as many values as columns, and values must stay
    /// finite.
    package typealias Weighting =
        @Sendable (_ columns: UnsafeBufferPointer<UInt32>, _ values: UnsafeMutableBufferPointer<Float>) -> Void

    /// Replaces the values of one row; their number must not change, and they must stay finite.
    package typealias ValueMap = @Sendable (UnsafeMutableBufferPointer<Float>) -> Void

    /// The stored matrix: before weighting, and with all its columns.
    package let matrix: CSRMatrix
    private let weighting: Weighting?
    private var occupied: OccupiedColumns?
    private var factors: [Float]?
    private var map: ValueMap?

    /// - Parameter weighting: nil leaves the values unchanged.
    package init(_ matrix: CSRMatrix, weighting: Weighting? = nil) {
        self.matrix = matrix
        self.weighting = weighting
    }

    /// The same rows with column v multiplied by factors[v] after the weighting.
    package func scalingColumns(by factors: [Float]) -> WeightedRows {
        precondition(
            factors.count == columnCount && map == nil, "\(factors.count) factors for \(columnCount) columns")
        var rows = self
        rows.factors = self.factors.map { zip($0, factors).map { $0 * $1 } } ?? factors
        return rows
    }

    /// The same rows with only those columns that have entries.
    package func keeping(_ occupied: OccupiedColumns) -> WeightedRows {
        precondition(factors == nil && occupied.numbers.count == matrix.columnCount, "columns of another matrix")
        var rows = self
        rows.occupied = occupied
        return rows
    }

    /// The same rows with a further map applied to their values; nil leaves them unchanged.
    package func mapping(_ next: ValueMap?) -> WeightedRows {
        guard let next else { return self }
        var rows = self
        if let first = map {
            rows.map = {
                first($0)
                next($0)
            }
        } else {
            rows.map = next
        }
        return rows
    }

    package var rowCount: Int { matrix.rowCount }
    package var columnCount: Int { occupied?.count ?? matrix.columnCount }
    package var entryCount: Int { matrix.entryCount }
    package func entryCount(ofRow row: Int) -> Int { matrix.entryCount(ofRow: row) }

    /// All rows, weighted; the matrix itself if there is no weighting, otherwise a copy.
    ///
    /// - Complexity: O(rows + entries).
    package func weighted() -> CSRMatrix {
        if weighting == nil && factors == nil && occupied == nil && map == nil { return matrix }
        let values = AlignedBuffer<Float>(uninitialized: entryCount)
        let columnIndices = occupied.map { _ in AlignedBuffer<UInt32>(uninitialized: entryCount) }
        matrix.withUnsafeView { view in
            forEachRow(in: 0..<rowCount) { row, columns, weighted in
                let start = view.rowOffsets[row]
                _ = values.elements[start...].update(fromContentsOf: weighted)
                if let columnIndices { _ = columnIndices.elements[start...].update(fromContentsOf: columns) }
            }
        }
        guard let columnIndices else { return matrix.replacingValues(with: values) }
        return matrix.replacing(columnCount: columnCount, columnIndices: columnIndices, values: values)
    }

    /// The given rows, in the given order, repeats allowed, weighted.
    ///
    /// - Complexity: O(rows + entries selected).
    package func rows(_ selection: some RandomAccessCollection<Int>) -> CSRMatrix {
        treatedAlike(matrix.rows(selection)).weighted()
    }

    /// The given rows, in the given order, weighted after the entries of other columns have been removed.
    ///
    /// - Parameter isKept: receives a column of `matrix`.
    /// - Complexity: O(rows + entries selected).
    package func rows(
        _ selection: some RandomAccessCollection<Int>, withColumnsWhere isKept: (_ column: Int) -> Bool
    ) -> CSRMatrix {
        treatedAlike(matrix.rows(selection).keepingEntries(inColumnsWhere: isKept)).weighted()
    }

    /// Other rows with the same columns and the same weighting.
    private func treatedAlike(_ matrix: CSRMatrix) -> WeightedRows {
        var rows = WeightedRows(matrix, weighting: weighting)
        (rows.occupied, rows.factors, rows.map) = (occupied, factors, map)
        return rows
    }

    /// Whether all weighted values have a property.
    ///
    /// - Complexity: O(rows + entries); stops at the first value without the property.
    package func valuesSatisfy(_ property: (Float) -> Bool) -> Bool {
        struct Exception: Error {}
        do {
            try forEachRow(in: 0..<rowCount) { _, _, values throws(Exception) in
                if !values.allSatisfy(property) { throw Exception() }
            }
            return true
        } catch {
            return false
        }
    }

    /// Calls `body` with each row's columns and weighted values, which are valid within the call only.
    package func forEachRow<E: Error>(
        in rows: some Sequence<Int>,
        _ body: (_ row: Int, UnsafeBufferPointer<UInt32>, UnsafeBufferPointer<Float>) throws(E) -> Void
    ) throws(E) {
        try matrix.withUnsafeView { view throws(E) in
            var (columns, values): ([UInt32], [Float]) = ([], [])
            for row in rows {
                columns.removeAll(keepingCapacity: true)
                values.removeAll(keepingCapacity: true)
                append(row: row, of: view, columns: &columns, values: &values)
                try columns.withUnsafeBufferPointer { columns throws(E) in
                    try values.withUnsafeBufferPointer { values throws(E) in try body(row, columns, values) }
                }
            }
        }
    }

    /// The number of the given rows that have an entry in each column.
    ///
    /// - Complexity: O(entries of the rows + columns).
    package func rowCountsOfColumns(in rows: [Int]) -> [Int] {
        let counts = matrix.rowCountsOfColumns(in: rows)
        guard let occupied else { return counts }
        var numbered = [Int](repeating: 0, count: columnCount)
        for (column, count) in counts.enumerated() where count > 0 { numbered[Int(occupied.numbers[column])] = count }
        return numbered
    }

    /// Appends one row's columns and weighted values.
    ///
    /// - Parameter view: a view of `matrix`.
    @inline(__always)
    package func append(row: Int, of view: CSRView, columns: inout [UInt32], values: inout [Float]) {
        let entries = view.entries(ofRow: row)
        let start = values.count
        columns.append(contentsOf: view.columnIndices[entries])
        values.append(contentsOf: view.values[entries])
        columns.withUnsafeMutableBufferPointer { columns in
            values.withUnsafeMutableBufferPointer { values in
                let columns = UnsafeMutableBufferPointer(rebasing: columns[start...])
                let values = UnsafeMutableBufferPointer(rebasing: values[start...])
                view.requireWithin(columns)
                weighting?(UnsafeBufferPointer(columns), values)
                occupied?.numbers.withUnsafeBufferPointer { numbers in
                    for i in columns.indices { columns[i] = numbers[Int(columns[i])] }
                }
                factors?.withUnsafeBufferPointer { factors in
                    for i in values.indices { values[i] *= factors[Int(columns[i])] }
                }
                map?(values)
            }
        }
    }
}

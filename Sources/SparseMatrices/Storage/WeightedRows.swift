/// The rows of a matrix under a weighting of their values that is applied whenever rows are looked at: what a weighted
/// copy would hold, without its memory. Where rows and columns of the matrix are mapped from a file, next to nothing of
/// a corpus is in memory then.
public struct WeightedRows: Sendable {
    /// Replaces the values of one row, given its columns; columns and values are equally many, and values stay finite.
    public typealias Weighting =
        @Sendable (_ columns: UnsafeBufferPointer<UInt32>, _ values: UnsafeMutableBufferPointer<Float>) -> Void

    /// Before weighting.
    public let matrix: CSRMatrix
    private let weighting: Weighting?

    /// - Parameter weighting: nil leaves the values as they are.
    public init(_ matrix: CSRMatrix, weighting: Weighting? = nil) {
        self.matrix = matrix
        self.weighting = weighting
    }

    /// The same rows with column v multiplied by factors[v] after the weighting.
    public func scalingColumns(by factors: [Float]) -> WeightedRows {
        precondition(factors.count == columnCount, "\(factors.count) factors for \(columnCount) columns")
        let weighting = weighting
        return WeightedRows(matrix) { columns, values in
            weighting?(columns, values)
            factors.withUnsafeBufferPointer { factors in
                for i in values.indices { values[i] *= factors[Int(columns[i])] }
            }
        }
    }

    public var rowCount: Int { matrix.rowCount }
    public var columnCount: Int { matrix.columnCount }
    public var entryCount: Int { matrix.entryCount }
    public func entryCount(ofRow row: Int) -> Int { matrix.entryCount(ofRow: row) }

    /// All rows, weighted; the matrix itself if there is nothing to weigh, else a copy of the values.
    ///
    /// - Complexity: O(rows + entries).
    public func weighted() -> CSRMatrix {
        guard let weighting else { return matrix }
        let values = AlignedBuffer<Float>(uninitialized: entryCount)
        matrix.withUnsafeView { view in
            _ = values.elements.update(from: view.values)
            for row in 0..<view.rowCount {
                let entries = view.entries(ofRow: row)
                weighting(
                    UnsafeBufferPointer(rebasing: view.columnIndices[entries]),
                    UnsafeMutableBufferPointer(rebasing: values.elements[entries]))
            }
        }
        return matrix.replacingValues(with: values)
    }

    /// The given rows, in the given order, repeats allowed, weighted.
    ///
    /// - Complexity: O(rows + entries selected).
    public func rows(_ selection: some RandomAccessCollection<Int>) -> CSRMatrix {
        WeightedRows(matrix.rows(selection), weighting: weighting).weighted()
    }

    /// Calls `body` with each row's columns and weighted values, which are valid within the call only.
    public func forEachRow<E: Error>(
        in rows: some Sequence<Int>,
        _ body: (_ row: Int, UnsafeBufferPointer<UInt32>, UnsafeBufferPointer<Float>) throws(E) -> Void
    ) throws(E) {
        try matrix.withUnsafeView { view throws(E) in
            var scratch: [Float] = []
            for row in rows {
                let columns = UnsafeBufferPointer(rebasing: view.columnIndices[view.entries(ofRow: row)])
                scratch.removeAll(keepingCapacity: true)
                append(row: row, of: view, to: &scratch)
                try scratch.withUnsafeBufferPointer { values throws(E) in try body(row, columns, values) }
            }
        }
    }

    /// Appends one row's weighted values.
    ///
    /// - Parameter view: of `matrix`.
    @inline(__always)
    package func append(row: Int, of view: CSRView, to values: inout [Float]) {
        let entries = view.entries(ofRow: row)
        let start = values.count
        values.append(contentsOf: view.values[entries])
        guard let weighting else { return }
        values.withUnsafeMutableBufferPointer { values in
            weighting(
                UnsafeBufferPointer(rebasing: view.columnIndices[entries]),
                UnsafeMutableBufferPointer(rebasing: values[start...]))
        }
    }
}

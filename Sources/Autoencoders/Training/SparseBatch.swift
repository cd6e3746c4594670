import SparseMatrices

/// A minibatch of sparse rows in the forms that a training step needs, all of them CSR, and none with a size that
/// depends on the number of features.
///
/// T is the number of columns that occur in the batch. The memory is reused from batch to batch, so a batch is valid
/// until the next `load`.
package struct SparseBatch {
    /// The batch's rows in the source matrix.
    package private(set) var rows: [Int] = []
    /// The columns that occur in the batch, in order of first appearance; entry t is compact column t.
    package private(set) var touchedColumns: [UInt32] = []

    private let columnCount: Int
    private var slotOfColumn: [UInt32]
    private var targets = SparseRows()
    private var targetsTransposed = SparseRows()
    /// Used only if the encoder's inputs differ from the targets.
    private var inputs = SparseRows()
    private var inputsTransposed = SparseRows()
    private var compactColumns: [UInt32] = []
    private var hasOwnInputs = false

    package init(columnCount: Int) {
        self.columnCount = columnCount
        slotOfColumn = Array(repeating: UInt32.max, count: columnCount)
    }

    /// Loads rows of `source` as targets. The inputs are the same rows, unless a separate matrix or a corruption is
    /// given; targets are never corrupted.
    ///
    /// - Parameters:
    ///   - inputSource: other values for the encoder, with the pattern of `source`.
    ///   - scale: the factor of all values.
    /// - Complexity: O(rows + entries selected).
    package mutating func load(
        _ selection: ArraySlice<Int>, of source: CSRMatrix, inputs inputSource: CSRMatrix? = nil,
        corruption: Corruption? = nil, scale: Float = 1
    ) {
        load(
            selection, of: WeightedRows(source), inputs: inputSource.map { WeightedRows($0) }, corruption: corruption,
            scale: scale)
    }

    /// Loads rows and weights them; see the overload above.
    package mutating func load(
        _ selection: ArraySlice<Int>, of source: WeightedRows, inputs inputSource: WeightedRows? = nil,
        corruption: Corruption? = nil, scale: Float = 1
    ) {
        precondition(source.columnCount == columnCount, "the batch was made for \(columnCount) columns")
        rows.removeAll(keepingCapacity: true)
        rows.append(contentsOf: selection)
        targets.gather(rows, of: source)
        hasOwnInputs = corruption != nil || inputSource != nil
        if hasOwnInputs {
            if let inputSource { inputs.gather(rows, of: inputSource) } else { inputs.copy(targets) }
            if let corruption { inputs.corrupt(rows, corruption, scale: scale) } else { inputs.scale(by: scale) }
        }
        targets.scale(by: scale)
        renumberColumns()
        targetsTransposed.transpose(targets, columns: compactColumns, columnCount: touchedColumns.count)
        if hasOwnInputs {
            inputsTransposed.transpose(inputs, slots: slotOfColumn, columnCount: touchedColumns.count)
        }
        for column in touchedColumns { slotOfColumn[Int(column)] = .max }
    }

    package var rowCount: Int { rows.count }

    /// The encoder's inputs: rows × features.
    package func withInputs<R>(_ body: (CSRView) -> R) -> R {
        (hasOwnInputs ? inputs : targets).withView(columnCount: columnCount, body)
    }

    /// The rows to be reconstructed: rows × features.
    package func withTargets<R>(_ body: (CSRView) -> R) -> R { targets.withView(columnCount: columnCount, body) }

    /// The targets over the touched columns only: rows × T.
    package func withCompactTargets<R>(_ body: (CSRView) -> R) -> R {
        targets.withView(columns: compactColumns, columnCount: touchedColumns.count, body)
    }

    /// The inputs, transposed: T × rows.
    package func withTransposedInputs<R>(_ body: (CSRView) -> R) -> R {
        (hasOwnInputs ? inputsTransposed : targetsTransposed).withView(columnCount: rowCount, body)
    }

    /// The targets, transposed: T × rows.
    package func withTransposedTargets<R>(_ body: (CSRView) -> R) -> R {
        targetsTransposed.withView(columnCount: rowCount, body)
    }

    /// The pattern of the targets with other values, transposed: T × rows.
    ///
    /// - Parameter values: one for each entry, in the order of `withTargets`; nil for the targets themselves.
    /// - Complexity: O(entries).
    func withTransposedTargets<R>(values: UnsafePointer<Float>?, _ body: (CSRView) -> R) -> R {
        guard let values else { return withTransposedTargets(body) }
        var replaced = targetsTransposed
        replaced.fill(from: values, source: targets, columns: compactColumns)
        return replaced.withView(columnCount: rowCount, body)
    }

    private mutating func renumberColumns() {
        touchedColumns.removeAll(keepingCapacity: true)
        compactColumns.removeAll(keepingCapacity: true)
        for column in targets.columns {
            var slot = slotOfColumn[Int(column)]
            if slot == .max {
                slot = UInt32(touchedColumns.count)
                slotOfColumn[Int(column)] = slot
                touchedColumns.append(column)
            }
            compactColumns.append(slot)
        }
    }
}

/// Growable CSR arrays, refilled for each batch.
private struct SparseRows {
    var offsets: [Int] = [0]
    var columns: [UInt32] = []
    var values: [Float] = []

    private mutating func clear() {
        offsets.removeAll(keepingCapacity: true)
        columns.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        offsets.append(0)
    }

    func withView<R>(columnCount: Int, _ body: (CSRView) -> R) -> R {
        withView(columns: columns, columnCount: columnCount, body)
    }

    func withView<R>(columns: [UInt32], columnCount: Int, _ body: (CSRView) -> R) -> R {
        offsets.withUnsafeBufferPointer { offsets in
            columns.withUnsafeBufferPointer { columns in
                values.withUnsafeBufferPointer { values in
                    body(
                        CSRView(
                            rowCount: offsets.count - 1, columnCount: columnCount, rowOffsets: offsets,
                            columnIndices: columns, values: values))
                }
            }
        }
    }

    mutating func gather(_ rows: [Int], of source: WeightedRows) {
        clear()
        source.matrix.withUnsafeView { view in
            for row in rows {
                source.append(row: row, of: view, columns: &columns, values: &values)
                offsets.append(values.count)
            }
        }
    }

    mutating func copy(_ source: SparseRows) {
        clear()
        offsets.append(contentsOf: source.offsets.dropFirst())
        columns.append(contentsOf: source.columns)
        values.append(contentsOf: source.values)
    }

    mutating func scale(by factor: Float) { kernels.scale(count: values.count, alpha: factor, x: &values) }

    /// Drops and rescales entries; each row has a separate random generator, so the result does not depend on the
    /// batch.
    mutating func corrupt(_ rows: [Int], _ corruption: Corruption, scale: Float) {
        let factor = scale * corruption.scale
        var (start, count) = (0, 0)
        for (place, row) in rows.enumerated() {
            var generator = corruption.generator(forRow: row)
            let end = offsets[place + 1]
            for entry in start..<end where corruption.keeps(&generator) {
                columns[count] = columns[entry]
                values[count] = values[entry] * factor
                count += 1
            }
            start = end
            offsets[place + 1] = count
        }
        columns.removeLast(columns.count - count)
        values.removeLast(values.count - count)
    }

    /// Replaces the values of the transposed source, whose own are elsewhere.
    mutating func fill(from sourceValues: UnsafePointer<Float>, source: SparseRows, columns: [UInt32]) {
        var next = offsets
        for entry in source.values.indices {
            let column = Int(columns[entry])
            values[next[column]] = sourceValues[entry]
            next[column] += 1
        }
    }

    mutating func transpose(_ source: SparseRows, columns: [UInt32], columnCount: Int) {
        transpose(source, columnCount: columnCount) { columns[$0] }
    }

    mutating func transpose(_ source: SparseRows, slots: [UInt32], columnCount: Int) {
        transpose(source, columnCount: columnCount) { slots[Int(source.columns[$0])] }
    }

    /// A counting sort; afterwards the start of each column has moved to its end, so the offsets are shifted by one.
    @inline(__always)
    private mutating func transpose(_ source: SparseRows, columnCount: Int, slotOfEntry: (Int) -> UInt32) {
        clear()
        offsets.append(contentsOf: repeatElement(0, count: columnCount))
        columns.append(contentsOf: repeatElement(0, count: source.values.count))
        values.append(contentsOf: repeatElement(0, count: source.values.count))
        for entry in source.values.indices { offsets[Int(slotOfEntry(entry)) + 1] += 1 }
        for column in 0..<columnCount { offsets[column + 1] += offsets[column] }
        for row in 0..<source.offsets.count - 1 {
            for entry in source.offsets[row]..<source.offsets[row + 1] {
                let column = Int(slotOfEntry(entry))
                let target = offsets[column]
                offsets[column] = target + 1
                columns[target] = UInt32(row)
                values[target] = source.values[entry]
            }
        }
        for column in stride(from: columnCount, to: 0, by: -1) { offsets[column] = offsets[column - 1] }
        offsets[0] = 0
    }
}

extension CSRMatrix {
    /// Checks lengths and offsets, which makes it safe to access a row.
    func validateRowOffsets() throws(SparseMatrixError) {
        let offsets = storage.rowOffsets
        guard offsets.count == rowCount + 1 else {
            throw .inconsistentLengths("\(rowCount) rows need \(rowCount + 1) row offsets, got \(offsets.count)")
        }
        guard storage.columnIndices.count == storage.values.count else {
            throw .inconsistentLengths(
                "\(storage.columnIndices.count) column indices stand beside \(storage.values.count) values")
        }
        guard offsets[0] == 0 else { throw .invalidRowOffsets(row: 0) }
        for row in 0..<rowCount {
            guard offsets[row] <= offsets[row + 1], offsets[row + 1] <= storage.values.count else {
                throw .invalidRowOffsets(row: row)
            }
        }
        guard offsets[rowCount] == storage.values.count else { throw .invalidRowOffsets(row: rowCount) }
    }

    /// Checks that columns rise within each row and lie below `columnCount`, and that values are finite. A matrix that
    /// has been checked before is not checked again.
    ///
    /// - Throws: the error of the first invalid row, whatever the number of threads.
    /// - Complexity: O(entries) the first time, O(1) from then on.
    public func validateEntries(parallelism: Parallelism = .allCores) throws(SparseMatrixError) {
        if storage.areEntriesValid.load(ordering: .acquiring) { return }
        let blockSize = 1 << 14
        let blocks = (rowCount + blockSize - 1) / blockSize
        let errors = [SparseMatrixError?](unsafeUninitializedCapacity: blocks) { places, count in
            nonisolated(unsafe) let start = places.baseAddress
            parallelism.forEach(block: blocks) { block in
                let rows = block * blockSize..<min(rowCount, (block + 1) * blockSize)
                start?.advanced(by: block).initialize(to: firstError(in: rows))
            }
            count = blocks
        }
        if let error = errors.lazy.compactMap({ $0 }).first { throw error }
        storage.areEntriesValid.store(true, ordering: .releasing)
    }

    /// Stops the program if entries that are about to be used without checks are invalid.
    @inline(__always)
    func requireValidEntries() {
        if !storage.areEntriesValid.load(ordering: .acquiring) { checkEntriesOrStop() }
    }

    @inline(never)
    private func checkEntriesOrStop() {
        do throws(SparseMatrixError) {
            try validateEntries()
        } catch {
            preconditionFailure("a matrix was used that `validateEntries` would have refused: \(error)")
        }
    }

    private func firstError(in rows: Range<Int>) -> SparseMatrixError? {
        for row in rows {
            var previous = -1
            for entry in storage.rowOffsets[row]..<storage.rowOffsets[row + 1] {
                let column = storage.columnIndices[entry]
                guard Int(column) < columnCount else {
                    return .columnOutOfRange(row: row, column: column, columnCount: columnCount)
                }
                guard Int(column) > previous else { return .unsortedColumns(row: row) }
                guard storage.values[entry].isFinite else { return .nonFiniteValue(row: row, column: column) }
                previous = Int(column)
            }
        }
        return nil
    }
}

/// The reason why arrays are not a valid sparse matrix.
public enum SparseMatrixError: Error, Equatable, CustomStringConvertible {
    /// The arrays' lengths are inconsistent.
    case inconsistentLengths(String)
    /// Row offsets must start at 0, never decrease, and end at the number of entries.
    case invalidRowOffsets(row: Int)
    /// A column index is not below the number of columns.
    case columnOutOfRange(row: Int, column: UInt32, columnCount: Int)
    /// The columns of a row are not strictly rising.
    case unsortedColumns(row: Int)
    /// A row index is not below the number of rows.
    case rowOutOfRange(entry: Int, row: Int, rowCount: Int)
    /// A value is NaN or infinite.
    case nonFiniteValue(row: Int, column: UInt32)

    public var description: String {
        switch self {
        case .inconsistentLengths(let what): what
        case .invalidRowOffsets(let row):
            "row offsets must start at 0, never fall and end at the number of entries; row \(row) breaks this"
        case .columnOutOfRange(let row, let column, let columnCount):
            "row \(row) has column \(column), but there are only \(columnCount) columns"
        case .unsortedColumns(let row): "the columns of row \(row) do not strictly rise"
        case .rowOutOfRange(let entry, let row, let rowCount):
            "entry \(entry) has row \(row), but there are only \(rowCount) rows"
        case .nonFiniteValue(let row, let column): "the value at row \(row), column \(column) is not finite"
        }
    }

    /// The same error with its row number increased by `rows`, for rows that follow others.
    package func movedDown(by rows: Int) -> SparseMatrixError {
        switch self {
        case .inconsistentLengths: self
        case .invalidRowOffsets(let row): .invalidRowOffsets(row: row + rows)
        case .columnOutOfRange(let row, let column, let columnCount):
            .columnOutOfRange(row: row + rows, column: column, columnCount: columnCount)
        case .unsortedColumns(let row): .unsortedColumns(row: row + rows)
        case .rowOutOfRange(let entry, let row, let rowCount):
            .rowOutOfRange(entry: entry, row: row + rows, rowCount: rowCount + rows)
        case .nonFiniteValue(let row, let column): .nonFiniteValue(row: row + rows, column: column)
        }
    }
}

extension CSRMatrix {
    /// Checks lengths and offsets: what makes it safe to ask for a row.
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
    /// was checked before is not gone through again.
    ///
    /// - Throws: the error of the first row that has one, whatever the number of threads.
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

    /// Stops the program if entries that are about to be used without checks are wrong.
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

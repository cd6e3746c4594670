import SparseMatrices

extension CSRMatrix {
    /// The matrix of counted documents under new column numbers: rows in order, columns sorted.
    ///
    /// - Parameter columns: for each feature its column, or `FeatureSelection.none`; nil if features are columns.
    /// - Complexity: O(entries · log(entries a row)).
    init(counting documents: [CountedDocuments], columns: [UInt32]?, columnCount: Int, parallelism: Parallelism) {
        let kept = parallelism.map(documents.count) { Self.keptEntries(documents[$0], columns) }
        let firstRows = documents.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.rowEnds.count) }
        let firstEntries = kept.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        let (rowCount, entryCount) = (firstRows[documents.count], firstEntries[documents.count])
        let rowOffsets = AlignedBuffer<Int>(repeating: 0, count: rowCount + 1)
        let columnIndices = AlignedBuffer<UInt32>(uninitialized: entryCount)
        let values = AlignedBuffer<Float>(uninitialized: entryCount)
        parallelism.forEach(block: documents.count) { part in
            documents[part].writeRows(
                columns: columns, firstEntry: firstEntries[part], rowEnds: rowOffsets.baseAddress + firstRows[part] + 1,
                columnIndices: columnIndices.baseAddress, values: values.baseAddress)
        }
        self.init(
            validRowCount: rowCount, columnCount: columnCount, rowOffsets: rowOffsets, columnIndices: columnIndices,
            values: values)
    }

    private static func keptEntries(_ documents: CountedDocuments, _ columns: [UInt32]?) -> Int {
        guard let columns else { return documents.features.count }
        return documents.features.count { columns[Int($0)] != FeatureSelection.none }
    }
}

extension CountedDocuments {
    fileprivate func writeRows(
        columns: [UInt32]?, firstEntry: Int, rowEnds ends: UnsafeMutablePointer<Int>,
        columnIndices: UnsafeMutablePointer<UInt32>, values: UnsafeMutablePointer<Float>
    ) {
        let longest = zip(rowEnds, [0] + rowEnds).map { $0 - $1 }.max() ?? 0
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: longest) { row in
            var entry = firstEntry
            var start = 0
            for (number, end) in rowEnds.enumerated() {
                var length = 0
                for position in start..<end {
                    let feature = features[position]
                    let column = columns.map { $0[Int(feature)] } ?? feature
                    if column == FeatureSelection.none { continue }
                    row.initializeElement(at: length, to: UInt64(column) << 32 | UInt64(counts[position]))
                    length += 1
                }
                var filled = UnsafeMutableBufferPointer(rebasing: row[..<length])
                filled.sort()
                for position in 0..<length {
                    columnIndices[entry] = UInt32(truncatingIfNeeded: row[position] >> 32)
                    values[entry] = Float(UInt32(truncatingIfNeeded: row[position]))
                    entry += 1
                }
                ends[number] = entry
                start = end
            }
        }
    }
}

import SparseMatrices

extension CSRMatrix {
    /// The matrix of counted documents under new column numbers: rows in order, columns sorted.
    ///
    /// - Parameter columns: for each feature its column, or `FeatureSelection.none`; nil if features are columns.
    /// - Complexity: O(entries): rows are sorted byte by byte.
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
        var sorter = RowSorter()
        var entry = firstEntry
        var start = 0
        for (number, end) in rowEnds.enumerated() {
            sorter.removeAll()
            for position in start..<end {
                let feature = features[position]
                let column = columns.map { $0[Int(feature)] } ?? feature
                if column != FeatureSelection.none { sorter.append(index: column, value: Float(counts[position])) }
            }
            sorter.sort()
            for position in 0..<sorter.count {
                columnIndices[entry] = sorter.index(position)
                values[entry] = sorter.value(position)
                entry += 1
            }
            ends[number] = entry
            start = end
        }
    }
}

import SparseMatrices

/// A block of counted documents, with the labels and ids of its lines.
struct CountedBlock {
    var rows = CountedDocuments()
    /// The index of the counter that counted it.
    var counter = 0
    var tally = LineTally()
    var labels = LabelCodes()
    /// The ids, one for each row if any row of the block has one; otherwise empty.
    var ids: [String] = []
    var idsRepaired = 0
    /// The beginning of each row's text, if it is to be kept; otherwise empty.
    var texts: [String] = []
}

/// Labels, or sets of labels of a document, as numbers in the order of their first appearance.
struct LabelCodes {
    let names = TokenTable()
    /// One code for each row, once any row has a label; those of earlier rows are added then.
    private(set) var codes: [UInt32] = []
    private var rowsBeforeFirst = 0

    var isEmpty: Bool { codes.isEmpty }

    /// - Parameter label: empty for none.
    mutating func append(_ label: UnsafeBufferPointer<UInt8>) {
        if label.isEmpty {
            if codes.isEmpty { rowsBeforeFirst += 1 } else { codes.append(RowLabels.none) }
            return
        }
        begin()
        codes.append(names.insert(label))
    }

    /// Appends the rows of another part.
    mutating func append(_ other: LabelCodes, rows: Int) {
        if other.isEmpty {
            if codes.isEmpty { rowsBeforeFirst += rows } else { codes += repeatElement(RowLabels.none, count: rows) }
            return
        }
        begin()
        let merged = (0..<UInt32(other.names.count)).map { names.insert(other.names[$0]) }
        codes += other.codes.lazy.map { $0 == RowLabels.none ? $0 : merged[Int($0)] }
    }

    /// nil if no row has a label.
    var rowLabels: RowLabels? {
        if codes.isEmpty { return nil }
        let sets = (0..<UInt32(names.count)).map { set in
            names[set].split(separator: TextDocument.labelSeparator).map { String(decoding: $0, as: UTF8.self) }
        }
        // Labels that differ only in invalid UTF-8 are equal after it has been repaired.
        let distinct = RowLabels(sets: sets)
        return RowLabels(
            sets: distinct.sets, codes: codes.map { $0 == RowLabels.none ? $0 : distinct.codes[Int($0)] })
    }

    private mutating func begin() {
        if codes.isEmpty { codes = Array(repeating: RowLabels.none, count: rowsBeforeFirst) }
    }
}

extension DocumentCounter {
    /// Counts the documents of a block, with the counter's own feature numbers.
    func count(_ block: DocumentBlock, _ options: TextInputOptions) -> CountedBlock {
        var counted = CountedBlock()
        var rows = 0
        counted.tally = block.forEachDocument(options) { document in
            count(document.text)
            if options.keptBytes > 0 { counted.texts.append(beginning(of: document.text, options.keptBytes)) }
            counted.labels.append(document.label)
            if !document.id.isEmpty || !counted.ids.isEmpty {
                counted.ids += repeatElement("", count: rows - counted.ids.count)
                let id = String(validating: document.id, as: UTF8.self)
                counted.idsRepaired += id == nil ? 1 : 0
                counted.ids.append(id ?? String(decoding: document.id, as: UTF8.self))
            }
            rows += 1
        }
        counted.rows = takeRows()
        return counted
    }
}

/// The first characters of a text, at most so many bytes, with an ellipsis if there is more.
private func beginning(of text: UnsafeBufferPointer<UInt8>, _ mostBytes: Int) -> String {
    if text.count <= mostBytes { return String(decoding: text, as: UTF8.self) }
    var end = mostBytes
    // Not within a character.
    while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
    return String(decoding: text[..<end], as: UTF8.self) + "…"
}

extension CSRMatrix {
    /// The matrix of counted documents with new column numbers: rows in order, columns sorted.
    ///
    /// - Parameter columns: the column of each feature, or `FeatureSelection.none`; nil if features are columns.
    /// - Complexity: O(entries); rows are sorted by a radix sort.
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

import FileIO
import SparseMatrices

extension Corpus {
    /// The rows of several corpora, one after another. Corpora from files that do not declare their number of columns
    /// all get that of the widest.
    ///
    /// - Throws: `FileError.badData` about the first file whose columns differ from those of the first file: another
    ///   declared number of columns, another index base, or other words.
    package static func joined(_ parts: [Corpus], names: [String]) throws(FileError) -> Corpus {
        try requireAgreement(of: parts, names: names)
        return Corpus(stacking: parts)
    }

    /// Concatenates rows with the same columns.
    init(stacking parts: [Corpus]) {
        guard let first = parts.first else {
            self.init(matrix: CSRMatrix(stacking: [], columnCount: 0), provenance: CorpusProvenance(format: ""))
            return
        }
        guard parts.count > 1 else {
            self = first
            return
        }
        let width = parts.reduce(0) { max($0, $1.featureCount) }
        self.init(
            matrix: CSRMatrix(stacking: parts.map(\.matrix), columnCount: width),
            labels: Self.join(parts, \.labels) { part, labels in
                (0..<part.rowCount).map { labels?.labels(ofRow: $0) ?? [] }
            }.map { RowLabels(sets: $0) },
            ids: Self.join(parts, \.ids) { part, ids in ids ?? Array(repeating: "", count: part.rowCount) },
            qids: Self.join(parts, \.qids) { part, qids in qids ?? Array(repeating: nil, count: part.rowCount) },
            weights: Self.join(parts, \.weights) { part, weights in
                weights ?? Array(repeating: 1, count: part.rowCount)
            },
            vocabulary: first.vocabulary.flatMap { $0.count >= width ? $0 : nil }, textOptions: first.textOptions,
            provenance: parts.dropFirst().reduce(into: first.provenance) { $0.add($1.provenance) })
        texts = Self.join(parts, \.texts) { part, texts in texts ?? Array(repeating: "", count: part.rowCount) }
    }

    /// - Throws: `FileError.badData` about the first part whose columns differ from those of the first part: another
    ///   declared number of columns, another index base, or other words.
    static func requireAgreement(of parts: [Corpus], names: [String]) throws(FileError) {
        for (part, name) in zip(parts, names).dropFirst() {
            try part.requireColumns(of: parts[0], name: name, firstName: names[0])
        }
    }

    private func requireColumns(of first: Corpus, name: String, firstName: String) throws(FileError) {
        func differs(_ found: String, _ expected: Message, _ advice: Message) -> FileError {
            .badData(BadData(path: name, found: found, expected: "\(expected), as in \(firstName)", advice: advice))
        }
        let isOpen = [first, self].allSatisfy {
            CorpusFormat(rawValue: $0.provenance.format)?.kind.declaresWidth == false
        }
        guard isOpen || featureCount == first.featureCount else {
            throw differs(
                "\(featureCount) columns", "\(first.featureCount)",
                "give \(setting: "features") the number of columns, if they mean the same in both files")
        }
        guard provenance.indexBase == first.provenance.indexBase else {
            throw differs(
                "indices from \(provenance.indexBase.map { "\($0.rawValue)" } ?? "none")",
                "\(first.provenance.indexBase.map { "\($0.rawValue)" } ?? "none")",
                "give \(setting: "indexBase") 0 or 1")
        }
        guard vocabulary == first.vocabulary else {
            throw differs("other words for the columns", "the same words", "import the files one by one")
        }
    }

    /// The concatenation of all parts' lists; nil if no part has one.
    private static func join<Value, Element>(
        _ parts: [Corpus], _ value: KeyPath<Corpus, Value?>, _ elements: (Corpus, Value?) -> [Element]
    ) -> [Element]? {
        let values = parts.map { $0[keyPath: value] }
        guard values.contains(where: { $0 != nil }) else { return nil }
        return zip(parts, values).flatMap { elements($0, $1) }
    }
}

extension CSRMatrix {
    /// - Complexity: O(rows + entries).
    init(stacking parts: [CSRMatrix], columnCount: Int) {
        let rowCount = parts.reduce(0) { $0 + $1.rowCount }
        let entryCount = parts.reduce(0) { $0 + $1.entryCount }
        let offsets = AlignedBuffer<Int>(uninitialized: rowCount + 1)
        let columns = AlignedBuffer<UInt32>(uninitialized: entryCount)
        let values = AlignedBuffer<Float>(uninitialized: entryCount)
        offsets.elements[0] = 0
        var (row, entry) = (0, 0)
        for part in parts {
            part.withUnsafeView { view in
                for end in view.rowOffsets.dropFirst() {
                    row += 1
                    offsets.elements[row] = entry + end
                }
                _ = UnsafeMutableBufferPointer(rebasing: columns.elements[entry...]).update(from: view.columnIndices)
                _ = UnsafeMutableBufferPointer(rebasing: values.elements[entry...]).update(from: view.values)
                entry += view.values.count
            }
        }
        self.init(
            validRowCount: rowCount, columnCount: columnCount, rowOffsets: offsets, columnIndices: columns,
            values: values)
    }
}

import FileIO
import SparseMatrices

extension Corpus {
    /// The rows of several corpora one after another. Of files that do not say how wide they are, all get the width of
    /// the widest.
    ///
    /// - Throws: `FileError.badData` about the first file whose columns are not those of the first: another declared
    ///   width, another index base, other words.
    package static func joined(_ parts: [Corpus], names: [String]) throws(FileError) -> Corpus {
        guard let first = parts.first, parts.count > 1 else { return parts[0] }
        try CorpusPart.requireAgreement(zip(parts, names).map(CorpusPart.init))
        let width = parts.reduce(0) { max($0, $1.featureCount) }
        return Corpus(
            matrix: CSRMatrix(stacking: parts.map(\.matrix), columnCount: width),
            labels: join(parts, \.labels) { part, labels in (0..<part.rowCount).map { labels?.labels(ofRow: $0) ?? [] } }
                .map { RowLabels(sets: $0) },
            ids: join(parts, \.ids) { part, ids in ids ?? Array(repeating: "", count: part.rowCount) },
            qids: join(parts, \.qids) { part, qids in qids ?? Array(repeating: nil, count: part.rowCount) },
            weights: join(parts, \.weights) { part, weights in
                weights ?? Array(repeating: 1, count: part.rowCount)
            },
            vocabulary: first.vocabulary.flatMap { $0.count >= width ? $0 : nil }, textOptions: first.textOptions,
            provenance: parts.dropFirst().reduce(into: first.provenance) { $0.add($1.provenance) })
    }

    /// One list of all parts' lists; nil if no part has one.
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

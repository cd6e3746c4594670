import FileIO

/// Writes the metadata that the TensorFlow Projector shows with the vectors of a `.tsv` file: one line per document, in
/// the order of the rows, with ids and labels as columns.
///
/// The Projector requires a header only if there are several columns. It ignores empty lines, so a document without an
/// id is named by its row, counted from 1, and one without a label by `(none)`; tabs and line ends become `_`.
package final class ProjectorMetadataWriter {
    private let file: DraftFile
    private var rowCount = 0
    private var fields = RowFields()

    /// - Parameter path: `-` is standard output, to which the lines are written at the end.
    /// - Throws: `FileError.cannotCreate`.
    package init(path: String) throws(FileError) { file = try DraftFile(path: path) }

    /// Appends rows.
    ///
    /// - Throws: `FileError.writeFailed`.
    /// - Precondition: there are as many labels and ids as rows, if any.
    package func append(_ metadata: RowMetadata, count: Int) throws(FileError) {
        for texts in [metadata.ids?.count, metadata.labels?.count] {
            precondition(texts ?? count == count, "\(texts ?? 0) texts for \(count) rows")
        }
        let found = fields.union(RowFields(of: metadata))
        if found != fields { try change(to: found) }
        var lines: [UInt8] = []
        for row in 0..<count {
            append(
                id: metadata.ids?[row] ?? "", label: metadata.labels?[row] ?? "", row: rowCount + row, to: &lines)
        }
        rowCount += count
        try file.write(lines)
    }

    /// Completes the file and moves it to its path.
    package func finish() throws(FileError) { try file.commit() }

    private func append(id: String, label: String, row: Int, to lines: inout [UInt8]) {
        if fields.ids || !fields.labels {
            lines.append(contentsOf: (id.isEmpty ? String(row + 1) : singleField(id)).utf8)
            if fields.labels { lines.append(UInt8(ascii: "\t")) }
        }
        if fields.labels { lines.append(contentsOf: (label.isEmpty ? "(none)" : singleField(label)).utf8) }
        lines.append(UInt8(ascii: "\n"))
    }

    /// Adds columns for texts to the rows written so far, which have none.
    private func change(to found: RowFields) throws(FileError) {
        let before = fields
        fields = found
        try file.changeLines { line, row, result in
            let text = String(decoding: line, as: UTF8.self)
            append(id: before.ids ? text : "", label: before.labels ? text : "", row: row, to: &result)
        }
        if found == RowFields(ids: true, labels: true) { try file.prepend(Array("id\tlabel\n".utf8)) }
    }
}

/// Writes one id per line, in the order of the rows; without any ids, the row numbers, counted from 1. A line end
/// within an id becomes `_`, so that lines correspond to rows.
package final class IDWriter {
    private let file: DraftFile
    private var rowCount = 0
    private var hasIDs = false

    /// - Parameter path: `-` is standard output, to which the ids are written at the end.
    /// - Throws: `FileError.cannotCreate`.
    package init(path: String) throws(FileError) { file = try DraftFile(path: path) }

    /// Appends rows.
    ///
    /// - Throws: `FileError.writeFailed`.
    /// - Precondition: there are as many ids as rows, if any.
    package func append(_ metadata: RowMetadata, count: Int) throws(FileError) {
        if let ids = metadata.ids {
            precondition(ids.count == count, "\(ids.count) ids for \(count) rows")
            // Rows that were numbered have empty ids.
            if !hasIDs { try file.changeLines { _, _, result in result.append(UInt8(ascii: "\n")) } }
            hasIDs = true
        }
        var lines: [UInt8] = []
        for row in 0..<count {
            let line = hasIDs ? singleLine(metadata.ids?[row] ?? "") : String(rowCount + row + 1)
            lines.append(contentsOf: line.utf8)
            lines.append(UInt8(ascii: "\n"))
        }
        rowCount += count
        try file.write(lines)
    }

    /// Completes the file and moves it to its path.
    package func finish() throws(FileError) { try file.commit() }
}

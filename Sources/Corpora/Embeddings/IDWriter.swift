import FileIO

/// Writes one id a line, in the order of the rows; row numbers, counted from 1, where there are no ids at all. A line
/// break within an id becomes `_`, so that lines and rows stay together.
package final class IDWriter {
    private let file: DraftFile
    private var rowCount = 0
    private var hasIDs = false

    /// - Parameter path: `-` is standard output, where the ids come at the end.
    /// - Throws: `FileError.cannotCreate`.
    package init(path: String) throws(FileError) { file = try DraftFile(path: path) }

    /// Appends rows.
    ///
    /// - Throws: `FileError.writeFailed`.
    /// - Precondition: there are as many ids as rows, if any.
    package func append(_ metadata: RowMetadata, count: Int) throws(FileError) {
        if let ids = metadata.ids {
            precondition(ids.count == count, "\(ids.count) ids for \(count) rows")
            // Rows that were numbered have an id that is empty.
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

    /// Makes the file appear under its name.
    package func finish() throws(FileError) { try file.commit() }
}

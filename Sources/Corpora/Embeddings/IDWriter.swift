import FileIO

/// Writes one id a line, in the order of the rows; row numbers, counted from 0, where there are no ids. A line break
/// within an id becomes `_`, so that lines and rows stay together.
///
/// - Parameter path: `-` is standard output.
/// - Throws: `FileError.cannotCreate` or `.writeFailed`.
/// - Precondition: there are as many ids as rows, if any.
public func writeIDs(path: String, rowCount: Int, ids: [String]? = nil) throws(FileError) {
    if let ids { precondition(ids.count == rowCount, "\(ids.count) ids for \(rowCount) rows") }
    let file = try AtomicFile(path: path)
    for row in 0..<rowCount {
        try file.write((ids.map { singleLine($0[row]) } ?? String(row)) + "\n")
    }
    try file.commit()
}

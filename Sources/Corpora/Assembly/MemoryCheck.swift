import FileIO

/// Makes sure that a number of rows from a file's header, which may be anything, can be laid out: offsets for reading,
/// for the matrix and for one copy.
///
/// - Parameter contentBytes: how much there is of the file.
/// - Throws: `FileError.badData` that says what it would take.
func checkMemory(rowCount: Int, contentBytes: Int, path: String) throws(FileError) {
    let (bytes, overflow) = rowCount.multipliedReportingOverflow(by: 3 * MemoryLayout<Int>.stride)
    try AnnouncedSize.check(
        overflow ? .max : bytes, contentBytes: contentBytes, what: "\(rowCount) rows or columns", path: path)
}

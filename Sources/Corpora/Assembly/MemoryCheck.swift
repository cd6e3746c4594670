import FileIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Makes sure that a number of rows from a file's header, which may be anything, can be laid out at all.
///
/// - Throws: `FileError.badData` if the row offsets alone would not fit into this computer's memory.
func checkMemory(rowCount: Int, path: String) throws(FileError) {
    let available = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    guard rowCount > available / MemoryLayout<Int>.stride / 2 else { return }
    throw .badData(
        BadData(
            path: path, found: "\(rowCount) rows or columns", expected: "no more than fit into memory",
            advice: "check the size that the file gives, or use a computer with more memory"))
}

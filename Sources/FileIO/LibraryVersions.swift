import CArchive
import CZlib

/// The libraries that decompress, as they are found when the program runs.
package enum ReadingLibraries {
    /// Such as `3.6.2`.
    package static var libarchive: String {
        String(String(cString: archive_version_string()).split(separator: " ").last ?? "unknown")
    }

    /// Such as `1.2.13`.
    package static var zlib: String { String(cString: zlibVersion()) }
}

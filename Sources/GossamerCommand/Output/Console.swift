import FileIO
import Foundation

/// Writing to the two standard streams: results to stdout, everything else to stderr.
enum Console {
    static func result(_ text: String) throws(FileError) {
        let output = try AtomicFile(path: "-")
        try output.write(text + "\n")
        try output.commit()
    }

    /// Exactly one JSON object.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try result(String(decoding: encoder.encode(value), as: UTF8.self))
    }

    static func note(_ text: String) { write("\(text)\n") }
    static func warning(_ text: String) { write("warning: \(text)\n") }
    static func error(_ text: String) { write("error: \(text)\n") }

    static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    static var isTerminal: Bool { isatty(STDERR_FILENO) != 0 }
}

enum Memory {
    /// The most memory that this process has had in use.
    static var peakBytes: Int {
        var usage = rusage()
        #if os(Linux)
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
        #else
        getrusage(RUSAGE_SELF, &usage)
        return usage.ru_maxrss
        #endif
    }
}

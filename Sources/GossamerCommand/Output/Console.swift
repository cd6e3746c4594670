import FileIO
import SystemPackage

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writing to the two standard streams: results to stdout, everything else to stderr.
enum Console {
    static func result(_ text: String) throws(FileError) {
        try output(PathText.bytes(of: text + "\n"))
    }

    private static func output(_ bytes: [UInt8]) throws(FileError) {
        let output = try AtomicFile(path: "-")
        try output.write(bytes)
        try output.commit()
    }

    /// Writes one JSON object to stdout.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // JSON is Unicode; file names that are not valid Unicode are encoded as their text representation.
        try output(Array(encoder.encode(value)) + [UInt8(ascii: "\n")])
    }

    static func line(_ text: String) { write("\(text)\n") }
    static func note(_ message: Message) { write("\(message.optionText)\n") }
    static func warning(_ message: Message) { write("warning: \(message.optionText)\n") }
    static func error(_ message: Message) { write("error: \(message.optionText)\n") }
    static func error(_ error: any Error) {
        self.error((error as? any ExplainedError)?.message ?? Message(String(describing: error)))
    }

    /// Errors of writing are ignored, since there is no other place to report them.
    static func write(_ text: String) {
        _ = try? FileDescriptor.standardError.writeAll(PathText.bytes(of: text))
    }

    /// Opens standard streams that are closed when the program starts; otherwise a file would get their number, and
    /// progress would be written into it.
    static func openMissingStreams() {
        for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
            // The lowest free number is this one, since those below are open. Writing results to it still fails.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    static var isTerminal: Bool { isatty(STDERR_FILENO) != 0 }
    static var isResultTerminal: Bool { isatty(STDOUT_FILENO) != 0 }
}

/// The name of an input in messages.
func inputName(_ path: String) -> String { path == "-" ? "<stdin>" : path }

/// Whether the path is a regular file, which can be read more than once.
func isRegularFile(_ path: String) -> Bool { FileKind(path: path) == .file }

enum Memory {
    /// The peak memory of this process since it started this program, in bytes; what the system counts for a process
    /// includes the program that it ran before, such as `swift run`.
    static var peakBytes: Int { residentHighWaterMark ?? peakOfResourceUsage }

    /// VmHWM on Linux, in bytes.
    private static var residentHighWaterMark: Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }

    private static var peakOfResourceUsage: Int {
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

extension Message {
    /// The text with each setting written as its option: `labelColumn` becomes `--label-column`.
    var optionText: String {
        text { setting in
            "--" + setting.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
        }
    }
}

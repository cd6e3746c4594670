import FileIO

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

    /// Exactly one JSON object.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // JSON is Unicode, so names of files that are not stay the text that stands for them.
        try output(Array(encoder.encode(value)) + [UInt8(ascii: "\n")])
    }

    static func line(_ text: String) { write("\(text)\n") }
    static func note(_ message: Message) { write("\(message.optionText)\n") }
    static func warning(_ message: Message) { write("warning: \(message.optionText)\n") }
    static func error(_ message: Message) { write("error: \(message.optionText)\n") }
    static func error(_ error: any Error) {
        self.error((error as? any ExplainedError)?.message ?? Message(String(describing: error)))
    }

    /// Nothing comes of a failure: there is nowhere left to tell of it.
    static func write(_ text: String) {
        PathText.bytes(of: text).withUnsafeBytes { bytes in
            var rest = bytes
            while let start = rest.baseAddress, !rest.isEmpty {
                let written = systemWrite(STDERR_FILENO, start, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }

    /// Opens standard streams that were closed by whoever started the program; a file would get their number
    /// otherwise, and progress would be written into it.
    static func openMissingStreams() {
        for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
            // The lowest free number is this one, since those below are open. Results written to it still fail.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    static var isTerminal: Bool { isatty(STDERR_FILENO) != 0 }
}

/// `write(2)`, under a name that the method `write` does not hide.
func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, start, count)
}

/// What messages call an input.
func inputName(_ path: String) -> String { path == "-" ? "<stdin>" : path }

/// Whether a path leads to bytes that can be read more than once.
func isRegularFile(_ path: String) -> Bool { FileKind(path: path) == .file }

enum Memory {
    /// The most memory that this process has had in use since it became this program: what the system counts for a
    /// process includes the program that started it, such as `swift run`.
    static var peakBytes: Int { residentHighWaterMark ?? peakOfResourceUsage }

    /// Linux' VmHWM.
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
    /// The words with each setting as the option that sets it: `labelColumn` is `--label-column`.
    var optionText: String {
        text { setting in
            "--" + setting.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
        }
    }
}

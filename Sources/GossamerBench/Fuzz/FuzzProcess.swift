import Foundation

/// A worker's process and the lines that it writes.
final class FuzzProcess {
    enum Event {
        case line(String)
        case nothingYet
        /// With how it ended, and the last it wrote to stderr.
        case ended(String)
    }

    private let process = Process()
    private let output = Pipe()
    private let errors: FileHandle
    private let errorPath: String
    private var waiting: [UInt8] = []

    init(arguments: [String]) throws {
        guard let program = Bundle.main.executableURL else {
            throw FuzzFailure(description: "the path of this program is not known")
        }
        errorPath = FileManager.default.temporaryDirectory.appending(path: "gossamer-fuzz-\(UUID().uuidString)").path
        try Data().write(to: URL(fileURLWithPath: errorPath))
        guard let errors = FileHandle(forUpdatingAtPath: errorPath) else {
            throw FuzzFailure(description: "\(errorPath) cannot be written")
        }
        self.errors = errors
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        // A trap's report with symbols takes seconds.
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        try process.run()
    }

    deinit {
        kill()
        unlink(errorPath)
    }

    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// The most memory it has had in use; nil where the system doesn't tell.
    var peakBytes: Int? { MemoryWatch.bytes("VmHWM:", process: String(process.processIdentifier)) }

    func line(within seconds: Double) throws -> Event {
        if let end = waiting.firstIndex(of: 0x0A) {
            defer { waiting.removeFirst(end + 1) }
            return .line(String(decoding: waiting[..<end], as: UTF8.self))
        }
        let descriptor = output.fileHandleForReading.fileDescriptor
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard Foundation.poll(&poll, 1, Int32(seconds * 1000)) > 0 else { return .nothingYet }
        var room = [UInt8](repeating: 0, count: 1 << 12)
        let count = read(descriptor, &room, room.count)
        if count > 0 {
            waiting += room[..<count]
            return try line(within: 0)
        }
        if count < 0, errno == EINTR { return .nothingYet }
        process.waitUntilExit()
        let how = process.terminationReason == .exit ? "exit code" : "signal"
        let text = try String(decoding: Data(contentsOf: URL(fileURLWithPath: errorPath)), as: UTF8.self)
        let last = text.split(separator: "\n").first { $0.contains("Fatal error") } ?? text.split(separator: "\n").last
        return .ended("the reader ended with \(how) \(process.terminationStatus): \(last ?? "")")
    }
}

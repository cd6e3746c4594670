import Autoencoders
import FileIO
import Foundation

/// Reads mutants one after another in a separate process, which a trap may end, and reports the current case to the
/// parent process.
struct FuzzWorker {
    let seed: UInt64
    let subjects: [FuzzSubject]
    let folder: URL

    /// Writes a line to stdout before and after each case: `start`, the subject and the number of the case, then its
    /// result.
    func run(from first: Int) {
        for number in first... {
            let (subject, place) = (subjects[number % subjects.count], number / subjects.count)
            tell("start\t\(number)\t\(subject.name)\t\(place)")
            do {
                tell(try accepts(subject, place) ? "accepted" : "refused")
            } catch {
                // The folder is removed from the message, since its name is different each time.
                tell("failed\t" + "\(error)".replacing(folder.path + "/", with: "").replacing("\n", with: "⏎"))
            }
        }
    }

    /// Reads one mutant.
    func accepts(_ subject: FuzzSubject, _ place: Int) throws -> Bool {
        var (path, mutator) = try mutant(of: subject, place, in: folder)
        return try subject.read(path, &mutator)
    }

    /// Writes a mutant, which depends only on the seed, the subject and the number, to a folder, replacing its
    /// contents.
    ///
    /// - Returns: the path of the mutant, and the random source for the rest of this case.
    func mutant(of subject: FuzzSubject, _ place: Int, in folder: URL) throws -> (path: String, Mutator) {
        let name = subject.name.utf8.reduce(0) { ($0 << 8 | $0 >> 56) ^ UInt64($1) }
        var mutator = Mutator(
            generator: RandomGenerator(seed: seed, stream: name, UInt64(place)), tokens: subject.tokens)
        if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let mutant = mutator.pick(subject.seeds).mutated(by: &mutator, beside: subject.seeds)
        return (try mutant.write(into: folder), mutator)
    }

    /// Unbuffered, since the contents of a buffer are lost if the process traps.
    private func tell(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}

/// A worker process and the lines that it writes.
final class FuzzProcess {
    enum Event {
        case line(String)
        case nothingYet
        /// The process ended; the text has the reason and the last output to stderr.
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
        // A backtrace with symbols takes seconds.
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

    /// The peak memory of the process; nil if the system does not report it.
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

import Foundation
import Synchronization
import Testing

let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
let eightSubjects = packageRoot.appending(path: "datasets/eight-subjects.svm").path
let vocabularyFile = packageRoot.appending(path: "datasets/vocabulary.txt").path
let heartScale = packageRoot.appending(path: "../shared/data/libsvm-samples/heart_scale").standardizedFileURL.path

/// A folder of its own for one test, removed at the end.
final class ScratchFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: "gossamer-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func text(_ name: String) throws -> String { String(decoding: try data(name), as: UTF8.self) }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: url.appending(path: name))
        return path(name)
    }

    func data(_ name: String) throws -> Data { try Data(contentsOf: url.appending(path: name)) }

    func lines(_ name: String) throws -> [String] {
        String(decoding: try data(name), as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map(String.init)
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
}

/// What a run of the program left behind.
struct Outcome {
    let status: Int32
    /// Whether a signal ended it; `status` is its number then.
    let wasKilled: Bool
    let output: Data
    let error: String

    var text: String { String(decoding: output, as: UTF8.self) }

    /// The one JSON object on stdout.
    func json(sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
        #expect(text.split(separator: "\n").count == 1 && text.hasSuffix("\n"), sourceLocation: sourceLocation)
        return try #require(
            try JSONSerialization.jsonObject(with: output) as? [String: Any], sourceLocation: sourceLocation)
    }
}

/// The built program, which lies beside the tests' own executable.
enum Gossamer {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static func binary(named name: String = "gossamer") throws -> URL {
        let starts =
            [Bundle.main.executableURL, Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0])]
            + Bundle.allBundles.map(\.bundleURL)
        for start in starts.compactMap({ $0?.resolvingSymlinksInPath() }) {
            var folder = start
            for _ in 0..<5 {
                let candidate = folder.appending(path: name)
                var isFolder: ObjCBool = false
                if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder), !isFolder.boolValue,
                    FileManager.default.isExecutableFile(atPath: candidate.path)
                {
                    return candidate
                }
                folder.deleteLastPathComponent()
            }
        }
        throw Failure(description: "no \(name) beside \(CommandLine.arguments[0]); build the package first")
    }

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - input: what stdin holds; nothing if nil.
    ///   - folder: the working folder.
    ///   - signal: sent once `when` says so.
    static func run(
        _ arguments: [String], input: Data? = nil, folder: URL? = nil, environment: [String: String] = [:],
        timeout: Double = 60, signal: Int32? = nil, when: (Process) -> Bool = { _ in true }
    ) throws -> Outcome {
        let scratch = try ScratchFolder()
        let streams = try ["in", "out", "err"].map { name in
            try (name == "in" ? input ?? Data() : Data()).write(to: scratch.url.appending(path: name))
            return try FileHandle(forUpdating: scratch.url.appending(path: name))
        }
        let process = Process()
        process.executableURL = try binary()
        process.arguments = arguments
        process.currentDirectoryURL = folder ?? scratch.url
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = streams[0]
        process.standardOutput = streams[1]
        process.standardError = streams[2]
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        var waited = 0.0
        var isSignalled = false
        while ended.wait(timeout: .now() + 0.02) == .timedOut {
            waited += 0.02
            if let signal, !isSignalled, when(process) {
                isSignalled = true
                kill(process.processIdentifier, signal)
            }
            if waited > timeout {
                kill(process.processIdentifier, SIGKILL)
                throw Failure(description: "gossamer \(arguments.joined(separator: " ")): not done after \(timeout) s")
            }
        }
        return Outcome(
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
            output: try scratch.data("out"), error: String(decoding: try scratch.data("err"), as: UTF8.self))
    }

    /// What a process that `run` started has written to stderr until now.
    static func errorSoFar(_ process: Process) -> String {
        guard let descriptor = (process.standardError as? FileHandle)?.fileDescriptor else { return "" }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        // The process shares the file's position, so it is left where it is.
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    static func run(_ arguments: String..., input: Data? = nil, folder: URL? = nil) throws -> Outcome {
        try run(arguments, input: input, folder: folder)
    }

    /// Runs the program and expects it to succeed.
    @discardableResult
    static func succeed(
        _ arguments: String..., input: Data? = nil, folder: URL? = nil, environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Outcome {
        let outcome = try run(arguments, input: input, folder: folder, environment: environment)
        #expect(
            outcome.status == 0 && !outcome.wasKilled, "\(arguments.joined(separator: " ")): \(outcome.error)",
            sourceLocation: sourceLocation)
        return outcome
    }

    /// Runs the program and expects an exit code, nothing on stdout, and parts of the message on stderr.
    @discardableResult
    static func fail(
        _ status: Int32, _ arguments: String..., saying parts: [String] = [], input: Data? = nil, folder: URL? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Outcome {
        let outcome = try run(arguments, input: input, folder: folder)
        let call = arguments.joined(separator: " ")
        #expect(
            outcome.status == status && !outcome.wasKilled, "\(call): \(outcome.status), \(outcome.error)",
            sourceLocation: sourceLocation)
        #expect(outcome.output.isEmpty, "\(call): \(outcome.text)", sourceLocation: sourceLocation)
        #expect(
            outcome.error.lowercased().contains("error:"), "\(call): \(outcome.error)", sourceLocation: sourceLocation)
        for part in parts {
            #expect(outcome.error.contains(part), "\(call): \(outcome.error)", sourceLocation: sourceLocation)
        }
        return outcome
    }

    /// A model of a few units, trained once for all tests: without and with words.
    static func smallModel(words: Bool = false) throws -> String {
        try (words ? modelWithWords : model).get()
    }

    nonisolated(unsafe) private static let folder = Result { try ScratchFolder() }
    private static let model = Result { try train("model.safetensors") }
    private static let modelWithWords = Result { try train("words.safetensors", "--vocabulary", vocabularyFile) }

    private static func train(_ name: String, _ options: String...) throws -> String {
        let path = try folder.get().path(name)
        let outcome = try run(
            ["train", "sae", eightSubjects, "--out", path, "--latent", "12", "--epochs", "4"] + options)
        guard outcome.status == 0 else { throw Failure(description: outcome.error) }
        return path
    }
}

/// Documents of the small corpus, each a line.
func documentLines() throws -> [String] {
    try String(contentsOfFile: eightSubjects, encoding: .utf8).split(separator: "\n").map(String.init)
}

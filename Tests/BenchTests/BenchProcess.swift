import Foundation
import Testing

let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
let eightSubjects = packageRoot.appending(path: "datasets/eight-subjects.svm").path
let eightSubjectsText = packageRoot.appending(path: "datasets/eight-subjects.tsv").path

/// The built benchmark program, which lies beside the tests' own executable.
enum Bench {
    struct NotBuilt: Error {}

    struct Outcome {
        let status: Int32
        let output: Data
        let error: String

        var text: String { String(decoding: output, as: UTF8.self) }
    }

    static func run(_ arguments: [String]) throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bench-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files instead of pipes: neither can fill up while the other is read.
        let streams = try ["out", "err"].map { name in
            try Data().write(to: folder.appending(path: name))
            return try FileHandle(forUpdating: folder.appending(path: name))
        }
        let process = Process()
        process.executableURL = try binary()
        process.arguments = arguments
        process.currentDirectoryURL = packageRoot
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = streams[0]
        process.standardError = streams[1]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit, "\(arguments) ended by signal \(process.terminationStatus)")
        return Outcome(
            status: process.terminationStatus, output: try Data(contentsOf: folder.appending(path: "out")),
            error: String(decoding: try Data(contentsOf: folder.appending(path: "err")), as: UTF8.self))
    }

    /// What `--json` prints, of a run that succeeds.
    static func json<Value: Decodable>(
        _ type: Value.Type, _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Value {
        let outcome = try run(arguments + ["--json"])
        #expect(outcome.status == 0, "\(arguments): \(outcome.error)", sourceLocation: sourceLocation)
        return try JSONDecoder().decode(type, from: outcome.output)
    }

    private static func binary() throws -> URL {
        let starts =
            [Bundle.main.executableURL, Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0])]
            + Bundle.allBundles.map(\.bundleURL)
        for start in starts.compactMap({ $0?.resolvingSymlinksInPath() }) {
            var folder = start
            for _ in 0..<5 {
                // A product's binary has its name; without products, such as in the tests' build, that of its target.
                for name in ["gossamer-bench", "GossamerBench"] {
                    let candidate = folder.appending(path: name)
                    var isFolder: ObjCBool = false
                    if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder),
                        !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: candidate.path)
                    {
                        return candidate
                    }
                }
                folder.deleteLastPathComponent()
            }
        }
        throw NotBuilt()
    }
}

/// The JSON of every command but `compare`.
struct MeasuredReport: Decodable {
    struct Line: Decodable {
        let name: String
        let unit: String
        let rate: Rate
        let also: [Figure]

        func figure(_ unit: String) -> Double? { also.first { $0.unit == unit }?.value }
    }

    struct Rate: Decodable {
        let median: Double
        let minimum: Double
        let maximum: Double
    }

    struct Figure: Decodable {
        let unit: String
        let value: Double
    }

    let lines: [Line]

    subscript(prefix: String) -> Line? { lines.first { $0.name.hasPrefix(prefix) } }

    /// Rates are finite, positive and in order, and so are the figures beside them.
    func expectSense(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(!lines.isEmpty, sourceLocation: sourceLocation)
        for line in lines {
            let rate = line.rate
            #expect(
                rate.minimum > 0 && rate.minimum <= rate.median && rate.median <= rate.maximum
                    && rate.maximum.isFinite,
                "\(line)", sourceLocation: sourceLocation)
            #expect(
                line.also.allSatisfy { $0.value > 0 && $0.value.isFinite }, "\(line)", sourceLocation: sourceLocation)
        }
    }
}

/// The JSON of `compare`.
struct MeasuredComparison: Decodable {
    struct Row: Decodable {
        let job: String
        let unit: String
        let gossamer: Entry
        let peers: [Entry]
    }

    struct Entry: Decodable {
        let name: String
        let value: Double
        let peak_bytes: Int?
        let remark: String?
        let times_as_fast: Double?
    }

    let rows: [Row]
}

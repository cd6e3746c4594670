import FileIO
import Foundation
import Testing

/// A folder of its own for one test, removed at the end.
final class ScratchFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: "gossamer-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: url.appending(path: name))
        return path(name)
    }

    func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url.appending(path: name))) }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
}

func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

func bytes(of values: [Float]) -> [UInt8] { values.flatMap { littleEndian($0.bitPattern) } }

/// Checks that the body throws bad data whose message holds `part`.
func expectBadData(
    _ part: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch FileError.badData(let problem) {
        #expect(problem.description.contains(part), sourceLocation: sourceLocation)
    } catch {
        Issue.record("thrown: \(error)", sourceLocation: sourceLocation)
    }
}

import Foundation
import Testing

@testable import FileIO

@Suite struct MappedFileTests {
    /// Whatever the file loses, a search for the end of a line ends behind it.
    @Test(arguments: [-1, 0, 1]) func lineFeedsFollowTheLastPage(beyond: Int) throws {
        let size = 2 * Int(getpagesize()) + beyond
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).txt").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(repeating: UInt8(ascii: "x"), count: size).write(to: URL(fileURLWithPath: path))
        let file = try MappedFile(path: path)
        #expect(file.bytes.count == size && file.bytes.allSatisfy { $0 == UInt8(ascii: "x") })
        let start = try #require(file.bytes.baseAddress)
        var end = size
        while start.load(fromByteOffset: end, as: UInt8.self) != UInt8(ascii: "\n") { end += 1 }
        #expect(end < size + Int(getpagesize()) + 1)
        file.release()
        #expect(start.load(fromByteOffset: end, as: UInt8.self) == UInt8(ascii: "\n"))
        #expect(file.bytes.last == UInt8(ascii: "x"))
    }

    /// Others write to the file while it is mapped, and again after that.
    @Test func changesAreSeenAsLongAsAFileIsMapped() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).txt").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(repeating: UInt8(ascii: "x"), count: 10_000).write(to: URL(fileURLWithPath: path))
        let file = try MappedFile(path: path)
        #expect(!file.isAltered)
        let writer = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        // A file system may count time in steps of some milliseconds.
        usleep(50_000)
        try writer.write(contentsOf: Data("y".utf8))
        #expect(file.isAltered)
        let second = try MappedFile(path: path)
        #expect(!second.isAltered)
        try writer.truncate(atOffset: 5)
        #expect(second.isAltered)
    }
}

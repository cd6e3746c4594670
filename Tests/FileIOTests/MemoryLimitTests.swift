import Foundation
import Testing

@testable import FileIO

@Suite struct MemoryLimitTests {
    /// A made-up `/proc` and `/sys` in a folder.
    private func limit(_ files: [String: String]) throws -> Int? {
        let root = FileManager.default.temporaryDirectory.appending(path: "limits-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for (name, text) in files {
            let file = root.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return MemoryLimit.controlGroups(root: root.path)
    }

    @Test func theLeastOfAllGroupsHolds() throws {
        #expect(try limit([:]) == nil)
        let group = ["proc/self/cgroup": "0::/a/b\n"]
        #expect(try limit(group) == nil)
        #expect(try limit(group.merging(["sys/fs/cgroup/a/b/memory.max": "max\n"]) { $1 }) == nil)
        #expect(try limit(group.merging(["sys/fs/cgroup/a/b/memory.max": "1000\n"]) { $1 }) == 1000)
        let nested = ["sys/fs/cgroup/a/b/memory.max": "1000\n", "sys/fs/cgroup/a/memory.max": "700\n"]
        #expect(try limit(group.merging(nested) { $1 }) == 700)
        // As a container sees it.
        #expect(try limit(["proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "500\n"]) == 500)
        let first = "12:memory:/c\n11:cpu,cpuacct:/c\n0::/c\n"
        #expect(
            try limit(["proc/self/cgroup": first, "sys/fs/cgroup/memory/c/memory.limit_in_bytes": "300\n"]) == 300)
    }

    @Test func thereIsSomeMemory() { #expect(MemoryLimit.bytes > 1 << 20) }

    @Test func announcedSizesAreInProportion() throws {
        try AnnouncedSize.check(1 << 27, contentBytes: 10, what: "x", path: "a")
        #expect(throws: FileError.self) {
            try AnnouncedSize.check(1 << 27 + 1, contentBytes: 10, what: "x", path: "a")
        }
        #expect(throws: FileError.self) { try AnnouncedSize.check(.max, contentBytes: .max, what: "x", path: "a") }
    }

    @Test func someMemoryIsLeft() {
        #expect(MemoryLimit.free > 0 && MemoryLimit.free <= MemoryLimit.bytes)
    }
}

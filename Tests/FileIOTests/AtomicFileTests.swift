import Foundation
import Testing

@testable import FileIO

@Suite struct AtomicFileTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "atomic-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    private func write(_ text: String, to path: String) throws {
        let file = try AtomicFile(path: path)
        try file.write(text)
        try file.commit()
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }

    @Test func linksAreFollowedAlsoToNowhere() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createSymbolicLink(atPath: path("link"), withDestinationPath: "new")
        try write("a", to: path("link"))
        #expect(try String(contentsOfFile: path("new"), encoding: .utf8) == "a")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path("link")) == "new")
        try write("b", to: path("link"))
        #expect(try String(contentsOfFile: path("new"), encoding: .utf8) == "b")
        #expect(try names == ["link", "new"])
    }

    @Test func linksThatLeadBackAreRefused() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createSymbolicLink(atPath: path("a"), withDestinationPath: "b")
        try FileManager.default.createSymbolicLink(atPath: path("b"), withDestinationPath: "a")
        #expect(throws: FileError.cannotCreate(path: path("a"), reason: "it is a link that leads back to itself")) {
            try write("x", to: path("a"))
        }
        #expect(try names == ["a", "b"])
    }

    @Test func permissionsStay() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for mode in [0o600, 0o640, 0o755] {
            try write("a", to: path("file"))
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path("file"))
            try write("b", to: path("file"))
            let found = try FileManager.default.attributesOfItem(atPath: path("file"))[.posixPermissions] as? Int
            #expect(found == mode)
        }
    }

    /// What a killed program left goes; what another program holds stays, and so does what is named otherwise.
    @Test func leftoversOfTheSameTargetAreRemoved() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        // No process has this number: it is beyond the largest.
        for name in ["out.2147483646.2.partial", "out.x.2.partial", "other.1.2.partial", "out.1.partial"] {
            try Data().write(to: folder.appending(path: name))
        }
        let running = try AtomicFile(path: path("out"))
        try AtomicFile.checkCreatable(path("out"))
        let left = try names
        #expect(left.count == 4 && !left.contains("out.2147483646.2.partial"))
        #expect(left.contains("other.1.2.partial") && left.contains("out.x.2.partial"))
        withExtendedLifetime(running) {}
    }

    @Test func namelessFilesLeaveNothing() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try namelessFile(besides: path("out"))
        #expect(try names.isEmpty)
        file.release()
    }
}

import Foundation
import Testing

@testable import FileIO

@Suite struct InputHeadTests {
    private func withFile<R>(_ data: Data, _ body: (String) throws -> R) throws -> R {
        let url = FileManager.default.temporaryDirectory.appending(path: "gossamer-\(UUID().uuidString)")
        try data.write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(url.path)
    }

    @Test func givesTheBeginning() throws {
        try withFile(Data("some content".utf8)) { path in
            let head = try InputHead.read(path: path, count: 4)
            #expect(head.bytes == Array("some".utf8) && !head.isComplete)
            let all = try InputHead.read(path: path, count: 100)
            #expect(all.bytes == Array("some content".utf8) && all.isComplete)
        }
    }

    @Test func decompressesOnlyWhatIsAskedFor() throws {
        let gzip = Data(base64Encoded: "H4sIAAAAAAAC/zNUMLQyVDC2MuQyUDACkgB9k8B8EAAAAA==") ?? Data()
        try withFile(gzip) { path in
            let head = try InputHead.read(path: path, count: 8)
            #expect(head.bytes == Array("1 1:1 3:".utf8) && !head.isComplete)
        }
    }

    @Test func namesWhatIsThere() throws {
        try withFile(Data()) { path in
            #expect(FileKind(path: path) == .file && FileKind(path: "/") == .folder)
            #expect(FileKind(path: path + "x") == nil)
        }
        #expect(throws: FileError.self) { try InputHead.read(path: "/nowhere", count: 4) }
    }
}

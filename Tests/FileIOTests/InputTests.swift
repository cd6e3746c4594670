import Foundation
import Testing

@testable import FileIO

@Suite struct InputTests {
    private func withFile<R>(_ data: Data, _ body: (String) throws -> R) throws -> R {
        let url = FileManager.default.temporaryDirectory.appending(path: "gossamer-\(UUID().uuidString)")
        try data.write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(url.path)
    }

    @Test func givesTheBeginning() throws {
        try withFile(Data("some content".utf8)) { path in
            let head = try Input(path: path).head(4)
            #expect(head.bytes == Array("some".utf8) && !head.isComplete)
            let all = try Input(path: path).head(100)
            #expect(all.bytes == Array("some content".utf8) && all.isComplete)
        }
    }

    @Test func readsNoMoreLinesThanAsked() throws {
        try withFile(Data("one\ntwo\nthree\n".utf8)) { path in
            let head = try Input(path: path).head(100, lines: 2)
            #expect(head.bytes == Array("one\ntwo\n".utf8) && !head.isComplete)
            #expect(try Input(path: path).head(100, lines: 4).isComplete)
            #expect(try Input(path: path).head(5, lines: 2).bytes == Array("one\nt".utf8))
        }
    }

    /// A pipe can be read once only, so what was looked at comes again with the rest.
    @Test(arguments: [Data("one\ntwo\n".utf8), gzip])
    func pipesStayToBeRead(content: Data) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gossamer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "pipe").path
        #expect(mkfifo(path, 0o600) == 0)
        let writer = Thread { try? content.write(to: URL(filePath: path)) }
        writer.start()
        let input = Input(path: path)
        let head = try input.head(5)
        #expect(head.bytes.count == 5)
        let again = try input.head(3)
        let all = try input.bytes()
        #expect(all.bytes.starts(with: head.bytes) && all.bytes.starts(with: again.bytes) && all.bytes.count > 7)
        #expect((all.compression == .gzip) == (content == Self.gzip))
    }

    private static let gzip = Data(base64Encoded: "H4sIAAAAAAAC/zNUMLQyVDC2MuQyUDACkgB9k8B8EAAAAA==") ?? Data()

    @Test func decompressesOnlyWhatIsAskedFor() throws {
        try withFile(Self.gzip) { path in
            let head = try Input(path: path).head(8)
            #expect(head.bytes == Array("1 1:1 3:".utf8) && !head.isComplete)
        }
    }

    @Test func namesWhatIsThere() throws {
        try withFile(Data()) { path in
            #expect(FileKind(path: path) == .file && FileKind(path: "/") == .folder)
            #expect(FileKind(path: path + "x") == nil)
        }
        #expect(throws: FileError.self) { try Input(path: "/nowhere").head(4) }
    }
}

import Foundation
import Testing

@testable import FileIO

@Suite struct PathTextTests {
    private func text(_ bytes: [UInt8]) -> String {
        (bytes + [0]).map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { name in
            name.baseAddress.map { PathText.text(of: $0) } ?? ""
        }
    }

    @Test func everyNameHasATextThatLeadsBackToIt() {
        #expect(text(Array("Größe/a.svm".utf8)) == "Größe/a.svm")
        #expect(text([0x61, 0xFF, 0x62]) == "a\u{10FFFF}b")
        var generator = SplitMix(state: 3)
        var names: [[UInt8]: String] = [:]
        for _ in 0..<2000 {
            let parts: [[UInt8]] = [
                [0x61], [0xFF], [0xC3], [0xC3, 0xBC], [0xE2, 0x82], Array("\u{10FFFF}".utf8), Array("\u{10FF80}".utf8),
                [UInt8.random(in: 1...255, using: &generator)], Array("e\u{301}".utf8), [0xED, 0xA0, 0x80],
            ]
            let name = (0..<Int.random(in: 0...6, using: &generator)).flatMap { _ in
                parts.randomElement(using: &generator) ?? []
            }
            let text = text(name)
            #expect(PathText.bytes(of: text) == name, "\(name)")
            names[name] = text
        }
        #expect(Set(names.values.map { Array($0.utf8) }).count == names.count)
    }

    @Test func filesWithSuchNamesAreWrittenAndRead() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "names-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path + "/" + text([0x62, 0xE4, 0x75, 0x2E, 0x73])
        let file = try AtomicFile(path: path)
        try file.write("1 1:1\n")
        #expect(FileKind(path: path) == nil)
        try file.commit()
        #expect(FileKind(path: path) == .file)
        let input = try InputBytes(path: path)
        withExtendedLifetime(input) { #expect(Array(input.bytes) == Array("1 1:1\n".utf8)) }
        #expect(try ByteStream(path: path).peek(3, lines: .max).bytes == Array("1 1".utf8))
        let listed = try #require(opendir(folder.path))
        defer { closedir(listed) }
        var names: [[UInt8]] = []
        while let entry = readdir(listed) {
            names.append(withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) })
        }
        #expect(names.contains([0x62, 0xE4, 0x75, 0x2E, 0x73]), "\(names)")
    }
}

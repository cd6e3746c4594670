import Foundation
import Testing

@testable import FileIO

@Suite struct InputBytesTests {
    /// Text that compresses, with a part that does not.
    static let sample: [UInt8] = {
        var generator = SplitMix(state: 7)
        var bytes = Array(String(repeating: "1 17:2 99:1\n", count: 30_000).utf8)
        for _ in 0..<300_000 { bytes.append(UInt8.random(in: 0...255, using: &generator)) }
        return bytes
    }()

    func content(of bytes: [UInt8]) throws -> (bytes: [UInt8], compression: Compression?) {
        try withTemporaryFile(bytes) { path in
            let input = try InputBytes(path: path)
            #expect(input.name == path)
            return (Array(input.bytes), input.compression)
        }
    }

    func problem(with bytes: [UInt8]) throws -> BadData? {
        try withTemporaryFile(bytes) { path -> BadData? in
            do {
                let input = try InputBytes(path: path)
                Issue.record("read \(input.bytes.count) bytes of a damaged file")
                return nil
            } catch FileError.badData(let problem) {
                #expect(problem.path == path)
                return problem
            } catch {
                Issue.record("\(error)")
                return nil
            }
        }
    }

    @Test func plainFilesAreMapped() throws {
        for bytes in [[], Array("a".utf8), Array("BZh1 is a label".utf8), [0x1F, 0x8B], Self.sample] {
            let read = try content(of: bytes)
            #expect(read.bytes == bytes)
            #expect(read.compression == nil)
        }
    }

    @Test(arguments: Compression.allCases)
    func decompressesByContent(_ compression: Compression) throws {
        for bytes in [[], Array("a".utf8), Array("1 1:1\n".utf8), Self.sample] {
            let read = try content(of: compress(bytes, as: compression))
            #expect(read.bytes == bytes)
            #expect(read.compression == compression)
        }
    }

    @Test(arguments: Compression.allCases)
    func streamsBackToBackAreOneContent(_ compression: Compression) throws {
        let parts = [Array("first\n".utf8), Self.sample, [], Array("last".utf8)]
        let read = try content(of: parts.flatMap { compress($0, as: compression) })
        #expect(read.bytes == parts.flatMap { $0 })
    }

    @Test(arguments: Compression.allCases)
    func truncationIsAnError(_ compression: Compression) throws {
        for bytes in [Array("1 1:1 2:1\n".utf8), Self.sample] {
            let whole = compress(bytes, as: compression)
            let cuts = [1, 2, 4, 7, 8, 9, whole.count / 2, whole.count / 3, whole.count - 18]
            for cut in cuts where cut > 0 && whole.count - cut >= 14 {
                let problem = try problem(with: Array(whole.dropLast(cut)))
                #expect(problem?.advice.isEmpty == false, "cut \(cut) of \(whole.count)")
            }
        }
    }

    @Test(arguments: Compression.allCases)
    func corruptionIsAnError(_ compression: Compression) throws {
        let whole = compress(Self.sample, as: compression)
        var generator = SplitMix(state: 3)
        for _ in 0..<8 {
            var damaged = whole
            damaged[Int.random(in: whole.count / 4..<whole.count - 16, using: &generator)] ^= 0x10
            // zstd's frames carry a checksum only when the writer asked for one; the size and structure still hold.
            if compression == .zstd, let read = try? content(of: damaged) {
                #expect(read.bytes.count == Self.sample.count)
            } else {
                _ = try problem(with: damaged)
            }
        }
    }

    @Test(arguments: Compression.allCases)
    func otherBytesAfterTheEndAreAnError(_ compression: Compression) throws {
        for bytes in [Self.sample, Array("1 1:1\n".utf8)] {
            let whole = compress(bytes, as: compression)
            // A few bytes are too few for any stream, or the beginning of another one.
            for rest in [Array("1 1:1\n and more text".utf8), Array("garbage".utf8), Array(whole.prefix(10))] {
                _ = try problem(with: whole + rest)
            }
        }
    }

    @Test func gzipMayBePaddedWithZeros() throws {
        let padded = compress(Self.sample, as: .gzip) + [UInt8](repeating: 0, count: 100)
        #expect(try content(of: padded).bytes == Self.sample)
    }

    @Test func missingFilesAndFoldersAreUnreadable() {
        for path in ["/nonexistent/file", NSTemporaryDirectory()] {
            #expect { try InputBytes(path: path) } throws: { error in
                if case FileError.unreadable = error { true } else { false }
            }
        }
    }

    @Test func pipesAreReadToTheirEnd() throws {
        let path = NSTemporaryDirectory() + "pipe-\(UUID().uuidString)"
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        let compressed = compress(Self.sample, as: .zstd)
        let writer = Thread {
            guard let file = FileHandle(forWritingAtPath: path) else { return }
            file.write(Data(compressed))
            try? file.close()
        }
        writer.start()
        let input = try InputBytes(path: path)
        // The bytes live as long as the input, which the comparison alone would not keep.
        let content = withExtendedLifetime(input) { Array(input.bytes) }
        #expect(content == Self.sample)
    }
}

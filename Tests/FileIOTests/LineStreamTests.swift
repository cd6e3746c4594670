import Foundation
import Testing

@testable import FileIO

@Suite struct LineStreamTests {
    func blocks(of text: [UInt8], blockSize: Int, mostLines: Int = .max) throws -> [[UInt8]] {
        try withTemporaryFile(text) { path in
            let lines = LineStream(try ByteStream(path: path), blockSize: blockSize, mostLines: mostLines)
            var blocks: [[UInt8]] = []
            while let block = try lines.next() { blocks.append(block) }
            return blocks
        }
    }

    @Test(
        arguments: [1, 2, 3, 7, 64, 1 << 16], ["", "\n", "a", "a\n", "\n\na\n", "one\ntwo\r\nthree and more\n\nend"])
    func blocksAreWholeLines(blockSize: Int, text: String) throws {
        let blocks = try blocks(of: Array(text.utf8), blockSize: blockSize)
        #expect(blocks.flatMap { $0 } == Array(text.utf8))
        #expect(blocks.allSatisfy { !$0.isEmpty })
        for block in blocks.dropLast() { #expect(block.last == UInt8(ascii: "\n")) }
    }

    @Test(arguments: [1, 2, 3, 50], [1, 4, 9, 1 << 16])
    func blocksHaveNoMoreLinesThanAsked(mostLines: Int, blockSize: Int) throws {
        let text = Array("one\ntwo\r\n\n\nthree and more\n\nend".utf8)
        let blocks = try blocks(of: text, blockSize: blockSize, mostLines: mostLines)
        #expect(blocks.flatMap { $0 } == text)
        for block in blocks {
            let lines = block.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).count - 1
            #expect(lines <= mostLines && (lines == mostLines || blockSize < 100 || block == blocks.last))
        }
    }

    @Test(arguments: [4, 64])
    func linesThatGoOnAndOnAreRefused(blockSize: Int) throws {
        try withTemporaryFile(Array("one\ntwo\n".utf8) + Array(repeating: 0x30, count: 1000)) { path in
            let lines = LineStream(try ByteStream(path: path), blockSize: blockSize)
            lines.longestLine = 100
            let error = #expect(throws: FileError.self) {
                while try lines.next() != nil {}
            }
            #expect("\(error.map { "\($0)" } ?? "")".contains(":3:1: found a line of more than 100 bytes"))
        }
    }

    @Test func documentsThatAreTooLongAreRefused() throws {
        try withTemporaryFile(Array(repeating: 0x30, count: 1000)) { path in
            let whole = try Input(path: path).bytes(atMost: 1000)
            #expect(whole.bytes.count == 1000)
            #expect(throws: FileError.self) { try Input(path: path).bytes(atMost: 999) }
        }
    }

    @Test(arguments: [1, 2, 5, 100])
    func theByteOrderMarkIsLeftOut(blockSize: Int) throws {
        let blocks = try blocks(of: [0xEF, 0xBB, 0xBF] + Array("word\n".utf8), blockSize: max(blockSize, 3))
        #expect(blocks.flatMap { $0 } == Array("word\n".utf8))
    }

    @Test(arguments: Compression.allCases)
    func compressedInputsAreReadInBlocks(_ compression: Compression) throws {
        let text = (0..<50_000).flatMap { Array("line \($0 % 977)\n".utf8) }
        let blocks = try blocks(of: compress(text, as: compression), blockSize: 10_000)
        #expect(blocks.count > 30)
        #expect(blocks.flatMap { $0 } == text)
    }

    @Test(arguments: Compression.allCases)
    func whatBreaksOffIsAnErrorAfterItsLines(_ compression: Compression) throws {
        var generator = SplitMix(state: 5)
        let text = (0..<200_000).flatMap { _ in Array("\(UInt32.random(in: 0...9999, using: &generator))\n".utf8) }
        let cut = compress(text, as: compression).dropLast(100)
        try withTemporaryFile(Array(cut)) { path in
            let lines = LineStream(try ByteStream(path: path), blockSize: 1000)
            #expect {
                while let block = try lines.next() { #expect(!block.isEmpty) }
            } throws: { error in
                if case FileError.badData(let problem) = error { problem.path == path } else { false }
            }
        }
    }
}

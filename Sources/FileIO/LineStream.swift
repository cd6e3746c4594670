#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An input's content in blocks of whole lines, so that inputs larger than memory can be worked on.
///
/// Where blocks end depends on the content alone, not on how it arrives.
package final class LineStream {
    private let stream: ByteStream
    /// What messages call the input.
    package var name: String { stream.name }
    private let blockSize: Int
    private let mostLines: Int
    /// What was read beyond the last block.
    private var rest: [UInt8] = []
    private var chunk: [UInt8]
    private var isAtStart = true
    private var isAtEnd = false
    private static let newline = UInt8(ascii: "\n")
    /// Longer lines, and other units of text, are refused: of a file of nothing but zeros, say, compressed a thousandfold,
    /// there would be no end.
    package static let longestLine = 1 << 27
    /// The same, for tests.
    package var longestLine = LineStream.longestLine
    /// Lines before the block that was handed out last, and after it.
    package private(set) var linesBefore = 0
    private var linesAfter = 0

    /// - Parameters:
    ///   - blockSize: how many bytes a block has at most; it is longer only for a longer line.
    ///   - mostLines: how many lines a block has at most. Of a pipe no more is waited for.
    package init(_ stream: ByteStream, blockSize: Int, mostLines: Int = .max) {
        precondition(blockSize > 0 && mostLines > 0, "blocks must hold something")
        self.stream = stream
        self.blockSize = blockSize
        self.mostLines = mostLines
        chunk = [UInt8](repeating: 0, count: min(blockSize, 1 << 20))
    }

    /// The next lines, each with its newline; the last one of the input may lack it. A byte order mark at the start
    /// of the input is left out.
    ///
    /// - Returns: nil at the end; never an empty block.
    /// - Throws: as `ByteStream.read`.
    package func next() throws(FileError) -> [UInt8]? {
        if isAtStart { try leaveOutByteOrderMark() }
        var block = rest
        rest = []
        block.reserveCapacity(blockSize)
        var search = EndSearch(blockSize: blockSize, linesLeft: mostLines)
        while true {
            if let end = block.withUnsafeBufferPointer({ search.end(in: $0) }) {
                rest = Array(block[end...])
                block.removeSubrange(end...)
                linesBefore = linesAfter
                linesAfter += Self.lineCount(of: block)
                return block
            }
            if isAtEnd { return block.isEmpty ? nil : block }
            guard block.count < max(longestLine, blockSize) else {
                throw .badData(
                    BadData(
                        path: stream.name, line: linesAfter + 1, column: 1,
                        found: "a line of more than \(longestLine) bytes", expected: "shorter lines",
                        advice: "check that this is the file you meant"))
            }
            // A line that goes on and on is read in pieces as large as they may be.
            try readMore(into: &block, atMost: block.count < blockSize ? blockSize - block.count : chunk.count)
        }
    }

    private static func lineCount(of block: [UInt8]) -> Int {
        block.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            var (lines, place) = (0, 0)
            while place < bytes.count, let end = memchr(start + place, Int32(newline), bytes.count - place) {
                lines += 1
                place = UnsafeRawPointer(end) - start + 1
            }
            return lines
        }
    }

    private func readMore(into block: inout [UInt8], atMost count: Int) throws(FileError) {
        let read = try chunk.withUnsafeMutableBytes { bytes in
            Result { () throws(FileError) in
                try stream.readSome(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<min(count, bytes.count)]))
            }
        }.get()
        isAtEnd = read == 0
        block += chunk[..<read]
    }

    private func leaveOutByteOrderMark() throws(FileError) {
        isAtStart = false
        while rest.count < utf8ByteOrderMark.count, !isAtEnd {
            try readMore(into: &rest, atMost: utf8ByteOrderMark.count - rest.count)
        }
        if rest == utf8ByteOrderMark { rest = [] }
    }

    /// Looks for the end of a block that grows, each byte once.
    private struct EndSearch {
        let blockSize: Int
        var linesLeft: Int
        /// How far lines were counted, and how far back from a full block's end a newline was looked for.
        private var counted = 0
        private var searched = 0

        init(blockSize: Int, linesLeft: Int) {
            self.blockSize = blockSize
            self.linesLeft = linesLeft
        }

        mutating func end(in block: UnsafeBufferPointer<UInt8>) -> Int? {
            if linesLeft < .max {
                let added = UnsafeBufferPointer(rebasing: block[counted...])
                var lines = 0
                for byte in added { lines &+= byte == newline ? 1 : 0 }
                if lines >= linesLeft { return counted + place(ofLineEnd: linesLeft, in: added) + 1 }
                linesLeft -= lines
                counted = block.count
            }
            guard block.count >= blockSize else { return nil }
            var end = block.count
            while end > searched, block[end - 1] != newline { end -= 1 }
            if end > searched { return end }
            searched = block.count
            return nil
        }

        private func place(ofLineEnd line: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
            var left = line
            for place in bytes.indices where bytes[place] == newline {
                left -= 1
                if left == 0 { return place }
            }
            preconditionFailure("there are fewer than \(line) lines")
        }
    }
}

/// An input's content in blocks of whole lines, so that inputs larger than memory can be worked on.
public final class LineStream {
    private let stream: ByteStream
    private let blockSize: Int
    /// The line that the last block broke off in.
    private var unfinished: [UInt8] = []
    private var isAtStart = true
    private var isAtEnd = false
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// - Parameter blockSize: how many bytes to read at a time; a block is longer only for a longer line.
    public init(_ stream: ByteStream, blockSize: Int) {
        precondition(blockSize > 0, "blocks must hold something")
        self.stream = stream
        self.blockSize = blockSize
    }

    /// The next lines, each with its newline; the last one of the input may lack it. A byte order mark at the start
    /// of the input is left out.
    ///
    /// - Returns: nil at the end; never an empty block.
    /// - Throws: as `ByteStream.read`.
    public func next() throws(FileError) -> [UInt8]? {
        var block = unfinished
        unfinished = []
        while !isAtEnd {
            let searched = block.count
            try readMore(into: &block)
            if !isAtEnd, let newline = block[searched...].lastIndex(of: UInt8(ascii: "\n")) {
                unfinished = Array(block[(newline + 1)...])
                block.removeSubrange((newline + 1)...)
                break
            }
        }
        return block.isEmpty ? nil : block
    }

    private func readMore(into block: inout [UInt8]) throws(FileError) {
        let start = block.count
        // A line that goes on and on is read in ever larger pieces.
        let wanted = max(blockSize - start, start, isAtStart ? Self.byteOrderMark.count : 1)
        block.append(contentsOf: repeatElement(0, count: wanted))
        let count = try block.withUnsafeMutableBytes { bytes in
            Result { () throws(FileError) in
                try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
            }
        }.get()
        block.removeLast(wanted - count)
        isAtEnd = count < wanted
        if isAtStart, block.starts(with: Self.byteOrderMark) { block.removeFirst(Self.byteOrderMark.count) }
        isAtStart = false
    }
}

import FileIO

/// Where something stands in a block of lines.
struct BlockPosition: Equatable, Comparable {
    /// Counted from 0, from the block's first line.
    var line: Int
    /// In bytes, counted from 1.
    var column: Int

    static func < (a: BlockPosition, b: BlockPosition) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// Bad data in a block of lines; it becomes a `BadData` once the number of lines before the block is known.
struct LineFault: Error {
    var position: BlockPosition
    var found: String
    var expected: Message
    var advice: Message

    func badData(path: String, linesBefore: Int) -> BadData {
        BadData(
            path: path, line: linesBefore + position.line + 1, column: position.column, found: found,
            expected: expected, advice: advice)
    }
}

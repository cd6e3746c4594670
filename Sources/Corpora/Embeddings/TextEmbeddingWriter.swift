import FileIO

/// How a text format puts a row into bytes.
protocol RowFormatter {
    /// Appends what stands before the first row.
    func appendHeader(to buffer: inout [UInt8])

    /// Appends a row, with the end of its line.
    func append(_ values: UnsafeBufferPointer<Float>, row: Int, to buffer: inout [UInt8])
}

/// Writes any text format. Numbers have the fewest digits that read back as the same `Float`, and a decimal point
/// whatever the locale.
final class TextEmbeddingWriter<Formatter: RowFormatter>: EmbeddingWriter {
    private let file: AtomicFile
    private let formatter: Formatter
    private let columnCount: Int
    private var rowCounter: RowCounter
    private var buffer: [UInt8] = []
    private static var flushSize: Int { 1 << 18 }

    init(path: String, table: EmbeddingTable, formatter: Formatter) throws(FileError) {
        self.formatter = formatter
        columnCount = table.columnCount
        rowCounter = RowCounter(table)
        file = try AtomicFile(path: path)
        formatter.appendHeader(to: &buffer)
    }

    func append(rows: UnsafeBufferPointer<Float>, count: Int) throws(FileError) {
        let firstRow = rowCounter.add(rows, count: count)
        for row in 0..<count {
            let values = UnsafeBufferPointer(rebasing: rows[(row * columnCount)..<((row + 1) * columnCount)])
            formatter.append(values, row: firstRow + row, to: &buffer)
            if buffer.count >= Self.flushSize { try flush() }
        }
    }

    func finish() throws(FileError) {
        rowCounter.checkComplete()
        try flush()
        try file.commit()
    }

    private func flush() throws(FileError) {
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}

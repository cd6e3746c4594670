import FileIO

/// The conversion of rows to bytes in a text format.
protocol RowFormatter {
    /// The texts of rows that the format has separate fields for.
    var fields: RowFields { get }
    /// The texts that have a column even if no row has any.
    var columns: RowFields { get }
    /// Whether the first line contains the number of rows.
    static var headerCountsRows: Bool { get }
    /// Descriptions of labels that were replaced by numbers.
    var changes: [String] { get }

    /// Appends the text before the first row.
    func appendHeader(rowCount: Int, columnCount: Int, _ fields: RowFields, to buffer: inout [UInt8])

    /// Appends a row, including the line end.
    func append(_ row: EmbeddedRow, _ fields: RowFields, to buffer: inout [UInt8])

    /// Appends a line that was written without some of the texts, converted to the form with them: with empty texts,
    /// and including the line end.
    func append(
        _ line: UnsafeRawBufferPointer, isFirst: Bool, adding fields: RowFields, to buffer: inout [UInt8])
}

extension RowFormatter {
    var fields: RowFields { columns }
    var columns: RowFields { RowFields() }
    static var headerCountsRows: Bool { false }
    var changes: [String] { [] }

    func appendHeader(rowCount: Int, columnCount: Int, _ fields: RowFields, to buffer: inout [UInt8]) {}

    func append(
        _ line: UnsafeRawBufferPointer, isFirst: Bool, adding fields: RowFields, to buffer: inout [UInt8]
    ) {
        buffer.append(contentsOf: line)
        buffer.append(UInt8(ascii: "\n"))
    }
}

/// A row to be converted to text.
struct EmbeddedRow {
    let values: UnsafeBufferPointer<Float>
    let number: Int
    /// The id; empty for none.
    let id: String
    /// The label; empty for none.
    let label: String
    /// The separate labels, if it is known whether there are several.
    let labels: [String]?
}

/// Writes any text format. Numbers have the fewest digits that are read back as the same `Float`, and a decimal point
/// whatever the locale.
///
/// Whether rows have ids or labels is known only when a row has one; lines of a file that were written before are then
/// rewritten.
final class TextEmbeddingWriter<Formatter: RowFormatter>: EmbeddingWriter {
    private let file: DraftFile
    private let formatter: Formatter
    private var rowCounter: RowCounter
    private var fields = RowFields()
    private var hasBegun = false
    private(set) var rowsWithoutTheirTexts = 0
    var changes: [String] { formatter.changes }
    private var buffer: [UInt8] = []
    private static var flushSize: Int { 1 << 18 }

    init(path: String, columnCount: Int, formatter: Formatter) throws(FileError) {
        self.formatter = formatter
        rowCounter = RowCounter(columnCount: columnCount)
        file = try DraftFile(path: path, flowing: !Formatter.headerCountsRows)
    }

    func append(rows: UnsafeBufferPointer<Float>, count: Int, metadata: RowMetadata) throws(FileError) {
        let firstRow = rowCounter.add(rows, count: count, metadata)
        try makePlace(for: metadata)
        let width = rowCounter.columnCount
        for row in 0..<count {
            let embedded = EmbeddedRow(
                values: UnsafeBufferPointer(rebasing: rows[(row * width)..<((row + 1) * width)]),
                number: firstRow + row, id: metadata.ids?[row] ?? "", label: metadata.labels?[row] ?? "",
                labels: metadata.labelSets?[row])
            formatter.append(embedded, fields, to: &buffer)
            if buffer.count >= Self.flushSize { try flush() }
        }
        if !file.isChangeable {
            try flush()
            try file.flow()
        }
    }

    func finish() throws(FileError) {
        begin(RowFields())
        try flush()
        if Formatter.headerCountsRows { try file.prepend(header) }
        try file.commit()
    }

    /// Determines the texts that lines have, and rewrites earlier lines if necessary.
    private func makePlace(for metadata: RowMetadata) throws(FileError) {
        let found = RowFields(of: metadata).intersection(formatter.fields)
        begin(found)
        let added = found.subtracting(fields)
        if added == RowFields() { return }
        guard file.isChangeable else {
            let texts = [added.ids ? metadata.ids : nil, added.labels ? metadata.labels : nil].compactMap { $0 }
            rowsWithoutTheirTexts += (texts.first ?? []).indices.count { row in texts.contains { !$0[row].isEmpty } }
            return
        }
        try flush()
        try file.changeLines { line, number, result in
            formatter.append(line, isFirst: number == 0, adding: added, to: &result)
        }
        fields = fields.union(added)
    }

    private func begin(_ found: RowFields) {
        if hasBegun { return }
        hasBegun = true
        fields = found.union(formatter.columns)
        if !Formatter.headerCountsRows { buffer += header }
    }

    private var header: [UInt8] {
        var header: [UInt8] = []
        formatter.appendHeader(
            rowCount: rowCounter.count, columnCount: rowCounter.columnCount, fields, to: &header)
        return header
    }

    private func flush() throws(FileError) {
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}

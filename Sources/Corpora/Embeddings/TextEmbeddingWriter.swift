import FileIO

/// How a text format puts a row into bytes.
protocol RowFormatter {
    /// Which texts of rows have a place of their own in the format, if there are any at all.
    var fields: RowFields { get }
    /// Those that have a place even if no row has any.
    var columns: RowFields { get }
    /// Whether the first line tells how many rows there are.
    static var headerCountsRows: Bool { get }
    /// Labels for which the format has numbers only.
    var changes: [String] { get }

    /// Appends what stands before the first row.
    func appendHeader(rowCount: Int, columnCount: Int, _ fields: RowFields, to buffer: inout [UInt8])

    /// Appends a row, with the end of its line.
    func append(_ row: EmbeddedRow, _ fields: RowFields, to buffer: inout [UInt8])

    /// Appends a line that was written before there were some of the texts as it would have been with them: with empty
    /// ones, and with the end of the line.
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

/// A row on its way to text.
struct EmbeddedRow {
    let values: UnsafeBufferPointer<Float>
    let number: Int
    /// Empty for none.
    let id: String
    /// Empty for none.
    let label: String
    /// Each of the labels, where it is known whether they are several.
    let labels: [String]?
}

/// Writes any text format. Numbers have the fewest digits that read back as the same `Float`, and a decimal point
/// whatever the locale.
///
/// Whether rows have ids or labels shows once one comes that has; lines of a file that were written before are then
/// written anew.
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

    /// Decides, or decides anew, which texts the lines have.
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

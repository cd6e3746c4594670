import TensorFiles

private let comma = UInt8(ascii: ",")
private let lineFeed = UInt8(ascii: "\n")
private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")

extension RowFields {
    /// The names of the columns of a table: those of the texts, then those of the units.
    fileprivate func header(columnCount: Int, separator: String) -> String {
        let texts = (ids ? ["id"] : []) + (labels ? ["label"] : [])
        return (texts + (0..<columnCount).map { "unit_\($0)" }).joined(separator: separator) + "\n"
    }

    fileprivate func texts(of row: EmbeddedRow) -> [String] { (ids ? [row.id] : []) + (labels ? [row.label] : []) }
}

/// RFC 4180, with line feeds: a header `unit_0,unit_1,…`, preceded by a column `id` if there are ids or it is
/// requested, and `label` if it is requested.
struct CSVRowFormatter: RowFormatter {
    let columns: RowFields

    var fields: RowFields { columns.union(RowFields(ids: true)) }

    func appendHeader(rowCount: Int, columnCount: Int, _ fields: RowFields, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: fields.header(columnCount: columnCount, separator: ",").utf8)
    }

    func append(_ row: EmbeddedRow, _ fields: RowFields, to buffer: inout [UInt8]) {
        for (i, text) in fields.texts(of: row).enumerated() {
            if i > 0 { buffer.append(comma) }
            appendField(text, to: &buffer)
        }
        if fields != RowFields() && !row.values.isEmpty { buffer.append(comma) }
        appendShortest(row.values, separator: comma, to: &buffer)
        buffer.append(lineFeed)
    }

    func append(
        _ line: UnsafeRawBufferPointer, isFirst: Bool, adding fields: RowFields, to buffer: inout [UInt8]
    ) {
        if isFirst { buffer.append(contentsOf: "id".utf8) }
        if !line.isEmpty { buffer.append(comma) }
        buffer.append(contentsOf: line)
        buffer.append(lineFeed)
    }

    private func appendField(_ text: String, to buffer: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let needsQuotes = text.utf8.contains {
            $0 == comma || $0 == quote || $0 == lineFeed || $0 == UInt8(ascii: "\r")
        }
        guard needsQuotes else {
            buffer.append(contentsOf: text.utf8)
            return
        }
        buffer.append(quote)
        for byte in text.utf8 {
            if byte == quote { buffer.append(quote) }
            buffer.append(byte)
        }
        buffer.append(quote)
    }
}

/// Vectors without a header, tabs between values; with columns of texts a table with a header, in whose texts tabs and
/// line ends become `_`.
struct TSVRowFormatter: RowFormatter {
    let columns: RowFields

    func appendHeader(rowCount: Int, columnCount: Int, _ fields: RowFields, to buffer: inout [UInt8]) {
        if fields == RowFields() { return }
        buffer.append(contentsOf: fields.header(columnCount: columnCount, separator: "\t").utf8)
    }

    func append(_ row: EmbeddedRow, _ fields: RowFields, to buffer: inout [UInt8]) {
        for (i, text) in fields.texts(of: row).enumerated() {
            if i > 0 { buffer.append(tab) }
            buffer.append(contentsOf: singleField(text).utf8)
        }
        if fields != RowFields() && !row.values.isEmpty { buffer.append(tab) }
        appendShortest(row.values, separator: tab, to: &buffer)
        buffer.append(lineFeed)
    }
}

/// word2vec's text format: `rows dimensions`, then `token value value …`. The token is the id or, without one, the row
/// number, counted from 1; its white space becomes `_`. Equal tokens are not changed.
struct VecRowFormatter: RowFormatter {
    static let headerCountsRows = true

    func appendHeader(rowCount: Int, columnCount: Int, _ fields: RowFields, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: "\(rowCount) \(columnCount)\n".utf8)
    }

    func append(_ row: EmbeddedRow, _ fields: RowFields, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: (row.id.isEmpty ? String(row.number + 1) : withoutWhiteSpace(row.id)).utf8)
        if !row.values.isEmpty { buffer.append(space) }
        appendShortest(row.values, separator: space, to: &buffer)
        buffer.append(lineFeed)
    }
}

/// libsvm: the label as a number (0 if there is none; see `LabelNumbers`), then one-based `index:value` of nonzero
/// values, and the id as a comment.
struct SVMRowFormatter: RowFormatter {
    let fields = RowFields(ids: true)
    private let labels = LabelNumbers()

    var changes: [String] { labels.changes }

    func append(_ row: EmbeddedRow, _ fields: RowFields, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: labels.numbers(of: row.labels ?? (row.label.isEmpty ? [] : [row.label])).utf8)
        for (column, value) in row.values.enumerated() where value != 0 {
            buffer.append(space)
            appendWhole(UInt64(column) + 1, to: &buffer)
            buffer.append(UInt8(ascii: ":"))
            appendShortest(value, to: &buffer)
        }
        if fields.ids {
            buffer.append(contentsOf: Self.idMark)
            buffer.append(contentsOf: singleLine(row.id).utf8)
        }
        buffer.append(lineFeed)
    }

    func append(
        _ line: UnsafeRawBufferPointer, isFirst: Bool, adding fields: RowFields, to buffer: inout [UInt8]
    ) {
        buffer.append(contentsOf: line)
        buffer.append(contentsOf: Self.idMark)
        buffer.append(lineFeed)
    }

    private static let idMark = Array(" # ".utf8)
}

/// One line per document: `{"id":"…","label":"…","vector":[…]}`, with an array for several labels, and without fields
/// that are unknown or not requested. Values that are not finite, which JSON cannot represent, become null.
struct JSONRowFormatter: RowFormatter {
    let columns: RowFields

    let fields = RowFields(ids: true, labels: true)

    func append(_ row: EmbeddedRow, _ fields: RowFields, to buffer: inout [UInt8]) {
        buffer.append(UInt8(ascii: "{"))
        if fields.ids { appendMember("id", row.id, to: &buffer) }
        if fields.labels, let labels = row.labels, labels.count > 1 {
            appendMember("label", labels, to: &buffer)
        } else if fields.labels {
            appendMember("label", row.label, to: &buffer)
        }
        buffer.append(contentsOf: Self.vectorStart)
        for (column, value) in row.values.enumerated() {
            if column > 0 { buffer.append(comma) }
            if value.isFinite { appendShortest(value, to: &buffer) } else { buffer.append(contentsOf: "null".utf8) }
        }
        buffer.append(contentsOf: "]}\n".utf8)
    }

    func append(
        _ line: UnsafeRawBufferPointer, isFirst: Bool, adding fields: RowFields, to buffer: inout [UInt8]
    ) {
        // Texts precede the vector, an id precedes a label. Quotes within a text are preceded by a backslash.
        let vector = (0..<line.count).first { line[$0...].starts(with: Self.vectorStart) } ?? line.count
        buffer.append(UInt8(ascii: "{"))
        if fields.ids { appendMember("id", "", to: &buffer) }
        buffer.append(contentsOf: line[1..<vector])
        if fields.labels { appendMember("label", "", to: &buffer) }
        buffer.append(contentsOf: line[vector...])
        buffer.append(lineFeed)
    }

    private static let vectorStart = Array("\"vector\":[".utf8)

    private func appendMember(_ name: StaticString, _ values: [String], to buffer: inout [UInt8]) {
        appendJSONString("\(name)", to: &buffer)
        buffer.append(contentsOf: ":[".utf8)
        for (place, value) in values.enumerated() {
            if place > 0 { buffer.append(comma) }
            appendJSONString(value, to: &buffer)
        }
        buffer.append(contentsOf: "],".utf8)
    }

    private func appendMember(_ name: StaticString, _ value: String, to buffer: inout [UInt8]) {
        appendJSONString("\(name)", to: &buffer)
        buffer.append(UInt8(ascii: ":"))
        appendJSONString(value, to: &buffer)
        buffer.append(comma)
    }
}

/// The text with every white space, and optionally one more character, replaced by `_`.
func withoutWhiteSpace(_ text: String, alsoReplacing other: Unicode.Scalar? = nil) -> String {
    replacing(text) { $0.properties.isWhitespace || $0 == other }
}

/// The text with line ends replaced by `_`.
func singleLine(_ text: String) -> String {
    replacing(text) { $0 == "\n" || $0 == "\r" }
}

/// The text with line ends and tabs replaced by `_`.
func singleField(_ text: String) -> String {
    replacing(text) { $0 == "\n" || $0 == "\r" || $0 == "\t" }
}

private func replacing(_ text: String, where isReplaced: (Unicode.Scalar) -> Bool) -> String {
    guard text.unicodeScalars.contains(where: isReplaced) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(isReplaced(scalar) ? "_" : scalar) }
    return String(result)
}

import TensorFiles

private let comma = UInt8(ascii: ",")
private let lineFeed = UInt8(ascii: "\n")
private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")

/// RFC 4180, with line feeds: a header `unit_0,unit_1,…`, and before it a column `id` if there are ids.
struct CSVRowFormatter: RowFormatter {
    let table: EmbeddingTable

    func appendHeader(to buffer: inout [UInt8]) {
        let units = (0..<table.columnCount).map { "unit_\($0)" }
        let columns = table.metadata.ids == nil ? units : ["id"] + units
        buffer.append(contentsOf: columns.joined(separator: ",").utf8)
        buffer.append(lineFeed)
    }

    func append(_ values: UnsafeBufferPointer<Float>, row: Int, to buffer: inout [UInt8]) {
        if let ids = table.metadata.ids {
            appendField(ids[row], to: &buffer)
            if !values.isEmpty { buffer.append(comma) }
        }
        appendDecimals(values, separator: comma, to: &buffer)
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

/// Vectors alone, no header, tabs between values.
struct TSVRowFormatter: RowFormatter {
    func appendHeader(to buffer: inout [UInt8]) {}

    func append(_ values: UnsafeBufferPointer<Float>, row: Int, to buffer: inout [UInt8]) {
        appendDecimals(values, separator: tab, to: &buffer)
        buffer.append(lineFeed)
    }
}

/// word2vec's text format: `rows dimensions`, then `token value value …`. The token is the id, or the row's number,
/// counted from 0, if there is none; its white space becomes `_`. Equal tokens stay.
struct VecRowFormatter: RowFormatter {
    let table: EmbeddingTable

    func appendHeader(to buffer: inout [UInt8]) {
        buffer.append(contentsOf: "\(table.rowCount) \(table.columnCount)\n".utf8)
    }

    func append(_ values: UnsafeBufferPointer<Float>, row: Int, to buffer: inout [UInt8]) {
        let id = table.metadata.ids?[row] ?? ""
        buffer.append(contentsOf: (id.isEmpty ? String(row) : withoutWhiteSpace(id)).utf8)
        if !values.isEmpty { buffer.append(space) }
        appendDecimals(values, separator: space, to: &buffer)
        buffer.append(lineFeed)
    }
}

/// libsvm: the label (0 if there is none), then one-based `index:value` of the values that are not zero, and the id
/// as a comment. What would end a label early, white space and `#`, becomes `_`.
struct SVMRowFormatter: RowFormatter {
    let table: EmbeddingTable

    func appendHeader(to buffer: inout [UInt8]) {}

    func append(_ values: UnsafeBufferPointer<Float>, row: Int, to buffer: inout [UInt8]) {
        let label = table.metadata.labels?[row] ?? ""
        let token = label.isEmpty ? "0" : withoutWhiteSpace(label, alsoReplacing: "#")
        buffer.append(contentsOf: token.utf8)
        for (column, value) in values.enumerated() where value != 0 {
            buffer.append(space)
            appendDecimal(column + 1, to: &buffer)
            buffer.append(UInt8(ascii: ":"))
            appendDecimal(value, to: &buffer)
        }
        if let ids = table.metadata.ids {
            buffer.append(contentsOf: " # ".utf8)
            buffer.append(contentsOf: singleLine(ids[row]).utf8)
        }
        buffer.append(lineFeed)
    }
}

/// A line a document: `{"id":"…","label":"…","vector":[…]}`, without what is not known. Values that are not finite,
/// which JSON cannot hold, become null.
struct JSONRowFormatter: RowFormatter {
    let table: EmbeddingTable

    func appendHeader(to buffer: inout [UInt8]) {}

    func append(_ values: UnsafeBufferPointer<Float>, row: Int, to buffer: inout [UInt8]) {
        buffer.append(UInt8(ascii: "{"))
        appendMember("id", table.metadata.ids?[row], to: &buffer)
        appendMember("label", table.metadata.labels?[row], to: &buffer)
        buffer.append(contentsOf: "\"vector\":[".utf8)
        for (column, value) in values.enumerated() {
            if column > 0 { buffer.append(comma) }
            if value.isFinite { appendDecimal(value, to: &buffer) } else { buffer.append(contentsOf: "null".utf8) }
        }
        buffer.append(contentsOf: "]}\n".utf8)
    }

    private func appendMember(_ name: StaticString, _ value: String?, to buffer: inout [UInt8]) {
        guard let value else { return }
        appendJSONString("\(name)", to: &buffer)
        buffer.append(UInt8(ascii: ":"))
        appendJSONString(value, to: &buffer)
        buffer.append(comma)
    }
}

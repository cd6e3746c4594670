import FileIO
import SparseMatrices

/// A table of numbers with comma-separated columns (or semicolons, tabs or vertical bars, as in `CommaSeparated`): one
/// document per line, one feature per column, except for columns of labels and ids. Zeros are not stored.
///
/// The first line has the names of the columns if none of its cells is a number; columns named `label` and `id` are
/// used as such if none were chosen. A cell that is not a finite number is an error.
enum NumberTable: MatrixFormat {
    static let isTable = true
    static let declaresWidth = true
    static let hasNoZeros = true

    /// A `.csv` is a table of numbers if no text column was chosen, no column is named text, and all cells but labels
    /// and ids are numbers in its first line, or in its second line if the first may contain names.
    static func narrows(_ claimed: CorpusFormat, in head: HeadShape) -> String? {
        guard claimed == .csv, head.table?.texts.isEmpty ?? true else { return nil }
        let bytes = head.bytes.bindMemory(to: UInt8.self)
        let record = CommaSeparatedRecord(QuoteScan.delimiter(of: Array(bytes.prefix { $0 != 0x0A })))
        var place = 0
        var first: [String]?
        while place < bytes.count {
            place = record.read(bytes, from: place)
            if record.isBlank { continue }
            let cells = record.fields.map { String(decoding: $0, as: UTF8.self) }
            let names = first ?? cells
            guard record.fault == nil, cells.count == names.count, first == nil || !names.contains("text") else {
                return nil
            }
            let others = NumberColumns.others(head.table, names: names, isNamed: first != nil)
            let numbers = cells.indices.filter { !others.contains($0) }
            if !numbers.isEmpty, numbers.allSatisfy({ NumberColumns.isNumber(cells[$0]) }) {
                return "all cells \(others.isEmpty ? "" : "but labels and ids ")are numbers"
            }
            if first != nil { return nil }
            first = cells
        }
        return nil
    }

    static func source(
        _ input: Input, options: CorpusReadingOptions, handing: Handing, parallelism: Parallelism
    ) throws(FileError) -> any CorpusSource {
        let stream = try input.stream()
        let size = options.blocksAtOnce(handing, parallelism)
        let records = RecordStream(
            LineStream(stream, blockSize: options.textInput.blockSize, mostLines: size.lines))
        // The first block may consist of blank lines.
        var first: [UInt8] = []
        while first.allSatisfy({ $0 <= 0x20 }), let more = try records.next() { first += more }
        let columns: NumberColumns
        do throws(BadData) {
            columns = try NumberColumns(first, options.text.table, name: stream.name)
        } catch {
            throw .badData(error)
        }
        var provenance = CorpusProvenance(format: CorpusFormat.numberTable.rawValue)
        provenance.notes = columns.notes
        var source = NamedRowsSource(
            stream.name, records, first: first.isEmpty ? nil : first, columns,
            .table(width: columns.features.count, columns.vocabulary), mostBlocks: size.blocks, provenance: provenance)
        return handing == .whole ? WholeCorpus(try source.all(parallelism: parallelism)) : source
    }
}

/// The columns of a table of numbers, and the parser of its lines.
struct NumberColumns: NamedRowsParser {
    private let delimiter: UInt8
    private let hasHeader: Bool
    /// The names of all columns; empty without a header.
    private let names: [String]
    private let count: Int
    private let label: Int?
    private let id: Int?
    /// The columns of features.
    let features: [Int]
    private(set) var notes: [Message] = []

    /// - Parameter first: the beginning of the table, at least one complete record.
    /// - Throws: `BadData` if chosen columns do not exist, or names are ambiguous.
    init(_ first: [UInt8], _ table: TableColumns?, name: String) throws(BadData) {
        let delimiter = QuoteScan.delimiter(of: first)
        let cells = first.withUnsafeBufferPointer { bytes in
            let record = CommaSeparatedRecord(delimiter)
            var place = 0
            repeat { place = record.read(bytes, from: place) } while record.isBlank && place < bytes.count
            return record.isBlank ? [] : record.fields.map { TableLayout.trimmed(String(decoding: $0, as: UTF8.self)) }
        }
        let chosen = Self.others(table, names: cells, isNamed: false)
        let hasNumber = cells.indices.contains { !chosen.contains($0) && Self.isNumber(cells[$0]) }
        let hasHeader = table?.hasHeader ?? false || !cells.isEmpty && !hasNumber
        func place(_ column: String?) throws(BadData) -> Int? {
            guard let column else { return nil }
            return try TableLayout.place(
                of: column, among: hasHeader ? cells : [], count: cells.count, hasHeader: hasHeader, path: name)
        }
        let isChosen = table?.label != nil || table?.id != nil
        func usual(_ column: String) -> String? { hasHeader && !isChosen && cells.contains(column) ? column : nil }
        let (label, id) = (try place(table?.label ?? usual("label")), try place(table?.id ?? usual("id")))
        (self.delimiter, self.hasHeader, self.label, self.id, count) = (delimiter, hasHeader, label, id, cells.count)
        names = hasHeader ? cells : []
        features = cells.indices.filter { $0 != label && $0 != id }
        try requireNames(path: name)
        if delimiter != UInt8(ascii: ",") {
            notes.append("\(QuoteScan.name(of: delimiter)) are taken for what stands between the columns")
        }
        if !hasHeader {
            notes.append("the first line is taken for a document, since it has numbers")
        } else if table?.hasHeader != true {
            notes.append("the first line is taken for the names of the columns, since it has no number")
        }
        for (what, place) in [("labels", label), ("ids", id)] {
            if let place { notes.append("column \(place + 1) is taken for \(what)") }
        }
    }

    var vocabulary: Vocabulary? { hasHeader ? Vocabulary(words: features.map { names[$0] }) : nil }

    private func requireNames(path: String) throws(BadData) {
        guard hasHeader else { return }
        var known: [ByteKey: Int] = [:]
        for column in features {
            func bad(_ found: String) -> BadData {
                BadData(
                    path: path, line: 1, column: 1, found: found, expected: "a name of its own for each column",
                    advice:
                        "name it; if it has labels or ids, or the numbers of rows, choose it with \(setting: "labelColumn") or \(setting: "idColumn")"
                )
            }
            if names[column].isEmpty { throw bad("column \(column + 1) without a name") }
            if let other = known.updateValue(column, forKey: ByteKey(names[column])) {
                throw bad("the name '\(names[column])' of columns \(other + 1) and \(column + 1)")
            }
        }
    }

    /// The columns of labels and ids, as far as they can be determined from names or numbers.
    static func others(_ table: TableColumns?, names: [String], isNamed: Bool) -> Set<Int> {
        let isChosen = table?.label != nil || table?.id != nil
        let chosen = isChosen ? [table?.label, table?.id].compactMap { $0 } : isNamed ? ["label", "id"] : []
        let places = chosen.map { column in
            names.firstIndex(of: column) ?? (isChosen ? Int(column).map { $0 - 1 } : nil)
        }
        return Set(places.compactMap { $0 })
    }

    static func isNumber(_ cell: String) -> Bool {
        let bytes = Array(cell.utf8.drop { $0 == 0x20 }) + Array(repeating: UInt8(ascii: "\n"), count: 17)
        return bytes.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress, let number = DecimalNumber(at: start) else { return false }
            return bytes[(number.end - start)...].allSatisfy { $0 <= 0x20 }
        }
    }

    func parse(_ lines: UnsafeBufferPointer<UInt8>, isFirst: Bool) -> NamedRows {
        var rows = NamedRows()
        let record = CommaSeparatedRecord(delimiter)
        var isNames = isFirst && hasHeader
        var place = 0
        while place < lines.count {
            let start = place
            place = record.read(lines, from: start)
            let line = rows.tally.lines + 1
            rows.tally.lines += lines[start..<place].count { $0 == 0x0A } + (lines[place - 1] == 0x0A ? 0 : 1)
            if record.isBlank {
                rows.tally.blank += 1
                continue
            }
            if isNames {
                isNames = false
                continue
            }
            do throws(BadData) {
                try parse(record, in: lines, from: start, into: &rows)
            } catch {
                let before = lines[start..<(record.faultPlace ?? start)].count { $0 == 0x0A }
                _ = rows.tally.skip(error, skippingBad: false, line: line + before)
                return rows
            }
        }
        return rows
    }

    private func parse(
        _ record: CommaSeparatedRecord, in lines: UnsafeBufferPointer<UInt8>, from start: Int,
        into rows: inout NamedRows
    ) throws(BadData) {
        if let fault = record.fault { throw fault.badData(path: "") }
        let cells = record.fields
        guard cells.count == count else {
            throw BadData(
                path: "", column: 1, found: cells.count == 1 ? "1 field" : "\(cells.count) fields",
                expected: "\(count), as on the first line", advice: "give every line the same fields")
        }
        for (number, column) in features.enumerated() {
            guard let value = value(of: cells[column], isQuoted: record.isQuoted(column), &rows) else {
                let text = String(decoding: cells[column].prefix(40), as: UTF8.self)
                let which = names.isEmpty ? "\(column + 1)" : "'\(names[column])'"
                throw record.fault(
                    atField: column,
                    text.isEmpty ? "an empty cell in column \(which)" : "\"\(text)\" in column \(which)",
                    "a finite number",
                    names.isEmpty && rows.rowEnds.isEmpty
                        ? "replace it; if this line names the columns, give \(setting: "header"); columns of labels and ids are chosen with \(setting: "labelColumn") and \(setting: "idColumn")"
                        : "replace it; where nothing was measured there is no number to learn from"
                ).badData(path: "")
            }
            if value != 0 {
                rows.columns.append(UInt32(truncatingIfNeeded: number))
                rows.values.append(value)
            }
        }
        let label = label.map { cells[$0] } ?? .none
        try TextDocument.requireLabel(label, path: "")
        rows.endRow(label: label, id: id.map { cells[$0] } ?? .none)
    }

    /// The number in a cell, which may be surrounded by blanks.
    private func value(
        of cell: UnsafeBufferPointer<UInt8>, isQuoted: Bool, _ rows: inout NamedRows
    ) -> Float? {
        var text = cell[...]
        while let first = text.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
        while let last = text.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
        let number = UnsafeBufferPointer(rebasing: text)
        func read(_ text: UnsafeBufferPointer<UInt8>) -> Float? {
            let value = rows.number(text)
            if value == 0, let start = text.baseAddress, !DecimalNumber.isZero(from: start) { rows.tooSmall += 1 }
            return value
        }
        if !isQuoted { return read(number) }
        // The content of a quoted cell is not followed by a byte that ends a number, so it is copied.
        return (Array(number) + repeatElement(UInt8(ascii: "\n"), count: 17)).withUnsafeBufferPointer { padded in
            read(UnsafeBufferPointer(rebasing: padded[..<number.count]))
        }
    }
}

import FileIO

/// The use of the columns of a table; columns are given by their names in the first line, or by numbers from 1.
public struct TableColumns: Codable, Sendable, Equatable {
    /// The column of labels; nil for documents without labels.
    public var label: String?
    /// The column of ids; nil for documents without ids.
    public var id: String?
    /// The columns of text, joined by a blank if there are several; if empty, the column named `text` in the first
    /// line.
    public var texts: [String]
    /// Whether the first line has the names of the columns rather than a document.
    public var hasHeader: Bool
    /// The names in the first line of the corpus that a model was trained on, if they are stored.
    public var names: [String]?

    public init(label: String? = nil, id: String? = nil, texts: [String] = [], hasHeader: Bool = false) {
        self.label = label
        self.id = id
        self.texts = texts
        self.hasHeader = hasHeader
    }
}

/// The positions of the fields of a document in a line, counted from 0.
struct TableLayout: Sendable {
    let label: Int?
    let id: Int?
    let texts: [Int]
    /// The number of fields of every line, determined from the first one.
    let fieldCount: Int
    /// The column names in the first line; empty if it is a document.
    let names: [String]

    /// - Parameter fields: the fields of the file's first line, which are the names if there are any.
    /// - Throws: `BadData` about the first line, for columns that it does not have.
    init(_ columns: TableColumns, firstLine fields: [String], path: String) throws(BadData) {
        let names = columns.hasHeader ? fields.map { Self.trimmed($0) } : []
        try Self.require(columns, names, path: path)
        func place(_ column: String) throws(BadData) -> Int {
            try Self.place(of: column, among: names, count: fields.count, hasHeader: columns.hasHeader, path: path)
        }
        guard columns.hasHeader || !columns.texts.isEmpty else {
            throw BadData(
                path: path, line: 1, column: 1, found: "texts, of which no column was chosen",
                expected: "a choice of columns that has one with the text",
                advice: "columns are chosen together: give \(setting: "textColumn") too, or \(setting: "header")")
        }
        var columns = columns
        let known = ["label", "id"].map { name in names.contains(name) ? name : nil }
        if columns.texts.isEmpty {
            columns.texts = ["text"]
            // No columns were chosen, so they are determined by their names.
            if columns.label == nil, columns.id == nil { (columns.label, columns.id) = (known[0], known[1]) }
        }
        self.names = names
        label = try columns.label.map(place)
        id = try columns.id.map(place)
        texts = try columns.texts.map(place)
        fieldCount = fields.count
    }

    /// The position of a column, given by its name or by a number from 1.
    ///
    /// - Parameter names: empty if the first line has none.
    /// - Throws: `BadData` about the first line, if there is no such column or more than one.
    static func place(
        of column: String, among names: [String], count: Int, hasHeader: Bool, path: String
    ) throws(BadData) -> Int {
        let named = names.indices.filter { ByteKey(names[$0]) == ByteKey(column) }
        let numbered = Int(column).flatMap { (1...count).contains($0) ? $0 - 1 : nil }
        if let place = named.first ?? numbered {
            let meant = Set(named + [numbered].compactMap { $0 })
            guard meant.count == 1 else {
                throw BadData(
                    path: path, line: 1, column: 1,
                    found:
                        "'\(column)' for the columns \(meant.sorted().map { "\($0 + 1)" }.joined(separator: " and "))",
                    expected: "one column of that name or number",
                    advice: named.count > 1
                        ? "choose it by its number, from 1" : "give the column that is called so another name")
            }
            return place
        }
        let known = names.isEmpty ? "\(count) columns" : "the columns \(Self.quoted(names))"
        throw BadData(
            path: path, line: 1, column: 1, found: known, expected: "a column '\(column)'",
            advice: hasHeader || Int(column) != nil
                ? "choose columns by these names, or by numbers from 1"
                : "with \(setting: "header") the first line names the columns; numbers count from 1")
    }

    private init(label: Int?, id: Int?, texts: [Int]) {
        (self.label, self.id, self.texts) = (label, id, texts)
        (fieldCount, names) = (texts[0] + 1, [])
    }

    /// Rejects a first line that differs from that of the corpus that a model was trained on: columns that were chosen
    /// by number would be found in any line, which would then be taken for names.
    private static func require(_ columns: TableColumns, _ names: [String], path: String) throws(BadData) {
        guard let known = columns.names, columns.hasHeader, known.map(ByteKey.init) != names.map(ByteKey.init) else {
            return
        }
        let chosen = columns.texts + [columns.label, columns.id].compactMap { $0 }
        let isChosenByName = chosen.allSatisfy { column in names.contains { ByteKey($0) == ByteKey(column) } }
        guard chosen.isEmpty || !isChosenByName else { return }
        throw BadData(
            path: path, line: 1, column: 1, found: "the line \(quoted(names))",
            expected: "the names of columns \(quoted(known)), since the model was trained with \(setting: "header")",
            advice:
                "if this line is a document, give \(setting: "labelColumn"), \(setting: "idColumn") and \(setting: "textColumn") by number, without "
                + "\(setting: "header"); if it has other names, give \(setting: "header") and the columns by these")
    }

    /// Names separated by commas, as many as fit in a message.
    private static func quoted(_ names: [String]) -> String {
        let (most, text) = (120, names.joined(separator: ", "))
        return text.count > most ? text.prefix(most) + " …" : text
    }

    /// The layout of labelled text without chosen columns.
    static func usual(fields: Int) -> TableLayout {
        fields == 2 ? TableLayout(label: 0, id: nil, texts: [1]) : TableLayout(label: 0, id: 1, texts: [2])
    }

    /// - Parameters:
    ///   - column: the column of the line's end.
    ///   - advice: advice on how fields are separated.
    /// - Throws: `BadData` without a line number if the number of fields differs from that of the first line, since
    ///   further fields would otherwise be dropped silently.
    func requireFields(_ count: Int, column: Int, path: String, advice: Message) throws(BadData) {
        guard count == fieldCount else {
            throw BadData(
                path: path, column: column, found: count == 1 ? "1 field" : "\(count) fields",
                expected: "\(fieldCount), as on the first line", advice: advice)
        }
    }

    /// The use of the columns, such as `label 1, id 2, text 3`.
    var description: String {
        let named = [("label", label), ("id", id)].compactMap { name, place in place.map { "\(name) \($0 + 1)" } }
        return (named + ["text " + texts.map { String($0 + 1) }.joined(separator: " and ")]).joined(separator: ", ")
    }

    static func trimmed(_ name: String) -> String {
        var name = name[...]
        while let last = name.last, last.isWhitespace { name = name.dropLast() }
        return String(name.drop { $0.isWhitespace })
    }
}

/// Parses the lines of a table; used by one thread at a time.
final class TableLines {
    private let layout: TableLayout
    private let path: String
    private var fields: [UnsafeBufferPointer<UInt8>] = []
    private let unescaped = GrowingBuffer<UInt8>()
    private let joined = GrowingBuffer<UInt8>()

    init(_ layout: TableLayout, path: String) {
        self.layout = layout
        self.path = path
    }

    /// - Returns: the document, valid until the next call.
    /// - Throws: `BadData` without a line number if the number of fields differs from that of the first line.
    func document(of line: UnsafeBufferPointer<UInt8>) throws(BadData) -> TextDocument {
        fields.removeAll(keepingCapacity: true)
        var start = 0
        for place in 0...line.count where place == line.count || line[place] == UInt8(ascii: "\t") {
            fields.append(UnsafeBufferPointer(rebasing: line[start..<place]))
            start = place + 1
        }
        try layout.requireFields(
            fields.count, column: line.count + 1, path: path,
            advice: "give every line the same fields; a tab within a text is written \\t")
        let label = layout.label.map { fields[$0] } ?? .none
        try TextDocument.requireLabel(label, path: path)
        return TextDocument(label: label, id: layout.id.map { fields[$0] } ?? .none, text: text)
    }

    private var text: UnsafeBufferPointer<UInt8> {
        if layout.texts.count == 1 { return TabSeparatedLine.unescape(fields[layout.texts[0]], into: unescaped) }
        joined.removeAll()
        for (number, place) in layout.texts.enumerated() {
            if number > 0 { joined.append(UInt8(ascii: " ")) }
            joined.append(TabSeparatedLine.unescape(fields[place], into: unescaped))
        }
        return UnsafeBufferPointer(joined.elements)
    }
}

/// Examines the first lines of labelled text for signs that its columns are interpreted wrongly.
///
/// Labels are few and repeated, ids and texts are distinct, and texts have more words than labels. If columns are
/// interchanged, the words of labels would be counted, and no later step would detect it.
struct TableSigns {
    private let lines: [[ArraySlice<UInt8>]]
    private let fieldCount: Int

    /// - Parameter fields: the number of fields, 2 or 3.
    init(_ lines: [ArraySlice<UInt8>], fields: Int) {
        fieldCount = fields
        self.lines = lines.map {
            $0.split(separator: UInt8(ascii: "\t"), maxSplits: fields - 1, omittingEmptySubsequences: false)
        }.filter { $0.count == fields }
    }

    /// A description of a certain error; nil if there is none.
    var contradiction: String? {
        let (labels, texts) = (distinct(0), distinct(fieldCount - 1))
        if rowCount >= 6, 2 * texts <= rowCount, labels > texts {
            return "\(texts) distinct texts and \(labels) distinct labels on \(rowCount) lines"
        }
        let labelsAreTexts = words(0) > words(fieldCount - 1)
        if labelsDiffer, labelsAreTexts {
            return "\(labels) distinct labels on \(rowCount) lines, with more words than the texts have"
        }
        if idsRepeat, labels == rowCount, labelsAreTexts {
            return "ids that repeat, and labels that all differ and have more words than the texts"
        }
        if fieldCount == 3, rowCount >= 2, distinct(2) == rowCount, words(2) == rowCount, words(1) >= 3 * rowCount {
            return "texts of a single word that all differ, after ids of several words"
        }
        return nil
    }

    /// Descriptions of possible errors, as sentences.
    var doubts: [Message] {
        var doubts: [Message] = []
        if labelsDiffer {
            doubts.append(
                """
                of the first \(rowCount) lines \(distinct(0)) have labels of their own: if column 1 is no label, \
                choose with \(setting: "labelColumn") and \(setting: "textColumn")
                """)
        }
        if idsRepeat {
            doubts.append(
                """
                column 2, taken for ids, repeats: if it is something else, choose with \(setting: "labelColumn"), \
                \(setting: "idColumn") and \(setting: "textColumn")
                """)
        }
        if looksLikeHeader {
            doubts.append(
                """
                the first line looks like names of columns and was read as a document: give \(setting: "header") if \
                it is none
                """)
        }
        return doubts
    }

    private var rowCount: Int { lines.count }
    private var labelsDiffer: Bool { rowCount >= 10 && 10 * distinct(0) >= 9 * rowCount }
    private var idsRepeat: Bool { fieldCount == 3 && rowCount >= 2 && 2 * distinct(1) <= rowCount }

    private func distinct(_ field: Int) -> Int { Set(lines.map { $0[field] }).count }

    /// The number of words of a field in all lines.
    private func words(_ field: Int) -> Int {
        lines.reduce(0) { $0 + $1[field].split { $0 == 0x20 || $0 == 0x0D }.count }
    }

    private var looksLikeHeader: Bool {
        guard rowCount >= 2, let first = lines.first else { return false }
        return first.allSatisfy { field in
            let name = String(decoding: field, as: UTF8.self).lowercased().filter { !$0.isWhitespace }
            return Self.usualNames.contains(name)
        }
    }

    private static let usualNames: Set<String> = [
        "label", "labels", "class", "category", "target", "topic", "sentiment", "id", "docid", "doc_id", "name",
        "split",
        "text", "texts", "sentence", "document", "content", "body", "title", "message", "review", "comment", "tweet",
    ]
}

import FileIO

/// The labels of rows; each row has none, one or several. Each distinct set of labels is stored once, and each row has
/// the number of its set.
///
/// Labels are stored as the exact text of the file (`+1` remains `+1`), so that nothing is lost between reading and
/// writing, and are equal only if their bytes are equal. A label may contain a comma: several labels of a row are never
/// stored as a single text.
public struct RowLabels: Sendable, Equatable {
    /// The code of a row without a label.
    public static let none = UInt32.max

    /// The distinct sets of labels, in the order of their first appearance; no set is empty.
    public let sets: [[String]]
    /// The index of each row's set in `sets`, or `none`.
    public let codes: [UInt32]

    /// - Precondition: each code is `none` or below `sets.count`; no set is empty.
    public init(sets: [[String]], codes: [UInt32]) {
        precondition(
            codes.allSatisfy { $0 == Self.none || Int($0) < sets.count },
            "a label code points past \(sets.count) sets of labels")
        precondition(sets.allSatisfy { !$0.isEmpty }, "an empty set of labels")
        self.sets = sets
        self.codes = codes
    }

    /// Collects the distinct sets of the labels of each row; a row may have none.
    public init(sets rows: some Sequence<[String]>) {
        var sets: [[String]] = []
        var codesBySet: [[ByteKey]: UInt32] = [:]
        codes = rows.map { labels in
            if labels.isEmpty { return Self.none }
            let key = labels.map { ByteKey($0) }
            if let code = codesBySet[key] { return code }
            let code = UInt32(sets.count)
            codesBySet[key] = code
            sets.append(labels)
            return code
        }
        self.sets = sets
    }

    /// Collects the distinct labels of rows with one label each; nil for a row without one.
    public init(_ labels: some Sequence<String?>) { self.init(sets: labels.map { $0.map { [$0] } ?? [] }) }

    public var count: Int { codes.count }

    /// A row's labels as one human-readable text, separated by commas; nil for a row without a label.
    public subscript(row: Int) -> String? { codes[row] == Self.none ? nil : text(ofSet: Int(codes[row])) }

    /// A row's labels; empty for a row without a label.
    public func labels(ofRow row: Int) -> [String] { codes[row] == Self.none ? [] : sets[Int(codes[row])] }

    /// The labels of a set as one text, separated by commas.
    public func text(ofSet set: Int) -> String {
        sets[set].count == 1 ? sets[set][0] : sets[set].joined(separator: ",")
    }

    /// The distinct labels, in the order of their first appearance.
    public var names: [String] {
        var known: Set<ByteKey> = []
        return sets.joined().filter { known.insert(ByteKey($0)).inserted }
    }

    /// Whether any row has several labels.
    public var isMultilabel: Bool { sets.contains { $0.count > 1 } }
}

/// Lists of a corpus' texts, one per line, for other programs.
enum LineList {
    /// - Parameter what: the name of a text in messages.
    /// - Throws: `FileError.badData` for a text with a line end, which would become two lines; `FileError` of writing.
    static func write(_ texts: some Sequence<String>, to path: String, what: String) throws(FileError) {
        let file = try AtomicFile(path: path)
        var lines: [UInt8] = []
        for (row, text) in texts.enumerated() {
            guard !text.utf8.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) else {
                throw .badData(
                    BadData(
                        path: path, line: row + 1, found: "a \(what) with a line end, \(text.debugDescription)",
                        expected: "\(what)s that stand on one line",
                        advice: "the corpus file (.safetensors) keeps it; a list of lines cannot"))
            }
            lines.append(contentsOf: text.utf8)
            lines.append(UInt8(ascii: "\n"))
            if lines.count >= 1 << 16 {
                try file.write(lines)
                lines.removeAll(keepingCapacity: true)
            }
        }
        try file.write(lines)
        try file.commit()
    }
}

extension Corpus {
    /// Writes the features' names, one per line, in column order.
    ///
    /// - Precondition: there are names.
    public func writeVocabulary(to path: String) throws(FileError) {
        guard let vocabulary else { preconditionFailure("the corpus has no vocabulary") }
        try LineList.write(vocabulary.words.prefix(featureCount), to: path, what: "word")
    }

    /// Writes the documents' labels, one line per row: several labels of a row are separated by commas, and a row
    /// without a label is an empty line.
    ///
    /// - Throws: `FileError.badData` for a row with several labels if one of them contains a comma.
    public func writeLabels(to path: String) throws(FileError) {
        if let labels, let set = labels.sets.firstIndex(where: { $0.count > 1 && $0.contains { $0.utf8.contains(0x2C) } }) {
            throw .badData(
                BadData(
                    path: path, line: (labels.codes.firstIndex(of: UInt32(set)) ?? 0) + 1,
                    found: "several labels, of which one holds a comma: \(labels.sets[set])",
                    expected: "labels that commas can separate", advice: "rename the label; a corpus file keeps it"))
        }
        try LineList.write((0..<rowCount).map { labels?[$0] ?? "" }, to: path, what: "label")
    }

    /// Writes the documents' ids, one line per row; without any ids, the row numbers, counted from 1.
    public func writeIDs(to path: String) throws(FileError) {
        try LineList.write((0..<rowCount).map { ids?[$0] ?? String($0 + 1) }, to: path, what: "id")
    }
}

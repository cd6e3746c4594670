/// The labels of rows, of which each has none, one or several. Each distinct set is stored once, each row as a number
/// that points to it.
///
/// Labels are kept as the exact text of the file (`+1` stays `+1`), so that nothing is lost between reading and
/// writing, and are the same only if their bytes are. A label may hold a comma: what one row has of several labels is
/// never one text.
public struct RowLabels: Sendable, Equatable {
    /// The code of a row without a label.
    public static let none = UInt32.max

    /// The distinct sets of labels, in the order of their first appearance; each has one label at least.
    public let sets: [[String]]
    /// One for each row: a position in `sets`, or `none`.
    public let codes: [UInt32]

    /// - Precondition: each code is below `sets.count`, or `none`; no set is empty.
    public init(sets: [[String]], codes: [UInt32]) {
        precondition(
            codes.allSatisfy { $0 == Self.none || Int($0) < sets.count },
            "a label code points past \(sets.count) sets of labels")
        precondition(sets.allSatisfy { !$0.isEmpty }, "an empty set of labels")
        self.sets = sets
        self.codes = codes
    }

    /// Interns the labels of each row; a row may have none.
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

    /// Interns one label a row, nil where a row has none.
    public init(_ labels: some Sequence<String?>) { self.init(sets: labels.map { $0.map { [$0] } ?? [] }) }

    public var count: Int { codes.count }

    /// A row's labels as one text for people, with commas between; nil for a row without a label.
    public subscript(row: Int) -> String? { codes[row] == Self.none ? nil : text(ofSet: Int(codes[row])) }

    /// A row's labels; none for a row without a label.
    public func labels(ofRow row: Int) -> [String] { codes[row] == Self.none ? [] : sets[Int(codes[row])] }

    /// The labels of a set as one text, with commas between.
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

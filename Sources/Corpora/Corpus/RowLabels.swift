/// A label for each row, or none: each distinct label is stored once, each row as a number that points to it.
///
/// Labels are kept as the exact text of the file (`+1` stays `+1`), so that nothing is lost between reading and
/// writing. A multilabel row's labels are one text with commas, `1,4`, which `parts(ofRow:)` splits.
public struct RowLabels: Sendable, Equatable {
    /// The code of a row without a label.
    public static let none = UInt32.max

    /// The distinct labels, in the order of their first appearance.
    public let names: [String]
    /// One for each row: a position in `names`, or `none`.
    public let codes: [UInt32]

    /// - Precondition: each code is below `names.count`, or `none`.
    public init(names: [String], codes: [UInt32]) {
        precondition(
            codes.allSatisfy { $0 == Self.none || Int($0) < names.count },
            "a label code points past \(names.count) names")
        self.names = names
        self.codes = codes
    }

    /// Interns one label a row, nil where a row has none.
    public init(_ labels: some Sequence<String?>) {
        var names: [String] = []
        var codesByName: [String: UInt32] = [:]
        codes = labels.map { label in
            guard let label else { return Self.none }
            if let code = codesByName[label] { return code }
            let code = UInt32(names.count)
            codesByName[label] = code
            names.append(label)
            return code
        }
        self.names = names
    }

    public var count: Int { codes.count }

    public subscript(row: Int) -> String? { codes[row] == Self.none ? nil : names[Int(codes[row])] }

    /// A row's labels: the parts of `1,4`; none for a row without a label.
    public func parts(ofRow row: Int) -> [Substring] {
        self[row].map { $0.split(separator: ",", omittingEmptySubsequences: false) } ?? []
    }

    /// Whether any label has several parts.
    public var isMultilabel: Bool { names.contains { $0.utf8.contains(UInt8(ascii: ",")) } }
}

/// A label that is not a number, and the number that is written for it.
package struct NumberedLabel: Sendable, Equatable {
    package let name: String
    package let number: Int

    /// A description of the labels that were replaced by numbers; nil if none were.
    static func sentence(of numbered: [NumberedLabel]) -> String? {
        guard !numbered.isEmpty else { return nil }
        let most = 20
        let listed = numbered.prefix(most).map { "\($0.number) \($0.name)" }.joined(separator: ", ")
        let more = numbered.count > most ? ", and \(numbered.count - most) more" : ""
        return "labels are written as numbers: \(listed)\(more); other files may have other numbers for them"
    }
}

/// Converts labels to numbers, for formats in which other programs require numeric labels.
///
/// A label that is a number, or several separated by commas, is unchanged. Other labels are numbered from 1 in the
/// order of their first appearance, skipping numbers that are labels themselves; 0 is for rows without a label. No such
/// label has the same number as another label: if a numeric label appears after its number has been assigned, it gets a
/// new number as well. Labels that are the same number, such as 1 and 1.0, are unchanged, and other programs treat them
/// as equal.
final class LabelNumbers {
    private(set) var numbered: [NumberedLabel] = []
    private(set) var rowsWithoutLabel = 0
    private var hasLabels = false
    private var texts: [[UInt8]: String] = [:]
    /// The numbers in use, as numeric labels or for other labels.
    private var taken: Set<Float> = [0]
    private var ofNames: Set<Float> = []
    private var next = 1

    /// Descriptions of the changes to labels, as sentences.
    var changes: [String] {
        let unlabelled = sentence(
            hasLabels ? rowsWithoutLabel : 0, "row has no label and is written with the label 0",
            "rows have no label and are written with the label 0")
        return [unlabelled, NumberedLabel.sentence(of: numbered)].compactMap { $0 }
    }

    /// The text to write for a label; an empty label stands for a missing one.
    func number(of label: String) -> String {
        if label.isEmpty { return "0" }
        let key = Array(label.utf8)
        if let text = texts[key] { return text }
        let text = newText(for: label)
        texts[key] = text
        return text
    }

    /// The same for a row with a single label, in which a comma has no special meaning.
    func numberOfSingle(_ label: String) -> String {
        guard label.utf8.contains(UInt8(ascii: ",")) else { return number(of: label) }
        // A prefix that no label has, so that it is not read as a number.
        return number(of: "\u{1F}" + label)
    }

    /// The text to write for the labels of a row: each one converted, separated by commas; 0 for none.
    func numbers(of labels: [String]) -> String {
        if labels.isEmpty { rowsWithoutLabel += 1 } else { hasLabels = true }
        return labels.isEmpty ? "0" : labels.map(numberOfSingle).joined(separator: ",")
    }

    private func newText(for label: String) -> String {
        let isNumber = Array(label.utf8).withUnsafeBufferPointer { LabelSyntax.kind(of: $0) == .number }
        let numbers = label.split(separator: ",").compactMap { Float($0) }
        if isNumber, ofNames.isDisjoint(with: numbers) {
            taken.formUnion(numbers)
            return label
        }
        while taken.contains(Float(next)) { next += 1 }
        let number = next
        taken.insert(Float(number))
        ofNames.insert(Float(number))
        numbered.append(
            NumberedLabel(name: label.first == "\u{1F}" ? String(label.dropFirst()) : label, number: number))
        next += 1
        return String(number)
    }
}

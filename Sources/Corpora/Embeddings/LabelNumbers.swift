/// A label that is a name, and the number that is written for it.
package struct NumberedLabel: Sendable, Equatable {
    package let name: String
    package let number: Int

    /// What is said of labels that became numbers; nil if none did.
    static func sentence(of numbered: [NumberedLabel]) -> String? {
        guard !numbered.isEmpty else { return nil }
        let most = 20
        let listed = numbered.prefix(most).map { "\($0.number) \($0.name)" }.joined(separator: ", ")
        let more = numbered.count > most ? ", and \(numbered.count - most) more" : ""
        return "labels are written as numbers: \(listed)\(more); other files may have other numbers for them"
    }
}

/// Turns labels into numbers one after another, for formats in which other programs take a label for a number whatever
/// it is.
///
/// A label that is a number, or several with commas, stays as it is. Names are numbered from 1 in the order of their first
/// appearance, leaving out numbers that are labels themselves; 0 is for rows without a label. No name
/// shares its number with another label: where one that is a number comes after a name that has it already, it is
/// numbered as a name is. Labels that are the same number, such as 1 and 1.0, stay as they are, and others take them for
/// one.
final class LabelNumbers {
    private(set) var numbered: [NumberedLabel] = []
    private(set) var rowsWithoutLabel = 0
    private var hasLabels = false
    private var texts: [[UInt8]: String] = [:]
    /// Numbers that stand in the file, as labels of their own or for names.
    private var taken: Set<Float> = [0]
    private var ofNames: Set<Float> = []
    private var next = 1

    /// What became of the labels, in sentences.
    var changes: [String] {
        let unlabelled = sentence(
            hasLabels ? rowsWithoutLabel : 0, "row has no label and is written with the label 0",
            "rows have no label and are written with the label 0")
        return [unlabelled, NumberedLabel.sentence(of: numbered)].compactMap { $0 }
    }

    /// The text to write for a label; an empty one means that there is none.
    func number(of label: String) -> String {
        if label.isEmpty { return "0" }
        let key = Array(label.utf8)
        if let text = texts[key] { return text }
        let text = newText(for: label)
        texts[key] = text
        return text
    }

    /// The same of a label that stands alone, in which a comma is a character as any other.
    func numberOfSingle(_ label: String) -> String {
        guard label.utf8.contains(UInt8(ascii: ",")) else { return number(of: label) }
        // A mark that no label begins with, so that it is no number.
        return number(of: "\u{1F}" + label)
    }

    /// The text to write for the labels of a row: each for itself, with commas between; 0 for none.
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

import FileIO

/// The kinds of fault, apart from where they stand.
enum LibSVMProblem {
    case control(UInt8)
    case missingColon(token: String)
    case missingIndex(found: String)
    case badIndex(token: String)
    case missingValue(found: String)
    case badValue(token: String)
    case notFinite(token: String)
    case overflow(token: String)
    case zeroIndex
    case excessFeature(index: UInt64, featureCount: Int)
    case badLabel(token: String)
    case badWeight(token: String)
    case badQid(token: String)
    case lateQid
    case duplicateSumOverflow(index: UInt64)
    case unsorted(index: UInt64, previous: UInt64)
    case duplicate(index: UInt64)
    case explicitZero
    case rounded(token: String)
    case valueApart
    case labelOrFeature(token: String)
    case blankLine
    case mixedLabels(hasLabel: Bool)
    case wordLabel(token: String)
    case invalidText
    case changed

    func fault(at position: BlockPosition) -> LineFault {
        let (found, expected, advice) = text
        return LineFault(position: position, found: found, expected: expected, advice: advice)
    }

    private var text: (found: String, expected: Message, advice: Message) {
        switch self {
        case .control(let byte):
            (
                "byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))", "text",
                "this is not a libsvm file, or it is damaged; name the right format with \(setting: "format")"
            )
        case .missingColon(let token):
            ("\"\(token)\"", "index:value", "put a colon between index and value; the file may be cut short here")
        case .missingIndex(let found):
            ("\(found) before the colon", "an index", "write each feature as index:value")
        case .badIndex(let token):
            ("\"\(token)\"", "an index from 0 to 4294967295", "write each feature as index:value")
        case .missingValue(let found):
            ("\(found) after the colon", "a value", "write each feature as index:value; the file may be cut short here")
        case .badValue(let token):
            ("\"\(token)\"", "a decimal number", "write values like 3, -0.5 or 1e-3, with blanks between features")
        case .notFinite(let token):
            ("\"\(token)\"", "a finite number", "replace or remove the entry; a missing feature is simply left out")
        case .overflow(let token):
            ("\"\(token)\"", "a number of at most 3.4028235e38 in size", "scale the values down")
        case .zeroIndex:
            ("index 0", "an index from 1", "the file counts from 0: read it with index base 0")
        case .excessFeature(let index, let featureCount):
            (
                "index \(index), beyond the last feature", "one of \(featureCount) features",
                "give the right number of features, or check the index base"
            )
        case .badLabel(let token):
            (
                "label \"\(token)\"", "a number, or several with commas between",
                "write labels like 1, -1, 3.5 or 1,4; a label that is a word begins with a letter"
            )
        case .badWeight(let token):
            ("weight \"\(token)\"", "a finite number not below 0", "write label and weight as label:weight")
        case .badQid(let token):
            ("\"\(token)\"", "qid: and a whole number", "write query ids like qid:7")
        case .lateQid:
            ("a second qid or one after a feature", "index:value", "put one qid directly after the label")
        case .duplicateSumOverflow(let index):
            ("index \(index) several times", "values whose sum is at most 3.4028235e38", "scale the values down")
        case .unsorted(let index, let previous):
            ("index \(index) after \(previous)", "rising indices", "sort the row, or read it without strict")
        case .duplicate(let index):
            ("index \(index) twice", "each index once a row", "add up the values, or read it without strict")
        case .explicitZero: ("a value of zero", "only other values", "leave the entry out, or read it without strict")
        case .rounded(let token):
            (
                "\"\(token)\", which a 32-bit float does not hold", "whole numbers of at most 2²⁴ in size",
                "scale the values, or read the file without strict"
            )
        case .valueApart:
            ("a blank after the colon", "a value", "write index:value without a blank, or read it without strict")
        case .labelOrFeature(let token):
            (
                "\"\(token)\" before features that do not rise from it",
                "a label, or features with rising indices",
                "if it is label:weight, leave the weight out; if the row has no label, write a 0 before it and sort it"
            )
        case .blankLine: ("a blank line", "a row", "remove the line, or read it without strict")
        case .mixedLabels(let hasLabel):
            (
                hasLabel ? "a row with a label" : "a row without a label",
                hasLabel ? "no label, as in the rows before" : "a label, as in the rows before",
                "label every row or none, or read it without strict"
            )
        case .wordLabel(let token):
            ("label \"\(token)\"", "a number", "number the labels, or read it without strict")
        case .changed:
            ("more entries than a moment ago", "a file that stays as it is", "read it when nothing writes to it")
        case .invalidText:
            ("bytes that are not UTF-8", "UTF-8 text", "convert the file, for example with iconv -t UTF-8")
        }
    }
}

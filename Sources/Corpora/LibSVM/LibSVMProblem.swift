import FileIO

/// The kinds of error, without their position.
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

/// Processes the blocks in order and finds the first error of the file.
struct FaultScan {
    let options: LibSVMOptions
    private var linesBefore = 0
    private var zeroIndexLine: Int?
    private var syntax: PlacedFault?
    private var excess: PlacedFault?
    private var atFeatureCount: PlacedFault?
    private var labelled: PlacedFault?
    private var unlabelled: PlacedFault?

    private struct PlacedFault {
        var fault: LineFault
        var linesBefore: Int
        var order: BlockPosition {
            BlockPosition(line: linesBefore + fault.position.line, column: fault.position.column)
        }
    }

    init(options: LibSVMOptions) { self.options = options }

    mutating func add(_ block: LibSVMBlock) {
        func place(_ problem: LibSVMProblem, _ position: BlockPosition?) -> PlacedFault? {
            position.map { PlacedFault(fault: problem.fault(at: $0), linesBefore: linesBefore) }
        }
        if let featureCount = options.featureCount, options.excessFeatures == .error {
            if let (position, index) = block.firstExcess {
                excess = excess ?? place(.excessFeature(index: index, featureCount: featureCount), position)
            }
            atFeatureCount =
                atFeatureCount
                ?? place(
                    .excessFeature(index: UInt64(featureCount), featureCount: featureCount), block.firstAtFeatureCount)
        }
        labelled = labelled ?? place(.mixedLabels(hasLabel: true), block.firstLabelled)
        unlabelled = unlabelled ?? place(.mixedLabels(hasLabel: false), block.firstUnlabelled)
        zeroIndexLine = zeroIndexLine ?? block.firstZeroIndex.map { linesBefore + $0.line + 1 }
        syntax = block.fault.map { PlacedFault(fault: $0, linesBefore: linesBefore) }
        linesBefore += block.lineCount
    }

    /// Whether a line that cannot be parsed was found; the text after it is ignored.
    var isOver: Bool { syntax != nil }

    /// The index base according to the blocks so far.
    var base: (base: IndexBase, reason: String) {
        switch options.indexBase {
        case .zero: (.zero, "counted from 0, as \(options.isBaseOfModel ? "in the model's corpus" : "asked for")")
        case .one: (.one, "counted from 1, as \(options.isBaseOfModel ? "in the model's corpus" : "asked for")")
        case .auto:
            if let zeroIndexLine {
                (.zero, "counted from 0: index 0 stands in line \(zeroIndexLine)")
            } else {
                (.one, "counted from 1: there is no index 0 in the file")
            }
        }
    }

    /// The index base, after all blocks have been processed.
    ///
    /// - Throws: the first error of the file.
    func checkedBase(name: String) throws(BadData) -> IndexBase {
        if let first { throw first.fault.badData(path: name, linesBefore: first.linesBefore) }
        return base.base
    }

    private var first: PlacedFault? {
        var faults = [syntax, excess]
        if base.base == .zero { faults.append(atFeatureCount) }
        if options.strict, let labelled, let unlabelled {
            // The kind of row that appears second is reported.
            faults.append(labelled.order < unlabelled.order ? unlabelled : labelled)
        }
        return faults.compactMap { $0 }.min { $0.order < $1.order }
    }
}

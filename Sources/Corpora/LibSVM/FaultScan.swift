import FileIO

/// Walks over the blocks in order and finds the first fault of the file.
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

    /// Whether a line was met that cannot be read; what stands after it has no say.
    var isOver: Bool { syntax != nil }

    /// As far as blocks were seen.
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

    /// The index base, once all blocks were seen.
    ///
    /// - Throws: the first fault of the file.
    func checkedBase(name: String) throws(BadData) -> IndexBase {
        if let first { throw first.fault.badData(path: name, linesBefore: first.linesBefore) }
        return base.base
    }

    private var first: PlacedFault? {
        var faults = [syntax, excess]
        if base.base == .zero { faults.append(atFeatureCount) }
        if options.strict, let labelled, let unlabelled {
            // Whichever kind of row comes second is the odd one.
            faults.append(labelled.order < unlabelled.order ? unlabelled : labelled)
        }
        return faults.compactMap { $0 }.min { $0.order < $1.order }
    }
}

import FileIO
import SparseMatrices

/// Reads lines of libsvm or LDA-C piece by piece into a corpus file; what `LibSVMReader` and `LDACReader` make of the
/// whole. Memory holds one piece, and each distinct label that is a word.
struct LibSVMImport {
    private let options: LibSVMOptions
    private let isLDAC: Bool
    private var scan: FaultScan
    private var provenance = CorpusProvenance(format: CorpusFormat.libSVM.rawValue)
    private var largestIndex: UInt64?
    private var wordLabels: Set<ByteKey> = []
    private var rowsWithLabel = 0
    private var rowCount = 0
    private var linesBefore = 0

    /// - Precondition: entries beyond the width are errors; to leave them out, the index base has to be known.
    init(_ format: CorpusFormat, _ options: LibSVMOptions) {
        precondition(options.featureCount == nil || options.excessFeatures == .error, "excess features are not dropped")
        isLDAC = format == .ldaC
        var options = options
        if isLDAC { options.indexBase = .zero }
        self.options = options
        scan = FaultScan(options: options)
    }

    /// Reads an input to its end.
    ///
    /// - Throws: `FileError`; of content that is wrong `.badData` about the first fault.
    static func append(
        _ path: String, format: CorpusFormat, options: CorpusReadingOptions, to spools: RowSpools, parallelism: Parallelism
    ) throws(FileError) -> CorpusPart {
        var reading = LibSVMImport(format, options.libSVM)
        let stream = try ByteStream(path: path)
        let lines = LineStream(stream, blockSize: options.pieceSize)
        let firstEntry = spools.state.entries
        while !reading.scan.isOver, let piece = try lines.next() {
            try piece.withUnsafeBufferPointer { piece throws(FileError) in
                try reading.append(piece, name: stream.name, to: spools, parallelism: parallelism)
            }
        }
        return try reading.finish(name: stream.name, firstEntry: firstEntry, spools)
    }

    private mutating func append(
        _ piece: UnsafeBufferPointer<UInt8>, name: String, to spools: RowSpools, parallelism: Parallelism
    ) throws(FileError) {
        if isLDAC { try LDACReader.requirePairs(UnsafeRawBufferPointer(piece), linesBefore: linesBefore, name: name) }
        let lines = LineBlocks(piece, blockSize: options.blockSize, isStart: false)
        let parsed = ParsedLibSVM(lines, options: options, parallelism: parallelism)
        for (number, block) in parsed.blocks.enumerated() where !scan.isOver {
            scan.add(block)
            if !scan.isOver { try append(block, of: parsed, at: parsed.offsets[number], to: spools) }
        }
    }

    private mutating func append(
        _ block: LibSVMBlock, of parsed: ParsedLibSVM, at start: Int, to spools: RowSpools
    ) throws(FileError) {
        provenance.add(block)
        largestIndex = [largestIndex, block.largestIndex].compactMap { $0 }.max()
        rowCount += block.rowCount
        linesBefore += block.lineCount
        let offsets = [0] + block.rowEnds
        provenance.rowsWithoutFeatures += (0..<block.rowCount).count { offsets[$0] == offsets[$0 + 1] }
        if !isLDAC {
            rowsWithLabel += block.labelCodes.count { $0 != RowLabels.none }
            wordLabels.formUnion(block.labels.names.filter(LabelSyntax.isWord).map { ByteKey($0) })
        }
        let annotations = isLDAC ? RowSpools.Annotations() : RowSpools.Annotations(block)
        let end = start + block.entryCount
        try offsets.withUnsafeBufferPointer { offsets throws(FileError) in
            let rows = CSRView(
                rowCount: block.rowCount, columnCount: Int(UInt32.max) + 1, rowOffsets: offsets,
                columnIndices: UnsafeBufferPointer(rebasing: parsed.columnIndices.elements[start..<end]),
                values: UnsafeBufferPointer(rebasing: parsed.values.elements[start..<end]))
            try spools.append(rows, annotations)
        }
    }

    private mutating func finish(
        name: String, firstEntry: Int, _ spools: RowSpools
    ) throws(FileError) -> CorpusPart {
        let base: (base: IndexBase, reason: String)
        do throws(BadData) {
            base = try scan.checkedBase(name: name)
        } catch {
            throw .badData(error)
        }
        // Columns were stored as if indices counted from 1.
        if options.indexBase == .auto, base.base == .zero { spools.shiftColumns(ofEntriesFrom: firstEntry) }
        provenance.indexBase = base.base
        provenance.indexBaseReason = base.reason
        if isLDAC {
            provenance.format = CorpusFormat.ldaC.rawValue
            provenance.indexBaseReason = LDACReader.indexBaseReason
        } else if rowsWithLabel == 0, rowCount > 0 {
            provenance.notes.append(ParsedLibSVM.noLabels)
        } else if rowsWithLabel > 0 {
            provenance.rowsWithoutLabel = rowCount - rowsWithLabel
            provenance.wordLabels = wordLabels.count
        }
        let width = options.featureCount ?? largestIndex.map { Int($0) - base.base.rawValue + 1 } ?? 0
        return CorpusPart(name: name, featureCount: width, vocabulary: nil, provenance: provenance)
    }
}

extension RowSpools.Annotations {
    /// Nothing where no row of the block has any.
    fileprivate init(_ block: LibSVMBlock) {
        func perRow<Element>(_ elements: [(row: Int, element: Element)], default none: Element) -> [Element]? {
            if elements.isEmpty { return nil }
            var all = Array(repeating: none, count: block.rowCount)
            for (row, element) in elements { all[row] = element }
            return all
        }
        let sets = block.labels.names.map(LabelSyntax.labels)
        if !sets.isEmpty {
            labels = block.labelCodes.map { $0 == RowLabels.none ? [] : sets[Int($0)] }
        }
        ids = perRow(block.ids.map { ($0.row, $0.id) }, default: "")
        qids = perRow(block.qids.map { ($0.row, Optional($0.qid)) }, default: nil)
        weights = perRow(block.weights.map { ($0.row, $0.weight) }, default: 1)
    }
}

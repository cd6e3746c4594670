import FileIO
import SparseMatrices

extension ParsedLibSVM {
    /// Combines the blocks; the provenance has the counts of their rows.
    func corpus(base: IndexBase, parallelism: Parallelism) -> Corpus {
        let kept = keptEntries(base: base, parallelism: parallelism)
        let largest = blocks.compactMap(\.largestIndex).max()
        let matrix = CSRMatrix(
            validRowCount: blocks.reduce(0) { $0 + $1.rowCount },
            columnCount: options.featureCount ?? largest.map { Int($0) - base.rawValue + 1 } ?? 0,
            rowOffsets: kept.rowOffsets, columnIndices: kept.columnIndices, values: kept.values)
        var provenance = CorpusProvenance(format: CorpusFormat.libSVM.rawValue)
        provenance.excessFeaturesDropped = kept.dropped
        provenance.rowsWithoutFeatures = (0..<matrix.rowCount).reduce(0) {
            $0 + (kept.rowOffsets.elements[$1] == kept.rowOffsets.elements[$1 + 1] ? 1 : 0)
        }
        for block in blocks { provenance.add(block) }
        return Corpus(
            matrix: matrix, labels: mergedLabels(),
            ids: perRow(rowCount: matrix.rowCount, default: "") { $0.ids.map { ($0.row, $0.id) } },
            qids: perRow(rowCount: matrix.rowCount, default: nil) { $0.qids.map { ($0.row, $0.qid) } },
            weights: perRow(rowCount: matrix.rowCount, default: 1) { $0.weights.map { ($0.row, $0.weight) } },
            provenance: provenance)
    }

    /// One element for each row, from the lists of the blocks; nil if no block has any.
    private func perRow<Element>(
        rowCount: Int, default element: Element, _ elements: (LibSVMBlock) -> [(Int, Element)]
    ) -> [Element]? {
        guard blocks.contains(where: { !elements($0).isEmpty }) else { return nil }
        var all = Array(repeating: element, count: rowCount)
        var firstRow = 0
        for block in blocks {
            for (row, element) in elements(block) { all[firstRow + row] = element }
            firstRow += block.rowCount
        }
        return all
    }

    /// All labels with common numbers, in the order of their first appearance in the file; nil if no row has one.
    private func mergedLabels() -> RowLabels? {
        var names: [String] = []
        var codesByName: [ByteKey: UInt32] = [:]
        var codes: [UInt32] = []
        codes.reserveCapacity(blocks.reduce(0) { $0 + $1.rowCount })
        for block in blocks {
            let merged = block.labels.names.map { name in
                if let code = codesByName[ByteKey(name)] { return code }
                let code = UInt32(names.count)
                codesByName[ByteKey(name)] = code
                names.append(name)
                return code
            }
            codes.append(contentsOf: block.labelCodes.lazy.map { $0 == RowLabels.none ? $0 : merged[Int($0)] })
        }
        return names.isEmpty ? nil : RowLabels(sets: names.map(LabelSyntax.labels), codes: codes)
    }

    private struct Entries {
        var rowOffsets: AlignedBuffer<Int>
        var columnIndices: AlignedBuffer<UInt32>
        var values: AlignedBuffer<Float>
        var dropped: Int
    }

    /// The entries without gaps, with columns counted from 0 and without features beyond the requested number.
    private func keptEntries(base: IndexBase, parallelism: Parallelism) -> Entries {
        let dropped = rebaseAndDrop(base: base, parallelism: parallelism)
        let rowCount = blocks.reduce(0) { $0 + $1.rowCount }
        let rowOffsets = AlignedBuffer(repeating: 0, count: rowCount + 1)
        var starts = [0]
        var row = 0
        for (number, block) in blocks.enumerated() {
            let start = starts[number]
            let ends = dropped.rowEnds[number] ?? block.rowEnds
            for end in ends {
                row += 1
                rowOffsets.elements[row] = start + end
            }
            starts.append(start + (ends.last ?? 0))
        }
        // Usually every colon belongs to an entry, so there are no gaps.
        if starts == offsets {
            return Entries(
                rowOffsets: rowOffsets, columnIndices: columnIndices, values: values, dropped: dropped.count)
        }
        let exactColumns = AlignedBuffer<UInt32>(uninitialized: starts[blocks.count])
        let exactValues = AlignedBuffer<Float>(uninitialized: starts[blocks.count])
        parallelism.forEach(block: blocks.count) { block in
            let count = starts[block + 1] - starts[block]
            (exactColumns.baseAddress + starts[block]).initialize(
                from: columnIndices.baseAddress + offsets[block], count: count)
            (exactValues.baseAddress + starts[block]).initialize(
                from: values.baseAddress + offsets[block], count: count)
        }
        return Entries(
            rowOffsets: rowOffsets, columnIndices: exactColumns, values: exactValues, dropped: dropped.count)
    }

    /// Corrects the columns if the index base is not the one that the parser assumed, and removes excess features.
    ///
    /// - Returns: new row ends for blocks from which entries were removed, and the total number of removed entries.
    private func rebaseAndDrop(
        base: IndexBase, parallelism: Parallelism
    ) -> (rowEnds: [[Int]?], count: Int) {
        let isShifted = options.indexBase == .auto && base == .zero
        let featureCount = options.featureCount ?? Int.max
        let results = AlignedBuffer(repeating: 0, count: blocks.count)
        let ends = RowEnds(count: blocks.count)
        parallelism.forEach(block: blocks.count) { number in
            let block = blocks[number]
            let columns = columnIndices.baseAddress + offsets[number]
            if isShifted {
                for entry in 0..<block.entryCount { columns[entry] &+= 1 }
            }
            guard block.firstExcess != nil || block.firstAtFeatureCount != nil else { return }
            let entryValues = values.baseAddress + offsets[number]
            var count = 0
            var start = 0
            var newEnds = block.rowEnds
            for (row, end) in block.rowEnds.enumerated() {
                for entry in start..<end where Int(columns[entry]) < featureCount {
                    columns[count] = columns[entry]
                    entryValues[count] = entryValues[entry]
                    count += 1
                }
                start = end
                newEnds[row] = count
            }
            ends.set(newEnds, at: number)
            results.elements[number] = block.entryCount - count
        }
        return (ends.all, results.elements.reduce(0, +))
    }
}

extension CorpusProvenance {
    /// Adds the counts of a block.
    mutating func add(_ block: LibSVMBlock) {
        unsortedRows += block.unsortedRows
        duplicatesMerged += block.duplicatesMerged
        explicitZerosDropped += block.explicitZeros
        blankLines += block.blankLines
        commentLines += block.commentLines
        idsRepaired += block.idsRepaired
        valuesRounded += block.valuesRounded
        valuesApart += block.valuesApart
    }
}

/// One element for each block, which is written by the block's thread only.
private final class RowEnds: @unchecked Sendable {
    private let places: UnsafeMutableBufferPointer<[Int]?>

    init(count: Int) {
        places = .allocate(capacity: count)
        places.initialize(repeating: nil)
    }

    deinit {
        places.deinitialize()
        places.deallocate()
    }

    func set(_ ends: [Int], at block: Int) { places[block] = ends }

    var all: [[Int]?] { Array(places) }
}

/// All blocks of a file, parsed: each block's entries are in shared buffers, at the block's offset.
struct ParsedLibSVM {
    let options: LibSVMOptions
    let blocks: [LibSVMBlock]
    /// The position of each block's first entry in the buffers; the last element is the length of the buffers.
    let offsets: [Int]
    let columnIndices: AlignedBuffer<UInt32>
    let values: AlignedBuffer<Float>

    init(_ lines: LineBlocks, options: LibSVMOptions, parallelism: Parallelism) {
        self.options = options
        let colons = AlignedBuffer(repeating: 0, count: lines.count)
        parallelism.forEach(block: lines.count) { block in
            colons.elements[block] = lines.withLines(ofBlock: block) { LineBlocks.count(UInt8(ascii: ":"), in: $0) }
        }
        let offsets = colons.elements.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        let columnIndices = AlignedBuffer<UInt32>(uninitialized: offsets[lines.count])
        let values = AlignedBuffer<Float>(uninitialized: offsets[lines.count])
        let blocks = [LibSVMBlock](unsafeUninitializedCapacity: lines.count) { results, count in
            nonisolated(unsafe) let places = results.baseAddress
            parallelism.forEach(block: lines.count) { block in
                let parsed = lines.withLines(ofBlock: block) { text in
                    guard let start = text.baseAddress else { return LibSVMBlock() }
                    var parser = LibSVMBlockParser(
                        lines: text, start: start, options: options,
                        columnIndices: columnIndices.baseAddress + offsets[block],
                        values: values.baseAddress + offsets[block], capacity: offsets[block + 1] - offsets[block])
                    return parser.parse()
                }
                places?.advanced(by: block).initialize(to: parsed)
            }
            count = lines.count
        }
        (self.blocks, self.offsets, self.columnIndices, self.values) = (blocks, offsets, columnIndices, values)
    }
}

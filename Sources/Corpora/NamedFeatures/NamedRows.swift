import FileIO
import SparseMatrices

/// The rows of one block of lines, up to the first error.
struct NamedRows {
    var rowEnds: [Int] = []
    /// Columns, or indices of `words`.
    var columns: [UInt32] = []
    var values: [Float] = []
    /// The distinct words of the block; nil if columns are known.
    var words: TokenTable?
    var labels = LabelCodes()
    /// The ids, one for each row if any row has one; otherwise empty.
    var ids: [String] = []
    var idsRepaired = 0
    /// The weights, one for each row if any row has one; otherwise empty.
    var weights: [Float] = []
    var valuesRounded = 0
    /// The number of nonzero values in the text that became zero as Floats; they are left out.
    var tooSmall = 0
    var tally = LineTally()

    /// Completes a row, whose entries have already been added.
    mutating func endRow(
        label: UnsafeBufferPointer<UInt8>, id: UnsafeBufferPointer<UInt8>, weight: Float? = nil
    ) {
        labels.append(label)
        if !id.isEmpty || !ids.isEmpty {
            ids += repeatElement("", count: rowEnds.count - ids.count)
            let text = String(validating: id, as: UTF8.self)
            idsRepaired += text == nil ? 1 : 0
            ids.append(text ?? String(decoding: id, as: UTF8.self))
        }
        if weight != nil || !weights.isEmpty {
            weights += repeatElement(1, count: rowEnds.count - weights.count)
            weights.append(weight ?? 1)
        }
        rowEnds.append(columns.count)
    }

    /// Parses a decimal number that is the whole of a text.
    ///
    /// - Returns: nil if the text is not a number, or not finite as a Float.
    /// - Precondition: the text is followed by a byte that is not part of any number, and 16 more bytes may be read.
    mutating func number(_ text: UnsafeBufferPointer<UInt8>) -> Float? {
        guard let start = text.baseAddress, let number = DecimalNumber(at: start), number.end == start + text.count,
            number.value.isFinite
        else { return nil }
        if DecimalNumber.isRounded(number.value, from: start, to: number.end) { valuesRounded += 1 }
        return number.value
    }
}

/// Parses blocks of lines.
protocol NamedRowsParser: Sendable {
    /// - Parameters:
    ///   - lines: complete lines, of which the last may lack its line end; 16 more bytes may be read after them.
    ///   - isFirst: whether these are the first lines of the input.
    /// - Returns: the rows; the line of an error is counted from 1 within the block, and its path is missing.
    func parse(_ lines: UnsafeBufferPointer<UInt8>, isFirst: Bool) -> NamedRows
}

/// Rows with named columns: those of a table, or words that occur with the entries and are numbered in the order of
/// their first appearance. Blocks are parsed in parallel; the result does not depend on the number of threads.
struct NamedRowsSource: CorpusSource {
    private let name: String
    private let blocks: any DocumentStream
    private let parser: any NamedRowsParser
    private let mostBlocks: Int
    private let words: WordColumns
    /// The first block, from which the columns were determined.
    private var waiting: [UInt8]?
    private var isFirst = true
    private var linesBefore = 0
    private var tally = LabelTally()
    private let known: CorpusProvenance

    /// The source of the columns' words.
    enum WordColumns {
        /// Columns are known; their words are given or there are none.
        case table(width: Int, Vocabulary?)
        /// The words are given; entries with other words are left out.
        case fixed(TokenTable, Vocabulary)
        case growing(TokenTable)
    }

    /// - Parameters:
    ///   - first: a block that has already been read; nil if there is none.
    ///   - provenance: information about all rows.
    init(
        _ name: String, _ blocks: any DocumentStream, first: [UInt8]? = nil, _ parser: any NamedRowsParser,
        _ words: WordColumns, mostBlocks: Int, provenance: CorpusProvenance
    ) {
        (self.name, self.blocks, self.parser, self.words) = (name, blocks, parser, words)
        (self.mostBlocks, waiting, known) = (mostBlocks, first, provenance)
    }

    var isWhole: Bool { false }

    var provenance: CorpusProvenance {
        var provenance = known
        provenance.rowsWithoutLabel = tally.rowsWithoutLabel
        provenance.wordLabels = tally.wordCount
        return provenance
    }

    var vocabulary: Vocabulary? {
        guard case .growing(let table) = words else { return nil }
        return Vocabulary(
            words: (0..<UInt32(table.count)).map { String(decoding: table[$0], as: UTF8.self) })
    }

    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        var texts: [[UInt8]] = []
        while texts.count < mostBlocks, let text = try nextBlock() {
            texts.append(text + repeatElement(UInt8(ascii: "\n"), count: 17))
        }
        if texts.isEmpty { return nil }
        let parts = parallelism.map(texts.count) { [parser, isFirst, texts] place in
            texts[place].withUnsafeBufferPointer { text in
                parser.parse(
                    UnsafeBufferPointer(rebasing: text[..<(text.count - 17)]), isFirst: isFirst && place == 0)
            }
        }
        isFirst = false
        for part in parts {
            if var fault = part.tally.fault {
                fault.path = name
                fault.line = fault.line.map { $0 + linesBefore }
                throw .badData(fault)
            }
            linesBefore += part.tally.lines
        }
        let piece = try corpus(of: parts, parallelism: parallelism)
        tally.add(piece, isWord: CountedText.isWord)
        return piece
    }

    private mutating func nextBlock() throws(FileError) -> [UInt8]? {
        defer { waiting = nil }
        return if let waiting { waiting } else { try blocks.next() }
    }

    private func corpus(of parts: [NamedRows], parallelism: Parallelism) throws(FileError) -> Corpus {
        var provenance = CorpusProvenance(format: known.format)
        let rowCount = parts.reduce(0) { $0 + $1.rowEnds.count }
        let offsets = AlignedBuffer<Int>(uninitialized: rowCount + 1)
        var (columns, values) = ([UInt32](), [Float]())
        var (labels, ids, weights) = (LabelCodes(), [String](), [Float]())
        var row = 0
        offsets.elements[0] = 0
        for part in parts {
            let targets = targets(part.words)
            var entry = 0
            for end in part.rowEnds {
                for place in entry..<end {
                    let column = targets.map { $0[Int(part.columns[place])] } ?? part.columns[place]
                    if column == FeatureSelection.none {
                        provenance.excessFeaturesDropped += 1
                    } else {
                        columns.append(column)
                        values.append(part.values[place])
                    }
                }
                entry = end
                row += 1
                offsets.elements[row] = columns.count
            }
            labels.append(part.labels, rows: part.rowEnds.count)
            Self.extend(&ids, part.ids, none: "", before: row - part.rowEnds.count, count: part.rowEnds.count)
            Self.extend(&weights, part.weights, none: 1, before: row - part.rowEnds.count, count: part.rowEnds.count)
            provenance.blankLines += part.tally.blank
            provenance.idsRepaired += part.idsRepaired
            provenance.valuesRounded += part.valuesRounded
            provenance.explicitZerosDropped += part.tooSmall
        }
        let entries = RowMajorEntries(
            rowCount: rowCount, columnCount: columnCount, rowOffsets: offsets, columnIndices: AlignedBuffer(columns),
            values: AlignedBuffer(values))
        var tidy = try Corpus(entries, provenance: provenance, name: name, parallelism: parallelism)
        // Words have no order in a row, and repeated words are counted repeatedly.
        (tidy.provenance.unsortedRows, tidy.provenance.duplicatesMerged) = (0, 0)
        return Corpus(
            matrix: tidy.matrix, labels: labels.rowLabels, ids: ids.isEmpty ? nil : ids,
            weights: weights.isEmpty ? nil : weights, vocabulary: words.vocabulary, provenance: tidy.provenance)
    }

    private var columnCount: Int {
        switch words {
        case .table(let width, _): width
        case .fixed(_, let vocabulary): vocabulary.count
        case .growing(let table): table.count
        }
    }

    /// The columns of a block's words, `FeatureSelection.none` for words without a column; nil if the block has
    /// columns.
    private func targets(_ own: TokenTable?) -> [UInt32]? {
        guard let own else { return nil }
        return (0..<UInt32(own.count)).map { word in
            switch words {
            case .table: word
            case .fixed(let table, _): table.find(own[word]) ?? FeatureSelection.none
            case .growing(let table): table.insert(own[word])
            }
        }
    }

    /// Appends the values of a part's rows; the list stays empty as long as no row has any.
    private static func extend<Element>(
        _ all: inout [Element], _ part: [Element], none: Element, before: Int, count: Int
    ) {
        if all.isEmpty, part.isEmpty { return }
        all += repeatElement(none, count: before - all.count)
        all += part
        all += repeatElement(none, count: count - part.count)
    }
}

extension NamedRowsSource.WordColumns {
    /// The words of the columns, if each piece has all of them.
    fileprivate var vocabulary: Vocabulary? {
        switch self {
        case .table(_, let vocabulary): vocabulary
        case .fixed(_, let vocabulary): vocabulary
        case .growing: nil
        }
    }
}

extension CorpusReadingOptions {
    /// The number of blocks of lines in a piece, and the maximum number of lines in a block.
    func blocksAtOnce(_ handing: Handing, _ parallelism: Parallelism) -> (blocks: Int, lines: Int) {
        handing == .final
            ? (1, pieceRows) : (max(1, min(pieceSize / textInput.blockSize, 8 * parallelism.threads)), .max)
    }
}

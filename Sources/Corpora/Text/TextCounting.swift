import FileIO
import SparseMatrices
import Synchronization

/// Reads documents block by block and counts them on all threads.
///
/// While the blocks of a round are counted, those of the next round are read. A block's counts do not depend on the
/// counter, and provisional feature numbers are replaced by columns at the end; so the counts do not depend on the
/// number of threads.
struct TextCounting {
    private(set) var documents: [CountedDocuments] = []
    private(set) var vocabulary: TokenTable
    private(set) var labels = LabelCodes()
    private(set) var ids: [String]?
    /// The beginning of each row's text, if it is to be kept.
    private(set) var texts: [String]?
    private(set) var provenance: CorpusProvenance
    /// See `DocumentBlocks.names`.
    private(set) var names: [String]?
    private let counters: [DocumentCounter]
    private let inputOptions: TextInputOptions
    private let isFixed: Bool
    private var rowCount = 0
    /// The number of lines of the current input before the current block.
    private var linesBefore = (input: 0, lines: 0)

    init(_ analyzer: TextAnalyzer, fixed: TokenTable?, _ inputOptions: TextInputOptions, parallelism: Parallelism) {
        vocabulary = fixed ?? TokenTable()
        isFixed = fixed != nil
        self.inputOptions = inputOptions
        texts = inputOptions.keptBytes > 0 ? [] : nil
        counters = (0..<parallelism.threads).map { _ in DocumentCounter(analyzer, fixed: fixed) }
        provenance = CorpusProvenance(format: "")
    }

    /// Adds sentences to the provenance.
    mutating func add(notes: [Message]) { provenance.notes += notes }

    /// Reads everything.
    ///
    /// - Throws: the first error in the order of the inputs.
    mutating func count(_ inputs: inout DocumentBlocks, parallelism: Parallelism) throws(FileError) {
        // More blocks than threads, so that no thread waits long for the last one; nothing is counted during the first
        // read.
        let blocksPerRound = 8 * counters.count
        var round = inputs.next(counters.count)
        while true {
            let blocks = round.blocks
            if blocks.isEmpty { break }
            var next: (blocks: [DocumentBlock], failure: FileError?) = ([], nil)
            let counted = count(blocks, parallelism: parallelism) {
                if round.failure == nil { next = inputs.next(blocksPerRound) }
            }
            try take(counted, of: blocks, parallelism: parallelism)
            if let failure = round.failure { throw failure }
            round = next
        }
        if let failure = round.failure { throw failure }
        finishProvenance(inputs)
    }

    /// Reads and counts the next blocks, at most `blockCount`, and discards earlier ones and, unless they are given, their
    /// words; labels are renumbered.
    ///
    /// - Returns: false at the end.
    /// - Throws: the first error in the order of the inputs.
    mutating func countNext(
        _ blockCount: Int, of inputs: inout DocumentBlocks, parallelism: Parallelism
    ) throws(FileError) -> Bool {
        (documents, labels, ids, rowCount) = ([], LabelCodes(), nil, 0)
        texts?.removeAll()
        if !isFixed {
            vocabulary.removeAll()
            for counter in counters { counter.forget() }
        }
        let round = inputs.next(blockCount)
        try take(count(round.blocks, parallelism: parallelism), of: round.blocks, parallelism: parallelism)
        if let failure = round.failure { throw failure }
        if round.blocks.isEmpty { finishProvenance(inputs) }
        return !round.blocks.isEmpty
    }

    /// Counts blocks.
    ///
    /// - Parameter read: executed concurrently on one of the threads.
    private func count(
        _ blocks: [DocumentBlock], parallelism: Parallelism, while read: () -> Void = {}
    ) -> [CountedBlock] {
        let free = Mutex(Array(counters.indices))
        return parallelism.map(blocks.count + 1) { [counters, inputOptions] task -> CountedBlock? in
            if task == 0 {
                read()
                return nil
            }
            let counter = free.withLock { $0.removeLast() }
            var counted = counters[counter].count(blocks[task - 1], inputOptions)
            counted.counter = counter
            free.withLock { $0.append(counter) }
            return counted
        }.compactMap { $0 }
    }

    private mutating func take(
        _ counted: [CountedBlock], of blocks: [DocumentBlock], parallelism: Parallelism
    ) throws(FileError) {
        for (block, part) in zip(blocks, counted) {
            if block.input != linesBefore.input { linesBefore = (block.input, 0) }
            if var fault = part.tally.fault {
                if fault.path.isEmpty { fault.path = block.name }
                fault.line = fault.line.map { $0 + linesBefore.lines }
                throw .badData(fault)
            }
            linesBefore.lines += part.tally.lines
        }
        let rows = shareNumbers(counted, parallelism: parallelism)
        for (part, rows) in zip(counted, rows) { append(part, rows) }
        documents += rows
    }

    /// The rows of counted blocks with the numbers of features that all counters share.
    private func shareNumbers(_ counted: [CountedBlock], parallelism: Parallelism) -> [CountedDocuments] {
        if !isFixed { for counter in counters { counter.share(with: vocabulary) } }
        let rows = parallelism.map(counted.count) { [counters] block in
            var rows = counted[block].rows
            counters[counted[block].counter].renumber(&rows)
            return rows
        }
        for counter in counters { counter.forgetMany() }
        return rows
    }

    /// Counts texts in memory, one row for each, in order.
    ///
    /// - Parameter text: the bytes of a text, valid until this returns; called by several threads.
    mutating func count(_ texts: Int, parallelism: Parallelism, _ text: (Int) -> UnsafeRawBufferPointer) {
        let blockSize = 256, blocks = (texts + blockSize - 1) / blockSize
        let blocksPerRound = 8 * counters.count
        for start in stride(from: 0, to: blocks, by: blocksPerRound) {
            let free = Mutex(Array(counters.indices))
            let counted = parallelism.map(min(blocksPerRound, blocks - start)) { [counters] block in
                let counter = free.withLock { $0.removeLast() }
                let first = (start + block) * blockSize
                for i in first..<min(texts, first + blockSize) {
                    counters[counter].count(text(i).assumingMemoryBound(to: UInt8.self))
                }
                let rows = counters[counter].takeRows()
                free.withLock { $0.append(counter) }
                return CountedBlock(rows: rows, counter: counter)
            }
            documents += shareNumbers(counted, parallelism: parallelism)
        }
        rowCount += texts
        provenance.format = "texts"
        var counts = TextProvenance()
        for counter in counters { counts.add(counter) }
        provenance.text = counts
    }

    private mutating func append(_ part: CountedBlock, _ rows: CountedDocuments) {
        let count = rows.rowEnds.count
        labels.append(part.labels, rows: count)
        if ids != nil || !part.ids.isEmpty {
            var all = ids ?? Array(repeating: "", count: rowCount)
            ids = nil
            all += part.ids
            all += repeatElement("", count: count - part.ids.count)
            ids = all
        }
        texts?.append(contentsOf: part.texts)
        rowCount += count
        provenance.blankLines += part.tally.blank
        provenance.idsRepaired += part.idsRepaired
        provenance.text = provenance.text ?? TextProvenance()
        provenance.text?.badLinesSkipped += part.tally.bad
    }

    private mutating func finishProvenance(_ inputs: DocumentBlocks) {
        let formats = inputs.formats.map(\.rawValue)
        provenance.format = formats.indices.filter { formats.firstIndex(of: formats[$0]) == $0 }
            .map { formats[$0] }.joined(separator: " and ")
        var text = provenance.text ?? TextProvenance()
        names = inputs.names
        text.fields = inputs.fields
        text.columns = inputs.columns
        provenance.notes += inputs.notes
        text.filesSkipped = inputs.filesSkipped
        for counter in counters { text.add(counter) }
        provenance.text = text
    }
}

extension TextProvenance {
    mutating func add(_ counter: DocumentCounter) {
        tokens += counter.workspace.tokens
        stopWordsDropped += counter.workspace.stopWordsDropped
        documentsRepaired += counter.workspace.documentsRepaired
        outOfVocabulary += counter.outOfVocabulary
    }
}

/// Counts the words of new documents with an existing vocabulary, such as a model's.
public struct TextVectorizer: Sendable {
    public let options: TextOptions
    public let vocabulary: Vocabulary
    private let analyzer: TextAnalyzer
    /// nil if words are hashed.
    private let table: TokenTable?

    /// - Parameter vocabulary: the words in column order; of hashed words, names of the columns.
    /// - Throws: `TextOptionsError` for invalid options, and for a vocabulary with a duplicate word.
    public init(_ options: TextOptions, vocabulary: Vocabulary) throws(TextOptionsError) {
        analyzer = try TextAnalyzer(options)
        self.options = options
        self.vocabulary = vocabulary
        table = options.hashBits == nil ? try TokenTable(columnsOf: vocabulary) : nil
    }

    /// The counts of documents.
    public struct Counts: Sendable {
        /// The counts, documents × words of the vocabulary.
        public let matrix: CSRMatrix
        /// The number of occurrences of features that are not in the vocabulary.
        public let outOfVocabulary: Int
    }

    /// Counts documents, one row for each in order; a document without a known word is an empty row.
    public func counts(of documents: [String], parallelism: Parallelism = .allCores) -> Counts {
        let blockSize = 256
        let parts = parallelism.map((documents.count + blockSize - 1) / blockSize) {
            block -> (rows: CountedDocuments, outOfVocabulary: Int) in
            let counter = DocumentCounter(analyzer, fixed: table)
            for document in documents[block * blockSize..<min(documents.count, (block + 1) * blockSize)] {
                var text = document
                text.withUTF8 { counter.count($0) }
            }
            let rows = counter.takeRows()
            guard let hashing = FeatureHashing(options) else { return (rows, counter.outOfVocabulary) }
            return (rows.gathered(in: hashing.columns(of: counter.words)), 0)
        }
        return Counts(
            matrix: CSRMatrix(
                counting: parts.map(\.rows), columns: nil,
                columnCount: FeatureHashing(options)?.columnCount ?? vocabulary.count, parallelism: parallelism),
            outOfVocabulary: parts.reduce(0) { $0 + $1.outOfVocabulary })
    }
}

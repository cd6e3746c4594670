import FileIO
import SparseMatrices

/// Lines of libsvm or LDA-C, read piece by piece under an index base that is known: what `LibSVMReader` and
/// `LDACReader` make of the whole.
struct LibSVMPieces: CorpusPieceSource {
    private let lines: LineStream
    private let name: String
    private let options: LibSVMOptions
    private let isLDAC: Bool
    private var scan: FaultScan
    private var linesBefore = 0
    private var tally = LabelTally()

    /// - Precondition: the base is known; of LDA-C it is.
    init(
        _ path: String, format: CorpusFormat, options: CorpusReadingOptions
    ) throws(FileError) {
        var lineOptions = options.lineOptions
        isLDAC = format == .ldaC
        if isLDAC { lineOptions.indexBase = .zero }
        precondition(lineOptions.indexBase != .auto, "the index base is not known before the end")
        // Pieces are small, and all threads are to have a share.
        lineOptions.blockSize = min(lineOptions.blockSize, 1 << 18)
        self.options = lineOptions
        scan = FaultScan(options: lineOptions)
        let stream = try ByteStream(path: path)
        name = stream.name
        lines = LineStream(stream, blockSize: options.pieceSize, mostLines: options.pieceRows)
    }

    var announcedRowCount: Int? { nil }

    var provenance: CorpusProvenance {
        var provenance = CorpusProvenance(format: (isLDAC ? CorpusFormat.ldaC : .libSVM).rawValue)
        let base = scan.base
        provenance.indexBase = base.base
        provenance.indexBaseReason = isLDAC ? LDACReader.indexBaseReason : base.reason
        provenance.rowsWithoutLabel = tally.rowsWithoutLabel
        if !isLDAC, tally.isWithoutLabels { provenance.notes.append(ParsedLibSVM.noLabels) }
        return provenance
    }

    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        guard let text = try lines.next() else { return nil }
        var piece: Result<Corpus, FileError>?
        text.withUnsafeBufferPointer { text in
            piece = Result { () throws(FileError) in try parse(text, parallelism: parallelism) }
        }
        return try piece?.get()
    }

    private mutating func parse(
        _ text: UnsafeBufferPointer<UInt8>, parallelism: Parallelism
    ) throws(FileError) -> Corpus {
        if isLDAC { try LDACReader.requirePairs(UnsafeRawBufferPointer(text), linesBefore: linesBefore, name: name) }
        let blocks = LineBlocks(text, blockSize: options.blockSize, isStart: false)
        let parsed = ParsedLibSVM(blocks, options: options, parallelism: parallelism)
        for block in parsed.blocks where !scan.isOver {
            scan.add(block)
            linesBefore += block.lineCount
        }
        var piece: Corpus
        do throws(BadData) {
            let (base, reason) = try scan.checkedBase(name: name)
            piece = try parsed.corpus(base: base, reason: reason, name: name, parallelism: parallelism)
        } catch {
            throw .badData(error)
        }
        // What only the whole input tells.
        piece.provenance.rowsWithoutLabel = 0
        piece.provenance.notes = []
        // What is a label in libsvm is the number of pairs.
        if isLDAC { return Corpus(matrix: piece.matrix, provenance: piece.provenance) }
        tally.add(piece)
        return piece
    }
}

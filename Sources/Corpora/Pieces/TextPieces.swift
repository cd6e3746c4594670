import FileIO
import SparseMatrices

/// Text, counted piece by piece by words that are known.
struct TextPieces: CorpusPieceSource {
    private var inputs: DocumentBlocks
    private var counting: TextCounting
    private let vocabulary: Vocabulary
    private let textOptions: TextOptions
    private var tally = LabelTally()

    /// How many blocks make a piece: enough to occupy some threads.
    static let blocksAtOnce = 8

    init(inputs: DocumentBlocks, counting: TextCounting, vocabulary: Vocabulary, textOptions: TextOptions) {
        self.inputs = inputs
        self.counting = counting
        self.vocabulary = vocabulary
        self.textOptions = textOptions
    }

    var announcedRowCount: Int? { nil }

    var provenance: CorpusProvenance {
        var provenance = counting.provenance
        provenance.rowsWithoutLabel = tally.rowsWithoutLabel
        return provenance
    }

    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        guard try counting.countNext(Self.blocksAtOnce, of: &inputs, parallelism: parallelism) else { return nil }
        let counted = CountedText(counting, vocabulary: vocabulary, columns: nil, textOptions: textOptions)
        var piece = counted.corpus(parallelism: parallelism)
        tally.add(piece)
        piece.provenance = CorpusProvenance(format: "")
        return piece
    }
}

import Autoencoders
import Corpora

extension FeatureModel {
    /// Options for reading later corpora for this model: its index base, number of features, vocabulary and text
    /// settings apply; features that the model does not know are left out and counted.
    public var readingOptions: CorpusReadingOptions {
        var options = CorpusReadingOptions(
            libSVM: LibSVMOptions(
                indexBase: indexBase.map(IndexBaseRule.init) ?? .auto, featureCount: featureCount,
                excessFeatures: .drop))
        options.libSVM.isBaseOfModel = indexBase != nil
        options.knownWords = vocabulary
        options.isForModel = true
        options.isTransposedForModel = isTransposed
        options.text = textOptions ?? TextOptions()
        return options
    }

    /// The number of rows in a piece should be a multiple of this, so that every block is full; see
    /// `SparseEncoder.rowsPerBlock`.
    public static var rowsPerPiece: Int { SparseEncoder.rowsPerBlock }

    /// Computes the codes of a corpus that is read piece by piece, in row order and a few hundred rows at a time. The
    /// codes are bit for bit those that `embed` gives for the whole corpus, but memory does not grow with the number of
    /// documents.
    ///
    ///     let pieces = try CorpusPieces(
    ///         "-", options: model.readingOptions, rowMultiple: FeatureModel.rowsPerPiece)
    ///     try model.encodePieces(of: pieces) { codes, rows, count in … }
    ///
    /// - Parameters:
    ///   - pieces: the corpus, opened with `readingOptions` and `rowsPerPiece`.
    ///   - withVariance: as for `embed`.
    ///   - asMixture: as for `embed`.
    ///   - execution: how products are computed, and on how many threads.
    ///   - body: receives the codes, rows × `codeWidth`, row-major and valid within the call only, the metadata of
    ///     these rows, and the number of rows.
    /// - Throws: `FileError` as `CorpusPieces.next` does; `WeightingError` and `LikelihoodError`, whose rows are
    ///   counted from the first row of the corpus; any error of `body`. Rows before the piece with the error have
    ///   already been passed to `body`.
    package func encodePieces(
        of pieces: CorpusPieces, withVariance: Bool = false, asMixture: Bool = false,
        execution: Execution = Execution(),
        _ body: (UnsafeBufferPointer<Float>, RowMetadata, _ count: Int) throws -> Void
    ) throws {
        let width = codeWidth(withVariance: withVariance)
        try forEachEncodedBlock(
            of: pieces, withVariance: withVariance, asMixture: asMixture, execution: execution
        ) { codes, rows, piece, _ in
            try body(
                UnsafeBufferPointer(start: codes, count: rows.count * width), RowMetadata(of: piece, rows: rows),
                rows.count)
        }
    }

    /// The same with the documents themselves.
    ///
    /// - Parameter body: receives the codes of some rows of a piece, row-major and valid within the call only, the
    ///   numbers of these rows in the piece, the piece as it was read, and the piece as the network's input.
    package func forEachEncodedBlock(
        of pieces: CorpusPieces, withVariance: Bool = false, asMixture: Bool = false,
        execution: Execution = Execution(),
        _ body: (UnsafePointer<Float>, _ rows: Range<Int>, Corpus, _ inputs: CSRMatrix) throws -> Void
    ) throws {
        while true {
            let rowsBefore = pieces.rowCount
            guard let piece = try pieces.next() else { return }
            do {
                let inputs = try inputs(from: piece)
                try encodeBlocks(
                    of: inputs, withVariance: withVariance, asMixture: asMixture, execution: execution
                ) { codes, rows in
                    try execution.checkBackend()
                    try body(codes, rows, piece, inputs)
                }
            } catch let error as WeightingError {
                throw error.movedDown(by: rowsBefore)
            } catch let error as LikelihoodError {
                throw error.movedDown(by: rowsBefore)
            }
        }
    }
}

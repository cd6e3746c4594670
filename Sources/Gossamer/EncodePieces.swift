import Autoencoders
import Corpora

extension FeatureModel {
    /// How later corpora are read for this model: its index base, width, words and text settings hold; features that it
    /// has not seen are left out and counted.
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

    /// The multiple of rows that pieces are encoded in without a remainder; see `SparseEncoder.rowsPerBlock`.
    public static var rowsPerPiece: Int { SparseEncoder.rowsPerBlock }

    /// The codes of a corpus that is read piece by piece, in row order, some hundred rows at a time: bit for bit what
    /// `embed` gives of the whole corpus, in memory that does not grow with the documents.
    ///
    ///     let pieces = try CorpusPieces(
    ///         "-", options: model.readingOptions, rowMultiple: FeatureModel.rowsPerPiece)
    ///     try model.encodePieces(of: pieces) { codes, rows, count in … }
    ///
    /// - Parameters:
    ///   - pieces: opened with `readingOptions` and `rowsPerPiece`.
    ///   - withVariance: as for `embed`.
    ///   - asMixture: as for `embed`.
    ///   - execution: how products are computed, and on how many threads.
    ///   - body: gets codes, rows × `codeWidth`, row-major, valid within the call only, and what else is known of the
    ///     rows.
    /// - Throws: `FileError` as `CorpusPieces.next`; `WeightingError` and `LikelihoodError`, whose rows are counted
    ///   from the first of the corpus; what `body` throws. Rows before those of a wrong piece were handed over by then.
    package func encodePieces(
        of pieces: CorpusPieces, withVariance: Bool = false, asMixture: Bool = false,
        execution: Execution = Execution(),
        _ body: (UnsafeBufferPointer<Float>, RowMetadata, _ count: Int) throws -> Void
    ) throws {
        let width = codeWidth(withVariance: withVariance)
        while true {
            let rowsBefore = pieces.rowCount
            guard let piece = try pieces.next() else { return }
            do {
                let inputs = try inputs(from: piece)
                try encodeBlocks(
                    of: inputs, withVariance: withVariance, asMixture: asMixture, execution: execution
                ) { codes, rows in
                    try execution.checkBackend()
                    try body(
                        UnsafeBufferPointer(start: codes, count: rows.count * width),
                        RowMetadata(of: piece, rows: rows), rows.count)
                }
            } catch let error as WeightingError {
                throw error.movedDown(by: rowsBefore)
            } catch let error as LikelihoodError {
                throw error.movedDown(by: rowsBefore)
            }
        }
    }
}

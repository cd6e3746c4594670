import FileIO
import SparseMatrices

/// What a corpus has besides its matrix.
package struct CorpusContents: Sendable {
    package let hasWords: Bool
    package let hasLabels: Bool
}

extension Corpus {
    package var contents: CorpusContents { CorpusContents(hasWords: vocabulary != nil, hasLabels: labels != nil) }
}

extension CorpusReader {
    /// Reads inputs as `read(_:options:parallelism:)` does, straight into a corpus file, which appears whole or not at
    /// all.
    ///
    /// Of matrices memory holds a piece at a time, the row offsets of the piece, and nothing that grows with the
    /// entries: libsvm and LDA-C, UCI docword and MatrixMarket files whose entries stand by rows (as SciPy and nearly
    /// all others write them), and corpus files. What has to be laid out anew is read into memory first, 8 bytes an
    /// entry and more: entries in another order, symmetric and transposed matrices, and UCI and MatrixMarket files from
    /// a pipe, since they can't be read a second time should that turn out; and so is SciPy's `.npz`, whose arrays stand
    /// one after another. The counts of text stay in memory, once, since the words' columns are known only at the end.
    ///
    /// - Parameter check: is told what there is before the file appears; if it throws, there is no file.
    /// - Returns: what was written, mapped from the file.
    /// - Throws: as reading and `check` do, and `FileError` if the file cannot be written.
    package static func importCorpus(
        _ paths: [String], to target: String, options: CorpusReadingOptions = CorpusReadingOptions(),
        parallelism: Parallelism = .allCores, check: (CorpusContents) throws -> Void = { _ in }
    ) throws -> Corpus {
        let (inputs, formats) = try recognise(paths, options: options)
        let writer = try CorpusFileWriter(path: target)
        var frames: [Corpus] = []
        for (inputs, formats) in together(inputs, formats) {
            frames.append(
                try append(inputs, formats, to: writer.spools, options: options, parallelism: parallelism))
        }
        let names = together(inputs, formats).map { $0.inputs.map(\.path).map(inputName).joined(separator: ", ") }
        try Corpus.requireAgreement(of: frames, names: names)
        let frame = Corpus(stacking: frames)
        var provenance = frame.provenance
        provenance.note(inputs, formats)
        writer.widen(to: frame.featureCount)
        try check(CorpusContents(hasWords: frame.vocabulary != nil, hasLabels: writer.spools.state.hasLabels))
        try writer.finish(vocabulary: frame.vocabulary, textOptions: frame.textOptions, provenance: provenance)
        var corpus = try CorpusFile.open(path: target)
        corpus.provenance = provenance
        return corpus
    }

    /// - Returns: a corpus without rows that has all that is to be said of them.
    private static func append(
        _ inputs: [Input], _ formats: [RecognisedFormat], to spools: RowSpools, options: CorpusReadingOptions,
        parallelism: Parallelism
    ) throws -> Corpus {
        let before = spools.state
        if isStreamed(options) {
            var input = try CorpusInput(
                inputs, formats, options: options, handing: .revocable, parallelism: parallelism)
            if let frame = try input.append(to: spools, parallelism: parallelism) { return frame }
            try spools.goBack(to: before)
        }
        var input = try CorpusInput(inputs, formats, options: options, handing: .whole, parallelism: parallelism)
        let corpus = try input.corpus(parallelism: parallelism)
        try spools.append(corpus)
        return corpus.sharedRows(0..<0)
    }

    /// Whether nothing is to be done with entries once they were read.
    private static func isStreamed(_ options: CorpusReadingOptions) -> Bool {
        !options.isTransposed && !options.isForModel && options.knownWords == nil
            && (options.featureCount == nil || options.excessFeatures == .error)
    }
}

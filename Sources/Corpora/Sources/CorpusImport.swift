import FileIO
import SparseMatrices

/// The parts of a corpus other than its matrix.
package struct CorpusContents: Sendable {
    package let hasWords: Bool
    package let hasLabels: Bool
}

extension Corpus {
    package var contents: CorpusContents { CorpusContents(hasWords: vocabulary != nil, hasLabels: labels != nil) }
}

extension CorpusReader {
    /// Reads inputs as `read(_:options:parallelism:)` does, and writes them directly to a corpus file, which is created
    /// complete or not at all.
    ///
    /// For these matrices, memory holds one piece and its row offsets at a time, and nothing that grows with the number
    /// of entries: libsvm and LDA-C, UCI docword and MatrixMarket files whose entries are sorted by rows (as written by
    /// SciPy and nearly all other programs), and corpus files. Input that must be reordered is read into memory first,
    /// with at least 8 bytes per entry: entries in another order, symmetric and transposed matrices, and UCI and
    /// MatrixMarket files from a pipe, which cannot be read a second time if that turns out to be necessary; and
    /// SciPy's `.npz`, whose arrays are stored one after another. The counts of text are kept in memory once, since the
    /// words' columns are known only at the end.
    ///
    /// - Parameter check: called with the contents before the file is created; if it throws, there is no file.
    /// - Returns: the written corpus, mapped from the file.
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

    /// - Returns: a corpus without rows, which has all other information about them.
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

    /// Whether entries need no processing after they have been read.
    private static func isStreamed(_ options: CorpusReadingOptions) -> Bool {
        !options.isTransposed && !options.isForModel && options.knownWords == nil
            && (options.featureCount == nil || options.excessFeatures == .error)
    }
}

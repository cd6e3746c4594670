import FileIO
import SparseMatrices

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
    /// - Returns: what was written, mapped from the file.
    /// - Throws: as reading does, and `FileError` if the file cannot be written.
    public static func importCorpus(
        _ paths: [String], to target: String, options: CorpusReadingOptions = CorpusReadingOptions(),
        parallelism: Parallelism = .allCores
    ) throws -> Corpus {
        let formats = try recognise(paths, options: options)
        var provenance: CorpusProvenance
        if formats[0].format.isText {
            provenance = try importTexts(paths, formats, to: target, options: options, parallelism: parallelism)
        } else {
            let writer = try CorpusFileWriter(path: target)
            let parts = try zip(paths, formats).map { path, recognised throws(FileError) in
                try append(path, recognised.format, to: writer, options: options, parallelism: parallelism)
            }
            try CorpusPart.requireAgreement(parts.map(\.part))
            provenance = parts.dropFirst().reduce(into: parts[0].part.provenance) { $0.add($1.part.provenance) }
            provenance.note(paths, formats)
            try writer.finish(
                vocabulary: parts[0].part.vocabulary, textOptions: parts[0].textOptions, provenance: provenance)
        }
        var corpus = try CorpusFile.open(path: target)
        corpus.provenance = provenance
        return corpus
    }

    private static func importTexts(
        _ paths: [String], _ formats: [RecognisedFormat], to target: String, options: CorpusReadingOptions,
        parallelism: Parallelism
    ) throws -> CorpusProvenance {
        guard isStreamed(options), options.libSVM.featureCount == nil else {
            let corpus = try read(paths, formats, options: options, parallelism: parallelism)
            try CorpusFileWriter.write(corpus, to: target)
            return corpus.provenance
        }
        var counted = try countTexts(paths, formats.map(\.format), options: options, parallelism: parallelism)
        counted.provenance.note(paths, formats)
        let writer = try CorpusFileWriter(path: target)
        try counted.append(to: writer.spools, parallelism: parallelism)
        writer.widen(to: counted.vocabulary.count)
        try writer.finish(
            vocabulary: counted.vocabulary, textOptions: counted.textOptions, provenance: counted.provenance)
        return counted.provenance
    }

    private static func append(
        _ path: String, _ format: CorpusFormat, to writer: CorpusFileWriter, options: CorpusReadingOptions,
        parallelism: Parallelism
    ) throws(FileError) -> (part: CorpusPart, textOptions: TextOptions?) {
        let before = writer.spools.state
        if isStreamed(options) {
            let streamed = try stream(path, format, to: writer.spools, options: options, parallelism: parallelism)
            if let streamed {
                let rowCount = writer.rowCount - before.rows
                let part = try settled(streamed, path: path, rowCount: rowCount, format: format, options: options)
                writer.widen(to: part.featureCount)
                return (part, nil)
            }
            try writer.spools.goBack(to: before)
        }
        let corpus = try readMatrix(path, format: format, options: options, parallelism: parallelism)
        try writer.append(corpus)
        return (CorpusPart(corpus, name: inputName(path)), corpus.textOptions)
    }

    /// Whether entries can be written as they come.
    private static func isStreamed(_ options: CorpusReadingOptions) -> Bool {
        !options.isTransposed && !options.isForModel && options.knownWords == nil
            && (options.libSVM.featureCount == nil || options.libSVM.excessFeatures == .error)
    }

    /// - Returns: nil if it turns out that the input cannot be written as it comes; what was written is to be forgotten.
    private static func stream(
        _ path: String, _ format: CorpusFormat, to spools: RowSpools, options: CorpusReadingOptions,
        parallelism: Parallelism
    ) throws(FileError) -> CorpusPart? {
        switch format {
        case .libSVM, .ldaC:
            return try LibSVMImport.append(
                path, format: format, options: options, to: spools, parallelism: parallelism)
        case .matrixMarket, .uci:
            return try TripletImport.append(
                path, format: format, options: options, to: spools, parallelism: parallelism)
        default: return nil
        }
    }

    /// Checks, names and widens a part that was written, as `readMatrix` does with one in memory.
    private static func settled(
        _ part: CorpusPart, path: String, rowCount: Int, format: CorpusFormat, options: CorpusReadingOptions
    ) throws(FileError) -> CorpusPart {
        var part = part
        try requireSense(rowCount, part.provenance, format: format, options: options, name: part.name)
        if let words = try words(for: path, format: format, options: options) {
            try words.vocabulary.requireWords(
                forColumns: part.featureCount, isDeclared: format.declaresWidth, path: words.path)
            if words.isGiven { part.featureCount = words.vocabulary.count }
            part.vocabulary = words.vocabulary
            part.provenance.notes += words.notes
        }
        if let width = options.libSVM.featureCount {
            guard part.featureCount <= width else {
                throw Corpus.tooWide(part.featureCount, width, name: part.name)
            }
            if part.featureCount < width, part.vocabulary.map({ $0.count < width }) == true { part.vocabulary = nil }
            part.featureCount = width
        }
        return part
    }
}

import FileIO
import SparseMatrices
import TensorFiles

/// Reads a corpus of any format: recognises it, reads it, and makes it fit what was asked for.
public enum CorpusReader {
    /// - Parameter path: a file, compressed or not, a folder, or `-` for standard input.
    /// - Throws: `FileError`. An input without documents is bad data, and so is one whose format is not recognised.
    public static func read(
        _ path: String, options: CorpusReadingOptions = CorpusReadingOptions(), parallelism: Parallelism = .allCores
    ) throws(FileError) -> Corpus {
        var corpus = try readContent(path, options: options, parallelism: parallelism)
        let name = path == "-" ? "<stdin>" : path
        if corpus.provenance.format == CorpusFormat.corpus.rawValue {
            try CorpusFile.validateEntries(of: corpus, path: name, parallelism: parallelism)
        }
        if options.isTransposed { corpus = try corpus.transposed(name: name) }
        guard corpus.rowCount > 0 else {
            throw .badData(
                BadData(
                    path: name, found: "no documents", expected: "at least one row",
                    advice: "check that this is the file you meant"))
        }
        if let width = options.libSVM.featureCount {
            corpus = try corpus.fitted(to: width, dropping: options.libSVM.excessFeatures == .drop, name: name)
        }
        if options.libSVM.strict, corpus.provenance.origin == nil, let oddity = corpus.provenance.warnings.first {
            throw .badData(
                BadData(
                    path: name, found: "an oddity: \(oddity)", expected: "none with --strict",
                    advice: "put the file right, or read it without --strict"))
        }
        return try named(corpus, path: path, options: options)
    }

    private static func readContent(
        _ path: String, options: CorpusReadingOptions, parallelism: Parallelism
    ) throws(FileError) -> Corpus {
        if path != "-", FileKind(path: path) == .folder {
            throw .unreadable(path: path, reason: "it is a folder")
        }
        let input = try InputBytes(path: path)
        defer { withExtendedLifetime(input) {} }
        let recognised = try recognise(input, path: path, options: options)
        var corpus = try read(input, path: path, format: recognised.format, options, parallelism: parallelism)
        corpus.provenance.formatReason = recognised.reason
        return corpus
    }

    private static func recognise(
        _ input: InputBytes, path: String, options: CorpusReadingOptions
    ) throws(FileError) -> RecognisedFormat {
        if let format = options.format { return RecognisedFormat(format: format, reason: "as asked for") }
        if let format = FormatRecognition.format(path: path, content: input.bytes) { return format }
        let isBlank = input.bytes.prefix(1 << 16).allSatisfy { $0 <= 0x20 }
        if isBlank { return RecognisedFormat(format: .libSVM, reason: "there is nothing in it") }
        throw .badData(
            BadData(
                path: input.name, line: 1, column: 1, found: "content of no format that is known by its looks",
                expected: "one of \(CorpusFormat.allCases.map(\.rawValue).joined(separator: ", "))",
                advice: "say which with --format, or give the file its usual ending"))
    }

    private static func read(
        _ input: InputBytes, path: String, format: CorpusFormat, _ options: CorpusReadingOptions,
        parallelism: Parallelism
    ) throws(FileError) -> Corpus {
        switch format {
        case .libSVM:
            return try LibSVMReader.read(
                bytes: input.bytes, name: input.name, options: options.libSVM, parallelism: parallelism)
        case .ldaC:
            return try LDACReader.read(
                bytes: input.bytes, name: input.name, options: options.libSVM, parallelism: parallelism)
        case .matrixMarket:
            return try MatrixMarketReader.read(bytes: input.bytes, name: input.name, parallelism: parallelism)
        case .npz: return try SciPyReader.read(try NpzFile(input: input), parallelism: parallelism)
        case .uci:
            return try DocwordReader.read(bytes: input.bytes, name: input.name, parallelism: parallelism)
        case .corpus:
            guard FileKind(path: path) == .file, input.compression == nil else {
                throw .unreadable(path: input.name, reason: "a corpus file is mapped, so it has to be a plain file")
            }
            return try CorpusFile.open(path: path)
        case .tsv, .text, .jsonLines, .folder:
            throw .unreadable(path: input.name, reason: "it is text, which is not read yet")
        }
    }

    /// Names the features by the file that was given, or by the one that belongs to a docword file.
    private static func named(
        _ corpus: Corpus, path: String, options: CorpusReadingOptions
    ) throws(FileError) -> Corpus {
        if let vocabulary = options.vocabularyPath {
            return try corpus.naming(features: try Vocabulary.read(path: vocabulary), path: vocabulary)
        }
        guard corpus.provenance.format == CorpusFormat.uci.rawValue,
            let vocabulary = DocwordReader.vocabularyPath(beside: path)
        else { return corpus }
        var named = try corpus.naming(
            features: try Vocabulary.read(path: vocabulary), path: vocabulary, widening: false)
        named.provenance.notes.append("the words are those of \(vocabulary), which stands beside it")
        return named
    }
}

import FileIO
import SparseMatrices
import TensorFiles

/// Reads corpora of any format: recognises the format, reads it, and converts the corpus according to the options.
public enum CorpusReader {
    /// Reads one input.
    ///
    /// - Parameter path: a file, compressed or not, a folder, or `-` for standard input.
    /// - Throws: `FileError`; an input without documents, or whose format is not recognised, is an error.
    ///   `TextOptionsError` for invalid text options.
    public static func read(
        _ path: String, options: CorpusReadingOptions = CorpusReadingOptions(), parallelism: Parallelism = .allCores
    ) throws -> Corpus {
        try read([path], options: options, parallelism: parallelism)
    }

    /// Reads several inputs as one corpus, in the given order: texts are counted together, rows of matrices are
    /// concatenated.
    ///
    /// - Throws: as for one input; `FileError.badData` if texts and matrices are mixed, or columns differ.
    public static func read(
        _ paths: [String], options: CorpusReadingOptions = CorpusReadingOptions(),
        parallelism: Parallelism = .allCores
    ) throws -> Corpus {
        let (inputs, formats) = try recognise(paths, options: options)
        return try read(inputs, formats, options: options, parallelism: parallelism)
    }

    /// The formats of several inputs of one corpus.
    static func recognise(
        _ paths: [String], options: CorpusReadingOptions
    ) throws(FileError) -> (inputs: [Input], formats: [RecognisedFormat]) {
        precondition(!paths.isEmpty, "there is nothing to read")
        let inputs = paths.map(Input.init(path:))
        let formats = try inputs.map { input throws(FileError) in try format(of: input, options: options) }
        if let odd = formats.firstIndex(where: { $0.format.isText != formats[0].format.isText }) {
            throw .badData(
                BadData(
                    path: inputName(paths[odd]), found: "\(formats[odd].format.rawValue): \(formats[odd].reason)",
                    expected: "text or matrices, not both; \(paths[0]) is \(formats[0].format.rawValue)",
                    advice: "import them one by one, the texts with the \(setting: "vocabulary") of the matrices"))
        }
        return (inputs, formats)
    }

    private static func read(
        _ inputs: [Input], _ formats: [RecognisedFormat], options: CorpusReadingOptions, parallelism: Parallelism
    ) throws -> Corpus {
        var parts: [(corpus: Corpus, name: String)] = []
        for (inputs, formats) in together(inputs, formats) {
            var input = try CorpusInput(inputs, formats, options: options, handing: .whole, parallelism: parallelism)
            parts.append((try input.corpus(parallelism: parallelism), input.name))
        }
        var corpus = try Corpus.joined(parts.map(\.corpus), names: parts.map(\.name))
        corpus.provenance.note(inputs, formats)
        return corpus
    }

    /// Groups the inputs that are read together: texts are counted as one input.
    static func together(
        _ inputs: [Input], _ formats: [RecognisedFormat]
    ) -> [(inputs: [Input], formats: [RecognisedFormat])] {
        formats[0].format.isText ? [(inputs, formats)] : zip(inputs, formats).map { ([$0], [$1]) }
    }

    /// Recognises the format of a file. A pipe, which can be read only once, cannot be read afterwards.
    ///
    /// - Throws: `FileError.badData` if the format can be determined neither from the content nor from the name.
    public static func format(
        of path: String, options: CorpusReadingOptions = CorpusReadingOptions()
    ) throws(FileError) -> RecognisedFormat {
        try format(of: Input(path: path), options: options)
    }

    private static func format(
        of input: Input, options: CorpusReadingOptions
    ) throws(FileError) -> RecognisedFormat {
        let path = input.path
        let recognised = try anyFormat(of: input, options: options)
        guard options.isTable, !recognised.format.kind.isTable else { return recognised }
        let tables = CorpusFormat.allCases.filter { $0.kind.isTable }.map(\.rawValue).joined(separator: " or ")
        throw .badData(
            BadData(
                path: inputName(path), found: "the format \(recognised.format.rawValue): \(recognised.reason)",
                expected:
                    "a table of tab-separated columns, or of others, since columns were chosen or a header announced",
                advice: "say that it is one by its format, \(tables), or choose no columns"))
    }

    private static func anyFormat(
        of input: Input, options: CorpusReadingOptions
    ) throws(FileError) -> RecognisedFormat {
        let path = input.path
        if let format = options.format { return RecognisedFormat(format: format, reason: "as asked for") }
        if path != "-", FileKind(path: path) == .folder, let folder = FormatRecognition.folder(path) { return folder }
        let head = try input.head(FormatRecognition.headSize, lines: FormatRecognition.headLines)
        // An incomplete last line would distort recognition.
        var bytes = head.bytes[...]
        if !head.isComplete, let end = bytes.lastIndex(of: UInt8(ascii: "\n")) { bytes = bytes[...end] }
        let recognised = try bytes.withUnsafeBytes { content in
            Result { () throws(FileError) in
                try FormatRecognition.format(path: path, content: content, table: options.text.table)
            }
        }.get()
        if let kind = bytes.withUnsafeBytes(HeadShape.foreignKind) {
            throw .badData(
                BadData(
                    path: inputName(path), line: 1, column: 1, found: kind,
                    expected: "one of \(CorpusFormat.allCases.map(\.rawValue).joined(separator: ", "))",
                    advice: HeadShape.foreignAdvice))
        }
        if let recognised {
            try requireNoZeros(bytes, as: recognised, path: path)
            return recognised
        }
        if bytes.allSatisfy({ $0 <= 0x20 }) {
            return RecognisedFormat(format: .libSVM, reason: "there is nothing in it")
        }
        throw .badData(
            BadData(
                path: inputName(path), line: 1, column: 1, found: "content of no format that is known by its looks",
                expected: "one of \(CorpusFormat.allCases.map(\.rawValue).joined(separator: ", "))",
                advice: "say which with \(setting: "format"), or give the file its usual ending"))
    }

    /// A small compressed file may contain a large number of zeros, so it is rejected before it is decompressed
    /// completely.
    private static func requireNoZeros(
        _ head: ArraySlice<UInt8>, as recognised: RecognisedFormat, path: String
    ) throws(FileError) {
        guard recognised.format.kind.hasNoZeros, let zero = head.firstIndex(of: 0) else { return }
        let lineStart = head[..<zero].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        throw .badData(
            BadData(
                path: inputName(path), line: head[..<zero].count { $0 == UInt8(ascii: "\n") } + 1,
                column: zero - lineStart + 1, found: "byte 0x00",
                expected: "text in the format \(recognised.format.rawValue), since \(recognised.reason)",
                advice: "the file is damaged, or of another format"))
    }

    // MARK: - Text

    static func textReader(
        _ path: String, _ formats: [CorpusFormat], options: CorpusReadingOptions
    ) throws -> TextCorpusReader {
        if options.isTransposed {
            throw FileError.badData(
                BadData(
                    path: inputName(path), found: "text (\(formats[0].rawValue))",
                    expected: "a bare matrix to transpose",
                    advice: "do not transpose it: its rows are documents already"))
        }
        let words = try options.vocabularyPath.map { path throws(FileError) in
            try Vocabulary.readFile(path: path, keepingBlanks: options.text.analyzer != .word)
        }
        if options.text.hashBits != nil, words != nil {
            throw TextOptionsError(
                option: "hash-bits", found: "a vocabulary beside it",
                expected: "one of the two: a word's column is either "
                    + "its number in the vocabulary or its hash")
        }
        if options.isForModel, options.knownWords == nil, words == nil, options.text.hashBits == nil {
            throw FileError.badData(
                BadData(
                    path: inputName(path), found: "text (\(formats[0].rawValue))",
                    expected: "a matrix, since the model has no words to count",
                    advice: "give \(setting: "vocabulary"), or train the model with one"))
        }
        if let path = options.vocabularyPath, words?.vocabulary.count == 0 {
            throw FileError.badData(
                BadData(
                    path: path, found: "no words", expected: "at least one word to count, one a line",
                    advice: "check that this is the file you meant, or leave out \(setting: "vocabulary")"))
        }
        var reader = try TextCorpusReader(
            options.text, input: options.textInput, vocabulary: words?.vocabulary ?? options.knownWords)
        if let note = words?.note { reader.notes.append(Message(note)) }
        return reader
    }
}

/// The name of an input in messages.
func inputName(_ path: String) -> String { path == "-" ? "<stdin>" : path }

extension CorpusProvenance {
    /// Records the source of a corpus.
    mutating func note(_ inputs: [Input], _ formats: [RecognisedFormat]) {
        formatReason = formats[0].reason
        for hint in formats.compactMap(\.hint).map({ Message($0) }) where !notes.contains(hint) { notes.append(hint) }
        if origin == nil {
            sources = inputs.map(\.path).map { path in
                path == "-" ? "<stdin>" : path.split(separator: "/").last.map(String.init) ?? path
            }
        }
    }
}

extension CorpusReadingOptions {
    /// The options for lines of libsvm and LDA-C: columns with words are matched by these and not by the model's number
    /// of features.
    var lineOptions: LibSVMOptions {
        var lines = libSVM
        if isForModel, vocabularyPath != nil { lines.featureCount = nil }
        return lines
    }
}

extension Corpus {
    /// The same documents with the names of columns, matched to known words, and with the requested number of columns.
    /// For a part of the rows and for all of them, the provenance differs in counts only.
    func suiting(
        _ options: CorpusReadingOptions, words: FeatureWords?, name: String
    ) throws(FileError) -> Corpus {
        var corpus = self
        if let words {
            if !options.isForModel, words.vocabulary.count > featureCount {
                let more = words.vocabulary.count - featureCount
                corpus.provenance.notes.append(
                    """
                    \(more) of the \(words.vocabulary.count) words, the last ones, have no entry and no column: \
                    if the file of words has a first line that is none, remove it
                    """)
            }
            corpus = try corpus.naming(features: words.vocabulary, path: words.path, widening: words.isGiven)
            corpus.provenance.notes += words.notes
        }
        if let known = options.knownWords { corpus = try corpus.aligned(to: known, name: name) }
        return try corpus.fitted(options, name: name)
    }

    /// The corpus with the requested number of columns; unchanged if none was requested.
    fileprivate func fitted(_ options: CorpusReadingOptions, name: String) throws(FileError) -> Corpus {
        guard let width = options.featureCount else { return self }
        if !options.isForModel, let words = vocabulary, words.count < width {
            throw Self.tooFewWords(words.count, width, name: name)
        }
        var corpus = try fitted(to: width, dropping: options.excessFeatures == .drop, name: name)
        if options.isForModel, options.knownWords != nil, vocabulary == nil {
            corpus.provenance.notes.append(
                "its columns have no words: they are taken for the model's in their order, and nothing but their number "
                    + "was checked")
        }
        if options.isForModel, featureCount < width,
            CorpusFormat(rawValue: provenance.format)?.kind.declaresWidth == true
        {
            corpus.provenance.notes.append(
                "it has \(featureCount) columns and the model \(width): those that are missing are taken for empty")
        }
        return corpus
    }
}

import FileIO

/// The formats in which corpora are written. Raw values are the extensions of file names.
public enum CorpusOutputFormat: String, Sendable, CaseIterable {
    /// Gossamer's corpus file, which stores everything.
    case safetensors
    /// libsvm.
    case svm
    /// MatrixMarket.
    case mtx
    /// SciPy's csr matrix.
    case npz

    /// The format of the path's extension, in either case.
    public init(path: String) throws(UnknownCorpusFormat) {
        let ending = FileEnding.last(of: path)
        switch ending {
        case ".libsvm", ".svmlight": self = .svm
        default:
            guard let format = ending.flatMap({ CorpusOutputFormat(rawValue: String($0.dropFirst())) }) else {
                throw UnknownCorpusFormat(path: path)
            }
            self = format
        }
    }

    /// Writes a corpus; the file is created complete or not at all.
    ///
    /// - Throws: `FileError`, also `.badData` for labels and ids that the format cannot represent.
    public func write(_ corpus: Corpus, to path: String) throws(FileError) {
        switch self {
        case .safetensors: try CorpusFileWriter.write(corpus, to: path)
        case .svm: try LibSVMWriter.write(corpus, to: path, indexBase: corpus.provenance.indexBase ?? .one)
        case .mtx: try MatrixMarketWriter.write(corpus.matrix, to: path)
        case .npz: try SciPyWriter.write(corpus.matrix, to: path)
        }
    }

    /// Descriptions of the parts of a corpus that the format cannot store.
    public func losses(of corpus: Corpus) -> [String] {
        if self == .safetensors { return [] }
        let rowTexts = [
            ("labels", corpus.labels != nil), ("ids", corpus.ids != nil), ("qids", corpus.qids != nil),
            ("weights", corpus.weights != nil),
        ]
        return rowTexts.filter { self != .svm && $0.1 }.map(\.0) + (corpus.vocabulary == nil ? [] : ["words"])
    }
}

extension CorpusOutputFormat {
    /// Descriptions of the values of a corpus that a file of this format stores differently, as sentences.
    public func changes(to corpus: Corpus) -> [String] {
        guard self == .svm else { return [] }
        var changes: [String] = []
        let unlabelled = corpus.labels.map { $0.codes.count { $0 == RowLabels.none } } ?? corpus.rowCount
        changes += [
            sentence(
                unlabelled, "row has no label and is written with the label 0",
                "rows have no label and are written with the label 0"),
            corpus.labels.flatMap { NumberedLabel.sentence(of: LibSVMWriter.numbers(of: $0).numbered) },
        ].compactMap { $0 }
        let width = corpus.matrix.withUnsafeView { $0.columnIndices.max().map { Int($0) + 1 } ?? 0 }
        if width < corpus.featureCount {
            changes.append(
                "the last \(corpus.featureCount - width) of \(corpus.featureCount) columns are empty, which the format "
                    + "does not say: give the number of features when it is read")
        }
        return changes
    }
}

/// The error for a path whose extension is not that of a known format.
public struct UnknownCorpusFormat: Error, Equatable, CustomStringConvertible {
    public let path: String

    public var description: String {
        let endings = CorpusOutputFormat.allCases.map { ".\($0.rawValue)" }.joined(separator: " ")
        return "\(path): the ending does not name a format for corpora; known are \(endings)"
    }
}

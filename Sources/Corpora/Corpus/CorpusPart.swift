import FileIO

/// What is known of one of several inputs besides its rows.
struct CorpusPart {
    /// What messages call it.
    let name: String
    var featureCount: Int
    var vocabulary: Vocabulary?
    var provenance: CorpusProvenance

    /// - Throws: `FileError.badData` about the first input whose columns are not those of the first: another declared
    ///   width, another index base, other words.
    static func requireAgreement(_ parts: [CorpusPart]) throws(FileError) {
        guard let first = parts.first else { return }
        for part in parts.dropFirst() { try part.requireColumns(of: first) }
    }

    private func requireColumns(of first: CorpusPart) throws(FileError) {
        func differs(_ found: String, _ expected: String, _ advice: String) -> FileError {
            .badData(BadData(path: name, found: found, expected: "\(expected), as in \(first.name)", advice: advice))
        }
        let isOpen = [first, self].allSatisfy { CorpusFormat(rawValue: $0.provenance.format)?.declaresWidth == false }
        guard isOpen || featureCount == first.featureCount else {
            throw differs(
                "\(featureCount) columns", "\(first.featureCount)",
                "give --features the number of columns, if they mean the same in both files")
        }
        guard provenance.indexBase == first.provenance.indexBase else {
            throw differs(
                "indices from \(provenance.indexBase.map { "\($0.rawValue)" } ?? "none")",
                "\(first.provenance.indexBase.map { "\($0.rawValue)" } ?? "none")", "give --index-base 0 or 1")
        }
        guard vocabulary == first.vocabulary else {
            throw differs("other words for the columns", "the same words", "import the files one by one")
        }
    }
}

extension CorpusPart {
    init(_ corpus: Corpus, name: String) {
        self.init(
            name: name, featureCount: corpus.featureCount, vocabulary: corpus.vocabulary,
            provenance: corpus.provenance)
    }
}

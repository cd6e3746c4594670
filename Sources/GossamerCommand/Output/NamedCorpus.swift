import Corpora

/// A corpus and where it was read from, which messages about its values name.
struct NamedCorpus {
    let path: String
    let corpus: Corpus

    /// - Throws: `CorpusValueError` in place of an error about an entry.
    func explaining<Result>(_ body: (Corpus) throws -> Result) throws -> Result {
        do {
            return try body(corpus)
        } catch let error as any EntryError {
            throw CorpusValueError(path: path, cause: error, indexBase: corpus.provenance.indexBase)
        }
    }
}

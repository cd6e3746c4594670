import Autoencoders
import Corpora
import FileIO
import Gossamer

/// The output files of embeddings and of the lists beside them.
struct EmbeddingOutputs {
    let embeddings: any EmbeddingWriter
    var ids: IDWriter?
    var metadata: ProjectorMetadataWriter?

    /// Embeds a corpus piece by piece and writes the outputs.
    ///
    /// - Parameter path: the path of the corpus, for messages.
    /// - Returns: the provenance of the corpus, which is known at its end.
    func write(
        _ documents: CorpusPieces, from path: String, by model: FeatureModel, withVariance: Bool = false,
        asMixture: Bool = false, execution: Execution, progress style: ProgressStyle
    ) throws -> CorpusProvenance {
        do {
            let progress = RowProgress(style, "embedded", of: documents.announcedRowCount)
            defer { progress.finish() }
            var done = 0
            try model.encodePieces(
                of: documents, withVariance: withVariance, asMixture: asMixture, execution: execution
            ) { codes, rows, count in
                try embeddings.append(rows: codes, count: count, metadata: rows)
                try ids?.append(rows, count: count)
                try metadata?.append(rows, count: count)
                done += count
                progress.show(done: done)
            }
            try embeddings.finish()
            try ids?.finish()
            try metadata?.finish()
        } catch let error as any EntryError {
            throw CorpusValueError(path: path, cause: error, indexBase: documents.indexBase)
        }
        guard let provenance = documents.provenance else { preconditionFailure("the corpus was not read to its end") }
        return provenance
    }

    /// Writes to stderr which values could not be stored in the output format, and how they were written instead.
    func announce(_ path: String) {
        for change in embeddings.changes { Console.warning("\(path == "-" ? "<stdout>" : path): \(change)") }
        let rows = embeddings.rowsWithoutTheirTexts
        guard rows > 0 else { return }
        Console.warning(
            "\(path == "-" ? "<stdout>" : path): ids or labels of \(Format.count(rows)) rows are left out, since the "
                + "rows before them have none and were sent already; write to a file to have them")
    }
}

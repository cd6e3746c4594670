import FileIO
import SparseMatrices
import TensorFiles

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes a corpus file as a stream: parts of a corpus are appended one after another and stored in temporary files
/// until all sizes are known, so memory holds one part. The file is created by `finish`, complete or not at all.
package final class CorpusFileWriter {
    private let path: String
    let spools: RowSpools
    /// The largest number of columns of a part so far.
    package private(set) var columnCount = 0

    /// - Throws: `FileError.cannotCreate`.
    package init(path: String) throws(FileError) {
        self.path = path
        spools = try RowSpools(besides: path)
    }

    package var rowCount: Int { spools.state.rows }
    package var entryCount: Int { spools.state.entries }

    /// Writes a complete corpus.
    package static func write(_ corpus: Corpus, to path: String) throws(FileError) {
        let writer = try CorpusFileWriter(path: path)
        try writer.append(corpus)
        try writer.finish(
            vocabulary: corpus.vocabulary, textOptions: corpus.textOptions, provenance: corpus.provenance)
    }

    /// Appends the rows of a corpus; its vocabulary and provenance are passed to `finish`.
    package func append(_ corpus: Corpus) throws(FileError) {
        widen(to: corpus.featureCount)
        try spools.append(corpus)
    }

    /// Sets the minimum number of columns of the file.
    package func widen(to columnCount: Int) { self.columnCount = max(self.columnCount, columnCount) }

    /// Completes the file and moves it to its path.
    ///
    /// - Precondition: the vocabulary, if given, has a word for each column.
    package func finish(
        vocabulary: Vocabulary?, textOptions: TextOptions? = nil, provenance: CorpusProvenance
    ) throws(FileError) {
        let columnCount = max(columnCount, vocabulary?.count ?? 0)
        precondition(vocabulary.map { $0.count == columnCount } ?? true, "fewer words than \(columnCount) columns")
        let words = EscapedLines.bytes(of: vocabulary?.words ?? [])
        var tensors = [
            TensorDescription(name: "row_offsets", type: .int64, shape: [rowCount + 1]),
            TensorDescription(name: "column_indices", type: .uint32, shape: [entryCount]),
            TensorDescription(name: "values", type: .float32, shape: [entryCount]),
        ]
        func declare(_ name: String, _ type: TensorType, _ count: Int, if isThere: Bool) {
            if isThere { tensors.append(TensorDescription(name: name, type: type, shape: [count])) }
        }
        declare("qids", .int64, rowCount, if: spools.state.hasQueries)
        declare("weights", .float32, rowCount, if: spools.state.hasWeights)
        declare("labels", .uint8, spools.labels.count, if: spools.state.hasLabels)
        declare("ids", .uint8, spools.ids.count, if: spools.state.hasIDs)
        declare("vocabulary", .uint8, words.count, if: vocabulary != nil)
        let file = try SafetensorsWriter(
            path: path, tensors: tensors,
            metadata: try metadata(columnCount: columnCount, textOptions: textOptions, provenance: provenance))
        for tensor in file.tensors {
            switch tensor.name {
            case "row_offsets":
                try file.write([0], to: tensor.name)
                try copy(spools.rowEnds, to: file, as: tensor.name)
            case "column_indices":
                try spools.forEachPieceOfColumns { piece throws(FileError) in try file.write(piece, to: tensor.name) }
            case "values": try copy(spools.values, to: file, as: tensor.name)
            case "qids": try copy(spools.qids, to: file, as: tensor.name)
            case "weights": try copy(spools.weights, to: file, as: tensor.name)
            case "labels": try copy(spools.labels, to: file, as: tensor.name)
            case "ids": try copy(spools.ids, to: file, as: tensor.name)
            default: try file.write(words, to: tensor.name)
            }
        }
        try file.commit()
    }

    private func copy<Element>(
        _ spool: SpoolFile<Element>, to file: SafetensorsWriter, as name: String
    ) throws(FileError) {
        try spool.forEachPiece { piece, _ throws(FileError) in try file.write(UnsafeBufferPointer(piece), to: name) }
    }

    /// - Throws: `FileError.writeFailed` if metadata cannot be written as JSON.
    private func metadata(
        columnCount: Int, textOptions: TextOptions?, provenance: CorpusProvenance
    ) throws(FileError) -> [String: String] {
        var metadata = ["format": CorpusFile.formatName, "columns": String(columnCount)]
        if spools.state.hasLabels { metadata[CorpusFile.labelSeparatorKey] = EscapedLines.separator }
        metadata["provenance"] = try MetadataText.json(provenance, path: path)
        if let textOptions { metadata["text"] = try MetadataText.json(textOptions, path: path) }
        return metadata
    }
}

/// Encodes values as JSON for a file's metadata.
package enum MetadataText {
    /// - Throws: `FileError.writeFailed` about `path` if the value cannot be encoded.
    package static func json(_ value: some Encodable, path: String) throws(FileError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw .writeFailed(path: path, reason: "its metadata cannot be encoded: \(error)")
        }
    }
}

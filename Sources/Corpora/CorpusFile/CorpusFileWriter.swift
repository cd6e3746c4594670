import FileIO
import Foundation
import SparseMatrices
import TensorFiles

/// Writes a corpus file in a stream: parts of a corpus are appended one after another and wait on disk until it is
/// known how much there is in all, so memory holds one part. The file appears whole on `finish` or not at all.
public final class CorpusFileWriter {
    private let path: String
    private let rowEnds: SpoolFile<Int>
    private let columnIndices: SpoolFile<UInt32>
    private let values: SpoolFile<Float>
    private let labels: SpoolFile<UInt8>
    private let ids: SpoolFile<UInt8>
    private let qids: SpoolFile<Int>
    private let weights: SpoolFile<Float>
    private var hasLabels = false
    private var hasIDs = false
    private var hasQueries = false
    private var hasWeights = false
    /// The widest part so far.
    public private(set) var columnCount = 0

    /// - Throws: `FileError.cannotCreate`.
    public init(path: String) throws(FileError) {
        self.path = path
        rowEnds = try SpoolFile(besides: path)
        columnIndices = try SpoolFile(besides: path)
        values = try SpoolFile(besides: path)
        labels = try SpoolFile(besides: path)
        ids = try SpoolFile(besides: path)
        qids = try SpoolFile(besides: path)
        weights = try SpoolFile(besides: path)
    }

    public var rowCount: Int { rowEnds.count }
    public var entryCount: Int { values.count }

    /// Writes a whole corpus.
    public static func write(_ corpus: Corpus, to path: String) throws(FileError) {
        let writer = try CorpusFileWriter(path: path)
        try writer.append(corpus)
        try writer.finish(
            vocabulary: corpus.vocabulary, textOptions: corpus.textOptions, provenance: corpus.provenance)
    }

    /// Appends the rows of a corpus; its vocabulary and provenance are for `finish`.
    public func append(_ corpus: Corpus) throws(FileError) {
        let entriesBefore = entryCount
        try corpus.matrix.withUnsafeView { view throws(FileError) in
            for row in 0..<view.rowCount { try rowEnds.append(entriesBefore + view.rowOffsets[row + 1]) }
            try columnIndices.append(contentsOf: view.columnIndices)
            try values.append(contentsOf: view.values)
        }
        columnCount = max(columnCount, corpus.featureCount)
        hasLabels = hasLabels || corpus.labels != nil
        hasIDs = hasIDs || corpus.ids != nil
        hasQueries = hasQueries || corpus.qids != nil
        hasWeights = hasWeights || corpus.weights != nil
        var line: [UInt8] = []
        func spool(_ text: String?, _ spool: SpoolFile<UInt8>) throws(FileError) {
            EscapedLines.append(text, to: &line)
            for byte in line { try spool.append(byte) }
            line.removeAll(keepingCapacity: true)
        }
        for row in 0..<corpus.rowCount {
            try spool(corpus.labels?[row], labels)
            try spool(corpus.ids?[row] ?? "", ids)
            try qids.append(corpus.qids?[row] ?? CorpusFile.noQuery)
            try weights.append(corpus.weights?[row] ?? 1)
        }
    }

    /// Makes the file appear under its name.
    ///
    /// - Precondition: the vocabulary, if any, has a word for each column.
    public func finish(
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
        declare("qids", .int64, rowCount, if: hasQueries)
        declare("weights", .float32, rowCount, if: hasWeights)
        declare("labels", .uint8, labels.count, if: hasLabels)
        declare("ids", .uint8, ids.count, if: hasIDs)
        declare("vocabulary", .uint8, words.count, if: vocabulary != nil)
        let file = try SafetensorsWriter(
            path: path, tensors: tensors,
            metadata: metadata(columnCount: columnCount, textOptions: textOptions, provenance: provenance))
        for tensor in file.tensors {
            switch tensor.name {
            case "row_offsets":
                try file.write([0], to: tensor.name)
                try copy(rowEnds, to: file, as: tensor.name)
            case "column_indices": try copy(columnIndices, to: file, as: tensor.name)
            case "values": try copy(values, to: file, as: tensor.name)
            case "qids": try copy(qids, to: file, as: tensor.name)
            case "weights": try copy(weights, to: file, as: tensor.name)
            case "labels": try copy(labels, to: file, as: tensor.name)
            case "ids": try copy(ids, to: file, as: tensor.name)
            default: try file.write(words, to: tensor.name)
            }
        }
        try file.commit()
    }

    private func copy<Element>(
        _ spool: SpoolFile<Element>, to file: SafetensorsWriter, as name: String
    ) throws(FileError) {
        try spool.forEachPiece { (piece) throws(FileError) in try file.write(piece, to: name) }
    }

    private func metadata(
        columnCount: Int, textOptions: TextOptions?, provenance: CorpusProvenance
    ) -> [String: String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var metadata = ["format": CorpusFile.formatName, "columns": String(columnCount)]
        if let json = try? encoder.encode(provenance) { metadata["provenance"] = String(decoding: json, as: UTF8.self) }
        if let textOptions, let json = try? encoder.encode(textOptions) {
            metadata["text"] = String(decoding: json, as: UTF8.self)
        }
        return metadata
    }
}

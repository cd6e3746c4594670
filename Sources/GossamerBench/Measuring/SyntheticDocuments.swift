import Autoencoders
import Corpora
import FileIO
import Foundation
import SparseMatrices

/// Any number of synthetic documents, generated block by block: distinct words drawn from Zipf's law (the word of rank
/// r with a probability proportional to 1/r), each with a count of one to a few. Half of a document's words are drawn
/// from all words, half from those of its topic, so that there is structure to learn.
struct SyntheticDocuments {
    let count: Int
    let features: Int
    let wordsPerDocument: Int
    let seed: UInt64

    enum Format: String { case libsvm, text }

    private static let blockSize = 4096
    private static let topics = 100

    /// Writes all documents to a file: libsvm with the topic as label, or text with one document per line.
    ///
    /// - Complexity: memory holds a few blocks of documents.
    func write(to path: String, as format: Format, parallelism: Parallelism) throws {
        let file = try AtomicFile(path: path)
        let blocks = (count + Self.blockSize - 1) / Self.blockSize
        let round = 4 * parallelism.threads
        for first in stride(from: 0, to: blocks, by: round) {
            let texts = parallelism.map(min(round, blocks - first)) { text(ofBlock: first + $0, format) }
            for text in texts { try file.write(text) }
        }
        try file.commit()
    }

    /// The rows of the first block: columns, in ascending order, and counts.
    func firstRows() -> [[(column: Int, count: Int)]] {
        var rows: [[(column: Int, count: Int)]] = []
        forEachDocument(ofBlock: 0) { _, row in rows.append(row) }
        return rows
    }

    private func text(ofBlock block: Int, _ format: Format) -> [UInt8] {
        var text: [UInt8] = []
        forEachDocument(ofBlock: block) { topic, row in
            switch format {
            case .libsvm:
                text += Array("\(topic)".utf8)
                for (column, count) in row { text += Array(" \(column + 1):\(count)".utf8) }
            case .text:
                for (column, count) in row {
                    let word = Array("w\(column) ".utf8)
                    for _ in 0..<count { text += word }
                }
            }
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }

    private func forEachDocument(ofBlock block: Int, _ body: (Int, [(column: Int, count: Int)]) -> Void) {
        var generator = RandomGenerator(seed: seed, stream: UInt64(block))
        // Topics then have too few words to draw until a new word is found.
        let isCrowded = features < 4 * Self.topics * wordsPerDocument
        // The last document in which each word occurred.
        var lastDocument = [Int](repeating: -1, count: features)
        for document in block * Self.blockSize..<min(count, (block + 1) * Self.blockSize) {
            let topic = Int(generator.nextUniform() * Float(Self.topics))
            var row: [(column: Int, count: Int)] = []
            while row.count < min(wordsPerDocument, features) {
                var column = zipf(&generator)
                if row.count % 2 == 1 { column = min(features - 1, column * Self.topics + topic) }
                // The words of a topic may be used up if there are few features; then the next free word is taken.
                while lastDocument[column] == document && isCrowded { column = (column + 1) % features }
                if lastDocument[column] == document { continue }
                lastDocument[column] = document
                row.append((column, generator.nextUniform() < 0.75 ? 1 : 2 + Int(4 * generator.nextUniform())))
            }
            row.sort { $0.column < $1.column }
            body(topic, row)
        }
    }

    private func zipf(_ generator: inout RandomGenerator) -> Int {
        min(features - 1, Int(exp(log(Double(features)) * Double(generator.nextUniform()))) - 1)
    }
}

extension SyntheticDocuments {
    /// Writes all documents to a temporary file, which exists while `body` runs.
    func withFile<R>(_ format: Format, _ body: (String) throws -> R) throws -> R {
        try withScratchFolder { folder in
            let path = folder.appending(path: format == .text ? "documents.txt" : "documents.svm").path
            try write(to: path, as: format, parallelism: .allCores)
            return try body(path)
        }
    }

    /// All documents, read from a temporary file.
    func corpus() throws -> Corpus { try withFile(.libsvm) { try CorpusReader.read($0) } }
}

/// Creates a temporary folder, which exists while `body` runs.
func withScratchFolder<R>(_ body: (URL) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gossamer-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}

/// A random matrix whose columns are drawn from Zipf's law, like the words of text: column c with a probability
/// proportional to 1/(c + 1), distinct within a row.
func zipfMatrix(rows: Int, columns: Int, entriesPerRow: Int, seed: UInt64) throws -> CSRMatrix {
    var generator = RandomGenerator(seed: seed)
    var offsets = [0]
    var indices: [UInt32] = []
    for _ in 0..<rows {
        var row = Set<UInt32>()
        while row.count < min(entriesPerRow, columns) {
            row.insert(UInt32(min(columns - 1, Int(pow(Double(columns), Double(generator.nextUniform()))) - 1)))
        }
        indices.append(contentsOf: row.sorted())
        offsets.append(indices.count)
    }
    return try CSRMatrix(
        rowCount: rows, columnCount: columns, rowOffsets: offsets, columnIndices: indices,
        values: indices.map { _ in generator.nextUniform() })
}

func randomMatrix(rows: Int, columns: Int, seed: UInt64) -> DenseMatrix {
    var generator = RandomGenerator(seed: seed)
    return DenseMatrix(
        rowCount: rows, columnCount: columns, elements: (0..<rows * columns).map { _ in generator.nextUniform() })
}

import SparseMatrices
import VectorKernelInterface

/// Draws new documents from a variational autoencoder with a multinomial likelihood:
///
///     z ~ N(0, I),   N ~ a given distribution of lengths,   N words ~ softmax(z·Dᵀ + c)
///
/// A document is N draws, so it is sparse by construction. Everything about it comes from a generator of its own, made
/// from the seed and its number: it depends neither on threads nor on how many documents are drawn.
public struct DocumentGenerator: Sendable {
    private let decoder: LinearDecoder
    private let seed: UInt64
    private let drawLength: @Sendable (inout RandomGenerator) -> Int

    /// Documents whose distributions over the features exist at the same time, in each thread.
    private static let rowsPerBlock = 16

    /// - Parameter drawLength: gives the number of words of a document, zero or more.
    public init(
        _ model: VariationalAutoencoder, seed: UInt64,
        drawLength: @escaping @Sendable (inout RandomGenerator) -> Int
    ) {
        decoder = model.decoder
        self.seed = seed
        self.drawLength = drawLength
    }

    /// Documents `0..<count` as counts, documents × features.
    ///
    /// - Complexity: O(documents·V·K + words·log V); memory for the entries, and 16·V numbers a thread.
    public func documents(_ count: Int, parallelism: Parallelism = .allCores) -> CSRMatrix {
        var documents = [WordCounts](repeating: WordCounts(), count: count)
        documents.withUnsafeMutableBufferPointer { documents in
            // Each block of rows writes to places of its own.
            nonisolated(unsafe) let documents = documents
            parallelism.forEachRange(of: count, blockSize: Self.rowsPerBlock) { rows in
                drawBlock(rows, into: documents)
            }
        }
        return matrix(of: documents)
    }

    private func drawBlock(_ rows: Range<Int>, into documents: UnsafeMutableBufferPointer<WordCounts>) {
        let features = decoder.featureCount
        var generators = (0..<Self.rowsPerBlock).map {
            RandomGenerator(seed: seed, stream: 0x6765_6e65, UInt64(rows.lowerBound + $0))
        }
        let logits = logits(&generators)
        var cumulative = [Double](repeating: 0, count: features)
        for (i, row) in rows.enumerated() {
            let length = max(0, drawLength(&generators[i]))
            let shares = logits.elements + i * features
            _ = kernels.expSum(count: features, shift: kernels.maximum(count: features, x: shares), x: shares)
            var total = 0.0
            for feature in 0..<features {
                total += Double(shares[feature])
                cumulative[feature] = total
            }
            documents[row] = WordCounts((0..<length).map { _ in draw(from: cumulative, &generators[i]) })
        }
    }

    /// z·Dᵀ + c of a whole block, each row's z drawn from its generator. A last block that is not full is computed all
    /// the same, so that a document's numbers do not depend on how many follow it.
    private func logits(_ generators: inout [RandomGenerator]) -> ScratchMatrix {
        let width = decoder.latentWidth
        let features = decoder.featureCount
        let z = generators.indices.flatMap { row in (0..<width).map { _ in generators[row].nextNormal() } }
        let logits = ScratchMatrix()
        logits.resize(rows: generators.count, width: features)
        fillRows(logits.elements, rows: generators.count, with: decoder.bias)
        decoder.weights.withUnsafeElements { d in
            z.withUnsafeBufferPointer { z in
                guard let z = z.baseAddress else { return }
                DenseProducts.multiplyBlock(
                    z, strideA: width, d, strideB: width, transposeB: true, m: generators.count, n: features, k: width,
                    beta: 1, into: logits.elements, strideC: features)
            }
        }
        return logits
    }

    /// A feature with probability proportional to its step in the cumulative sums.
    ///
    /// - Complexity: O(log V).
    private func draw(from cumulative: [Double], _ generator: inout RandomGenerator) -> UInt32 {
        let uniform = Double(generator.next() >> 11) * 0x1p-53
        let target = uniform * (cumulative.last ?? 0)
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > target { high = middle } else { low = middle + 1 }
        }
        return UInt32(low)
    }

    private func matrix(of documents: [WordCounts]) -> CSRMatrix {
        var offsets = [0]
        for document in documents { offsets.append(offsets[offsets.count - 1] + document.columns.count) }
        do {
            return try CSRMatrix(
                rowCount: documents.count, columnCount: decoder.featureCount, rowOffsets: offsets,
                columnIndices: documents.flatMap(\.columns), values: documents.flatMap(\.counts))
        } catch {
            preconditionFailure("sorted, distinct words make a valid matrix: \(error)")
        }
    }
}

/// The words of one document, each once, rising, with its count.
private struct WordCounts {
    private(set) var columns: [UInt32] = []
    private(set) var counts: [Float] = []

    init() {}

    init(_ words: [UInt32]) {
        for word in words.sorted() {
            if word == columns.last {
                counts[counts.count - 1] += 1
            } else {
                columns.append(word)
                counts.append(1)
            }
        }
    }
}

import Autoencoders
import SparseMatrices

/// Documents of known topics: each topic has words of its own, and all share noise words.
struct PlantedTopics {
    let matrix: CSRMatrix
    let topics: [Int]
    let topicCount: Int

    /// - Parameters:
    ///   - topicWords: how many words a document draws from its topic's vocabulary.
    ///   - noiseWords: how many it draws from the shared words.
    ///   - emptyRowsEvery: every so many documents, one has no words.
    ///   - hasUnitLength: whether documents are brought to unit length; otherwise they are counts.
    init(
        documents: Int = 600, words: Int = 300, topicCount: Int = 5, topicWords: Int = 14, noiseWords: Int = 6,
        emptyRowsEvery: Int? = nil, hasUnitLength: Bool = true, seed: UInt64 = 1
    ) {
        var generator = RandomGenerator(seed: seed, stream: 0x706c_616e)
        let shared = words / 6
        let own = (words - shared) / topicCount
        var offsets = [0]
        var columns: [UInt32] = []
        var values: [Float] = []
        var topics: [Int] = []
        for document in 0..<documents {
            let topic = Int.random(in: 0..<topicCount, using: &generator)
            var counts: [Int: Int] = [:]
            let isEmpty = emptyRowsEvery.map { document % $0 == 0 } ?? false
            if !isEmpty {
                for i in 0..<topicWords + noiseWords {
                    let (start, width) = i < topicWords ? (topic * own, own) : (topicCount * own, shared)
                    counts[start + Int.random(in: 0..<width, using: &generator), default: 0] += 1
                }
            }
            let norm = hasUnitLength ? Float(counts.values.reduce(0) { $0 + $1 * $1 }).squareRoot() : 1
            for (column, count) in counts.sorted(by: { $0.key < $1.key }) {
                columns.append(UInt32(column))
                values.append(Float(count) / norm)
            }
            offsets.append(values.count)
            topics.append(topic)
        }
        matrix = try! CSRMatrix(
            rowCount: documents, columnCount: words, rowOffsets: offsets, columnIndices: columns, values: values)
        self.topics = topics
        self.topicCount = topicCount
    }

    /// The share of the second half's documents whose codes are nearest to the mean code of their own topic, the
    /// means coming from the first half; all codes at unit length.
    func nearestCentroidAccuracy(_ codes: DenseMatrix) -> Double {
        let width = codes.columnCount
        let rows = (0..<codes.rowCount).map { row in
            let h = codes.row(row).map(Double.init)
            let norm = h.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return norm > 0 ? h.map { $0 / norm } : h
        }
        let half = rows.count / 2
        var centroids = Array(repeating: [Double](repeating: 0, count: width), count: topicCount)
        for row in 0..<half {
            let share = 1 / Double(topics[..<half].count { $0 == topics[row] })
            for j in 0..<width { centroids[topics[row]][j] += share * rows[row][j] }
        }
        let hits = (half..<rows.count).count { row in
            let distances = centroids.map { zip($0, rows[row]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
            return distances.firstIndex(of: distances.min() ?? 0) == topics[row]
        }
        return Double(hits) / Double(rows.count - half)
    }
}

extension SparseAutoencoder {
    /// The bits of all weights.
    var bits: [UInt32] {
        var parts = [encoder.input.weights.elements, encoder.input.bias]
        for layer in encoder.layers { parts += [layer.weights.elements, layer.bias] }
        parts += [decoder.weights.elements, decoder.bias]
        return parts.joined().map(\.bitPattern)
    }

    var isFinite: Bool { bits.allSatisfy { Float(bitPattern: $0).isFinite } }

    /// Σ‖x − x̂‖²/Σ‖x‖² of the given rows, densely in Double.
    func unexplained(_ matrix: CSRMatrix, rows: [Int]) -> Double {
        let selected = matrix.rows(rows)
        let codes = encoder.encode(selected, execution: .serial).elements
        let x = selected.denseRows(selected.allRows)
        let loss = DenseLeastSquares.loss(x, codes: codes, decoder: decoder.rows(withBias: true), width: latentWidth)
        let norm = x.joined().reduce(0) { $0 + $1 * $1 }
        return norm > 0 ? 2 * loss / norm : 0
    }
}

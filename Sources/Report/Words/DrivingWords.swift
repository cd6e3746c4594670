import Autoencoders
import Gossamer
import SparseMatrices

/// Which words of a document make a unit active.
///
/// Where codes are one layer above the weighted entries, an entry adds x_v·W_vj to the unit's activity before the
/// activation, and that is its part. Elsewhere a word's part is what the activity loses when the word is left out
/// (occlusion; Zeiler & Fergus, ECCV 2014), of the words that most is expected of by their weight in the document and
/// in the decoder.
struct DrivingWords {
    struct Request {
        let document: KeptDocument
        let units: [Int]
    }

    struct Word: Sendable, Equatable {
        let feature: Int
        let part: Float
    }

    private let model: FeatureModel
    private let execution: Execution
    /// How many words are left out in turn for each unit.
    private static let mostOccluded = 8
    /// How many rows are encoded at a time.
    private static let rowsAtOnce = 1 << 14

    init(_ model: FeatureModel, execution: Execution) {
        self.model = model
        self.execution = execution
    }

    /// - Returns: for each request and each of its units at most `count` words, the strongest first.
    /// - Throws: `SparseBackendFailure`.
    func words(of requests: [Request], count: Int) throws -> [[[Word]]] {
        if let weights = directWeights {
            return execution.parallelism.map(requests.count) { i in
                requests[i].units.map { direct(requests[i].document, $0, weights, count: count) }
            }
        }
        var result: [[[Word]]] = []
        var waiting: [Occlusion] = []
        var rows = 0
        for request in requests {
            let occlusion = Occlusion(request, model.decoder, most: Self.mostOccluded)
            if rows + occlusion.rowCount > Self.rowsAtOnce {
                result += try parts(of: waiting, count: count)
                (waiting, rows) = ([], 0)
            }
            waiting.append(occlusion)
            rows += occlusion.rowCount
        }
        return result + (try parts(of: waiting, count: count))
    }

    /// The weights between entries and codes; nil if there is more between them than one layer.
    private var directWeights: DenseMatrix? {
        guard let network = model.network as? SparseAutoencoder, network.encoder.layers.isEmpty,
            !network.objective.isOfCounts || network.inputLength == nil
        else { return nil }
        return network.encoder.input.weights
    }

    private func direct(_ document: KeptDocument, _ unit: Int, _ weights: DenseMatrix, count: Int) -> [Word] {
        var top = TopEntries(count: count)
        weights.withUnsafeElements { w in
            for (feature, value) in zip(document.features, document.values) {
                let part = value * w[Int(feature) * weights.columnCount + unit]
                if part > 0 { top.add(Int(feature), Double(part)) }
            }
        }
        return top.sorted.map { Word(feature: $0.index, part: Float($0.value)) }
    }

    private func parts(of occlusions: [Occlusion], count: Int) throws -> [[[Word]]] {
        let width = model.latentWidth
        var codes = [Float](repeating: 0, count: occlusions.reduce(0) { $0 + $1.rowCount } * width)
        let matrix = try Occlusion.matrix(of: occlusions, columnCount: model.featureCount)
        model.encodeBlocks(of: matrix, asMixture: model.isMixture, execution: execution) { block, rows in
            for i in 0..<rows.count * width { codes[rows.lowerBound * width + i] = block[i] }
        }
        try execution.checkBackend()
        var firstRow = 0
        return occlusions.map { occlusion in
            defer { firstRow += occlusion.rowCount }
            return occlusion.request.units.map { unit in
                let whole = codes[firstRow * width + unit]
                var top = TopEntries(count: count)
                for (i, feature) in occlusion.features.enumerated() {
                    let part = whole - codes[(firstRow + 1 + i) * width + unit]
                    if part > 0 { top.add(Int(feature), Double(part)) }
                }
                return top.sorted.map { Word(feature: $0.index, part: Float($0.value)) }
            }
        }
    }
}

/// A document, whole and without each of some of its words in turn.
private struct Occlusion {
    let request: DrivingWords.Request
    /// The words that are left out, in order.
    let features: [UInt32]

    init(_ request: DrivingWords.Request, _ decoder: LinearDecoder, most: Int) {
        self.request = request
        let document = request.document
        var chosen: Set<UInt32> = []
        decoder.weights.withUnsafeElements { d in
            for unit in request.units {
                var top = TopEntries(count: most)
                for (feature, value) in zip(document.features, document.values) {
                    let weight = Double(value * d[Int(feature) * decoder.latentWidth + unit])
                    if weight > 0 { top.add(Int(feature), weight) }
                }
                for entry in top.sorted { chosen.insert(UInt32(entry.index)) }
            }
        }
        features = chosen.sorted()
    }

    var rowCount: Int { features.count + 1 }

    static func matrix(of occlusions: [Occlusion], columnCount: Int) throws -> CSRMatrix {
        var offsets = [0]
        var columns: [UInt32] = []
        var values: [Float] = []
        for occlusion in occlusions {
            let document = occlusion.request.document
            for left in [nil] + occlusion.features.map(Optional.some) {
                for (feature, value) in zip(document.features, document.values) where feature != left {
                    columns.append(feature)
                    values.append(value)
                }
                offsets.append(columns.count)
            }
        }
        return try CSRMatrix(
            rowCount: offsets.count - 1, columnCount: columnCount, rowOffsets: offsets, columnIndices: columns,
            values: values)
    }
}

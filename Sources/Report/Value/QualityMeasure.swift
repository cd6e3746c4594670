import Autoencoders
import Gossamer
import SparseMatrices

extension CSRMatrix {
    /// The documents' entries as input of a model.
    init(_ documents: [KeptDocument], columnCount: Int) throws(SparseMatrixError) {
        var offsets = [0]
        for document in documents { offsets.append(offsets[offsets.count - 1] + document.features.count) }
        try self.init(
            rowCount: documents.count, columnCount: columnCount, rowOffsets: offsets,
            columnIndices: documents.flatMap(\.features), values: documents.flatMap(\.values))
    }
}

/// Measures a model on some documents.
struct QualityMeasure {
    let model: FeatureModel
    let execution: Execution
    let seed: UInt64
    private static let mostDocuments = 2000
    private static let bands = 8

    /// - Throws: `SparseBackendFailure`.
    func figures(of sample: [KeptDocument]) throws -> (QualityFigures, divergences: [Double]?) {
        let documents = sample.filter { !$0.features.isEmpty }.evenly(Self.mostDocuments)
        var figures = QualityFigures()
        figures.documents = documents.count
        if documents.isEmpty { return (figures, nil) }
        let inputs = try CSRMatrix(documents, columnCount: model.featureCount)
        let losses = try losses(of: inputs)
        let scales = scales(of: documents)
        figures.measure = measure
        figures.value = losses.reduce(0, +) / max(scales.reduce(0, +), .leastNonzeroMagnitude)
        figures.byLength = byLength(documents, losses, scales)
        guard let divergences = try divergences(of: inputs) else { return (figures, nil) }
        let divergence = divergences.reduce(0, +)
        figures.divergence = divergence
        figures.reconstruction = losses.reduce(0, +) / Double(documents.count) - divergence
        return (figures, divergences)
    }

    private var isSquaredError: Bool { model.network.likelihood == nil }
    private var isPerToken: Bool { model.network.likelihood?.family.isPerToken ?? false }

    private var measure: String {
        isSquaredError
            ? "share of the squared length not explained"
            : "\(model.network.hasPosterior ? "negative bound" : "negative log-likelihood") in nats a "
                + (isPerToken ? "token" : "document")
    }

    private func losses(of inputs: CSRMatrix) throws -> [Double] {
        var losses: [Double] = []
        model.network.forEachBlockOfLosses(of: inputs, samples: 1, seed: seed, execution: execution) { block in
            losses += block.losses
        }
        try execution.checkBackend()
        return losses
    }

    /// What the losses are divided by: squared lengths, tokens or 1.
    private func scales(of documents: [KeptDocument]) -> [Double] {
        documents.map { document in
            if isSquaredError { return document.values.reduce(0) { $0 + Double($1) * Double($1) } }
            return isPerToken ? document.values.reduce(0) { $0 + Double($1) } : 1
        }
    }

    private func byLength(
        _ documents: [KeptDocument], _ losses: [Double], _ scales: [Double]
    ) -> [(most: Int, value: Double, documents: Int)] {
        let order = documents.indices.sorted {
            (documents[$0].features.count, $0) < (documents[$1].features.count, $1)
        }
        let bands = min(Self.bands, order.count)
        return (0..<bands).map { band in
            let rows = order[band * order.count / bands..<(band + 1) * order.count / bands]
            let scale = rows.reduce(0) { $0 + scales[$1] }
            return (
                documents[rows[rows.endIndex - 1]].features.count,
                rows.reduce(0) { $0 + losses[$1] } / max(scale, .leastNonzeroMagnitude), rows.count
            )
        }
    }

    /// KL(q‖p) of each unit, in nats a document, on average; nil without posteriors.
    private func divergences(of inputs: CSRMatrix) throws -> [Double]? {
        guard model.network.hasPosterior else { return nil }
        let width = model.latentWidth
        var sums = [Double](repeating: 0, count: width)
        model.encodeBlocks(of: inputs, withVariance: true, execution: execution) { codes, rows in
            let posterior = GaussianPosterior()
            posterior.resize(rows: rows.count, width: width)
            for row in 0..<rows.count {
                let code = codes + 2 * row * width
                (posterior.mean.elements + row * width).update(from: code, count: width)
                (posterior.logVariance.elements + row * width).update(from: code + width, count: width)
                for unit in 0..<width { sums[unit] += posterior.klDivergence(row: row, unit: unit) }
            }
        }
        try execution.checkBackend()
        return sums.map { $0 / Double(max(1, inputs.rowCount)) }
    }
}

extension Array {
    /// At most so many elements, at equal distances.
    func evenly(_ most: Int) -> [Element] {
        count <= most ? self : (0..<most).map { self[$0 * count / most] }
    }
}

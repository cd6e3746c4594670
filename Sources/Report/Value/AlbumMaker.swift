import Gossamer
import SparseMatrices

extension ReportMaker {
    /// - Returns: nil unless documents are pictures.
    /// - Throws: `SparseBackendFailure`.
    func album(_ units: [UnitCard]) throws -> PictureAlbum? {
        guard let shape = settings.imageShape, shape.count == model.featureCount else { return nil }
        // Half of the bytes are for units, of which there may be fewer than that holds.
        let order = (0..<width).sorted { (importance[$1], $0) < (importance[$0], $1) }
        let shownUnits = order.prefix(settings.pictureBytes / 2 / shape.count)
        let candidates = pass.isRemembered ? [] : documentsByInterest(units, order: order)
        let left = settings.pictureBytes - shownUnits.count * shape.count
        let shown = Array(candidates.prefix(left / (2 * shape.count)))
        return PictureAlbum(
            shape: shape,
            units: Dictionary(
                uniqueKeysWithValues: shownUnits.map { unit in
                    (unit, PictureAlbum.signed((0..<model.featureCount).map { model.decoder.weights[$0, unit] }))
                }), documents: try pictures(of: shown), unitsLeftOut: width - shownUnits.count,
            documentsLeftOut: candidates.count - shown.count)
    }

    /// All documents that the report shows: those that activate units most, in turn the first of each unit and so on, and
    /// then those of the map, evenly.
    private func documentsByInterest(_ units: [UnitCard], order: [Int]) -> [KeptDocument] {
        var known = Dictionary(sample.map { ($0.row, $0) }) { first, _ in first }
        for unit in order {
            for leader in pass.leaders(of: unit) { known[leader.document.row] = leader.document }
        }
        let shown = order.map { units[$0].top + units[$0].middle }
        let rounds = shown.reduce(0) { max($0, $1.count) }
        let ofUnits = (0..<rounds).flatMap { round in shown.compactMap { round < $0.count ? $0[round].row : nil } }
        let step = max(1, sample.count / 997)
        let ofMap = (0..<step).flatMap { first in
            stride(from: first, to: sample.count, by: step).map { sample[$0].row }
        }
        var seen: Set<Int> = []
        return (ofUnits + ofMap).filter { seen.insert($0).inserted }.compactMap { known[$0] }
    }

    /// By row, of a few hundred documents at a time.
    private func pictures(of documents: [KeptDocument]) throws -> [Int: PictureAlbum.Document] {
        let features = model.featureCount
        let isOfTokens = model.network.likelihood?.family.isPerToken ?? false
        var pictures: [Int: PictureAlbum.Document] = [:]
        var decoded = [Float](repeating: 0, count: 256 * features)
        for start in stride(from: 0, to: documents.count, by: 256) {
            let block = Array(documents[start..<min(documents.count, start + 256)])
            try decode(block, into: &decoded)
            for (i, document) in block.enumerated() {
                var picture = [Float](repeating: 0, count: features)
                for (feature, value) in zip(document.features, document.values) { picture[Int(feature)] = value }
                if isOfTokens {
                    // Probabilities of words become how many of them are expected.
                    let tokens = document.values.reduce(0, +)
                    for feature in i * features..<(i + 1) * features { decoded[feature] *= tokens }
                }
                pictures[document.row] = decoded.withUnsafeBufferPointer {
                    PictureAlbum.Document(
                        picture, reconstruction: UnsafeBufferPointer(rebasing: $0[i * features..<(i + 1) * features]))
                }
            }
        }
        return pictures
    }

    private func decode(_ documents: [KeptDocument], into decoded: inout [Float]) throws {
        let inputs = try CSRMatrix(documents, columnCount: model.featureCount)
        let features = model.featureCount
        decoded.withUnsafeMutableBufferPointer { decoded in
            guard let target = decoded.baseAddress else { return }
            model.encodeBlocks(of: inputs, execution: execution) { codes, rows in
                model.decode(
                    UnsafeBufferPointer(start: codes, count: rows.count * width),
                    into: target + rows.lowerBound * features)
            }
        }
        try execution.checkBackend()
    }
}

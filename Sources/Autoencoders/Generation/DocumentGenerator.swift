import SparseMatrices

/// Documents that a model made.
public struct GeneratedDocuments: Sendable, Equatable {
    /// documents × features.
    public let matrix: CSRMatrix
    /// For every stored entry how much the document stands out by it: of probabilities and rates the lift
    /// m_v(z)/E[m_v(z)], the expectation being over the prior or the observed codes; of reconstructions m_v(z) itself.
    public let salience: [Float]

    /// Where a document's entries stand in the matrix' arrays, the most salient first, of equal ones the first.
    public func entriesBySalience(ofRow row: Int) -> [Int] {
        let range = matrix.withUnsafeView { $0.entries(ofRow: row) }
        return range.sorted { (salience[$0], $1) > (salience[$1], $0) }
    }
}

/// Draws new documents: a latent vector from its source, what the decoder says of every feature given it, and the
/// document's entries from that.
///
/// Documents are sparse by construction. Everything about one comes from a generator of its own, made from the seed and
/// its number, so that it depends neither on threads nor on how many documents are drawn.
package struct DocumentGenerator<Draw: EntryDraw>: Sendable {
    private let source: LatentSource
    private let means: FeatureMeans
    private let dispersion: DispersionDecoder?
    private let draw: Draw
    private let seed: UInt64
    /// What lifts are measured against.
    private let reference: LatentSource?

    /// Documents whose means exist at the same time, in each thread.
    private static var rowsPerBlock: Int { 16 }
    /// Blocks of latent vectors that the expectation of a lift is taken over.
    private static var referenceBlocks: Int { 16 }

    /// - Parameters:
    ///   - dispersion: of likelihoods that have one.
    ///   - reference: where the latent vectors come from that lifts are measured against; nil if the means are neither
    ///     probabilities nor rates.
    package init(
        _ means: FeatureMeans, dispersion: DispersionDecoder? = nil, from source: LatentSource, _ draw: Draw,
        seed: UInt64, reference: LatentSource? = nil
    ) {
        self.source = source
        self.means = means
        self.dispersion = dispersion
        self.draw = draw
        self.seed = seed
        self.reference = reference
    }

    /// Documents `0..<count`.
    ///
    /// - Complexity: O((documents + 256)·V·K + words·log V); memory for the entries, and 16·V numbers a thread.
    package func documents(_ count: Int, parallelism: Parallelism = .allCores) -> GeneratedDocuments {
        let reference = averageMeans(parallelism: parallelism)
        var documents = [SalientEntries](repeating: SalientEntries(), count: count)
        documents.withUnsafeMutableBufferPointer { documents in
            // Each block of rows writes to places of its own.
            nonisolated(unsafe) let documents = documents
            parallelism.forEachRange(of: count, blockSize: Self.rowsPerBlock) { rows in
                let block = LatentBlock(rows.lowerBound, Self.rowsPerBlock, of: source, seed: seed, stream: 0x6765_6e65)
                let (means, dispersions) = (means(of: block), dispersions(of: block))
                for (i, row) in rows.enumerated() {
                    let conditions = FeatureConditions(means: means.row(i), dispersions: dispersions.row(i))
                    var generator = block.generators[i]
                    let entries = draw.entries(given: conditions, using: &generator)
                    documents[row] = SalientEntries(entries, means: conditions.means, reference: reference)
                }
                withExtendedLifetime((means, dispersions)) {}
            }
        }
        return generated(documents)
    }

    private var featureCount: Int { means.featureCount }

    private func means(of block: LatentBlock) -> ScratchMatrix {
        let result = ScratchMatrix()
        var z = block.z
        means.fill(result, of: &z, rows: block.generators.count)
        return result
    }

    /// Without rows if there are none.
    private func dispersions(of block: LatentBlock) -> ScratchMatrix {
        let result = ScratchMatrix()
        dispersion?.fill(result, of: block.z, rows: block.generators.count)
        return result
    }

    /// The mean of every feature's means over the reference; empty where lifts are not measured.
    private func averageMeans(parallelism: Parallelism) -> [Double] {
        guard let reference else { return [] }
        var sums = [[Double]](repeating: [], count: Self.referenceBlocks)
        sums.withUnsafeMutableBufferPointer { sums in
            // Each block writes to a place of its own; they are added in order below.
            nonisolated(unsafe) let sums = sums
            parallelism.forEach(block: Self.referenceBlocks) { index in
                let block = LatentBlock(
                    index * Self.rowsPerBlock, Self.rowsPerBlock, of: reference, seed: seed, stream: 0x6c69_6674)
                let means = means(of: block)
                var sum = [Double](repeating: 0, count: featureCount)
                withExtendedLifetime(means) {
                    for row in 0..<means.rowCount {
                        for (feature, mean) in means.row(row).enumerated() { sum[feature] += Double(mean) }
                    }
                }
                sums[index] = sum
            }
        }
        let total = sums.dropFirst().reduce(into: sums[0]) { total, sum in
            for feature in total.indices { total[feature] += sum[feature] }
        }
        return total.map { $0 / Double(Self.referenceBlocks * Self.rowsPerBlock) }
    }

    private func generated(_ documents: [SalientEntries]) -> GeneratedDocuments {
        var offsets = [0]
        for document in documents { offsets.append(offsets[offsets.count - 1] + document.entries.columns.count) }
        do {
            let matrix = try CSRMatrix(
                rowCount: documents.count, columnCount: featureCount, rowOffsets: offsets,
                columnIndices: documents.flatMap(\.entries.columns), values: documents.flatMap(\.entries.values))
            return GeneratedDocuments(matrix: matrix, salience: documents.flatMap(\.salience))
        } catch {
            preconditionFailure("sorted, distinct columns of finite values make a valid matrix: \(error)")
        }
    }
}

/// The latent vectors of a block of documents, and what their generators have left. A last block that is not full is
/// drawn and computed all the same, so that a document's numbers do not depend on how many follow it.
private struct LatentBlock {
    let z: [Float]
    let generators: [RandomGenerator]

    init(_ first: Int, _ count: Int, of source: LatentSource, seed: UInt64, stream: UInt64) {
        var generators = (0..<count).map { RandomGenerator(seed: seed, stream: stream, UInt64(first + $0)) }
        z = generators.indices.flatMap { source.draw(first + $0, using: &generators[$0]) }
        self.generators = generators
    }
}

extension ScratchMatrix {
    /// One row, valid as long as the matrix is; nothing where there are no rows.
    func row(_ row: Int) -> UnsafeBufferPointer<Float> {
        if rowCount == 0 { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(start: elements + row * width, count: width)
    }
}

/// A document's entries, each with its salience.
private struct SalientEntries {
    var entries = DocumentEntries()
    var salience: [Float] = []

    init() {}

    /// - Parameter reference: what the means are divided by; empty for one.
    init(_ entries: DocumentEntries, means: UnsafeBufferPointer<Float>, reference: [Double]) {
        self.entries = entries
        salience = entries.columns.map { column in
            let mean = means[Int(column)]
            guard !reference.isEmpty else { return mean }
            return Float(min(Double(mean) / max(reference[Int(column)], 1e-300), Double(Float.greatestFiniteMagnitude)))
        }
    }
}

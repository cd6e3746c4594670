import SparseMatrices

/// Documents that a model made.
public struct GeneratedDocuments: Sendable, Equatable {
    /// documents × features.
    public let matrix: CSRMatrix
    /// For every stored entry how much the document stands out by it: its lift m_v(z)/E[m_v(z)], the expectation over
    /// the prior, or where there is no prior the decoder's own value m_v(z).
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
    private let draw: Draw
    private let seed: UInt64
    /// Draws from the prior that lifts are measured against; 0 for none.
    private let referenceDraws: Int

    /// Documents whose means exist at the same time, in each thread.
    private static var rowsPerBlock: Int { 16 }

    /// - Parameter measuresLift: whether the means are probabilities or rates under a standard normal prior.
    package init(_ means: FeatureMeans, from source: LatentSource, _ draw: Draw, seed: UInt64, measuresLift: Bool) {
        self.source = source
        self.means = means
        self.draw = draw
        self.seed = seed
        referenceDraws = measuresLift ? 256 : 0
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
                withBlock(startingAt: rows.lowerBound, of: source, stream: 0x6765_6e65) { block, generators in
                    for (i, row) in rows.enumerated() {
                        let means = UnsafeBufferPointer(rebasing: block[i * featureCount..<(i + 1) * featureCount])
                        let entries = draw.entries(given: means, using: &generators[i])
                        documents[row] = SalientEntries(entries, means: means, reference: reference)
                    }
                }
            }
        }
        return generated(documents)
    }

    private var featureCount: Int { means.featureCount }

    /// The means of a whole block of documents. A last block that is not full is computed all the same, so that a
    /// document's numbers do not depend on how many follow it.
    private func withBlock(
        startingAt first: Int, of source: LatentSource, stream: UInt64,
        _ body: (UnsafeMutableBufferPointer<Float>, inout [RandomGenerator]) -> Void
    ) {
        var generators = (0..<Self.rowsPerBlock).map {
            RandomGenerator(seed: seed, stream: stream, UInt64(first + $0))
        }
        var z = generators.indices.flatMap { source.draw(first + $0, using: &generators[$0]) }
        let block = ScratchMatrix()
        means.fill(block, of: &z, rows: generators.count)
        body(UnsafeMutableBufferPointer(start: block.elements, count: block.elementCount), &generators)
        withExtendedLifetime(block) {}
    }

    /// The mean over the prior of every feature's mean; empty where lifts are not measured.
    private func averageMeans(parallelism: Parallelism) -> [Double] {
        if referenceDraws == 0 { return [] }
        let prior = LatentSource.prior(width: source.width, spread: 1)
        let blocks = referenceDraws / Self.rowsPerBlock
        var sums = [[Double]](repeating: [], count: blocks)
        sums.withUnsafeMutableBufferPointer { sums in
            // Each block writes to a place of its own; they are added in order below.
            nonisolated(unsafe) let sums = sums
            parallelism.forEach(block: blocks) { index in
                withBlock(startingAt: index * Self.rowsPerBlock, of: prior, stream: 0x6c69_6674) { block, _ in
                    var sum = [Double](repeating: 0, count: featureCount)
                    for row in 0..<Self.rowsPerBlock {
                        for feature in 0..<featureCount { sum[feature] += Double(block[row * featureCount + feature]) }
                    }
                    sums[index] = sum
                }
            }
        }
        return sums.dropFirst().reduce(into: sums[0]) { total, sum in
            for feature in total.indices { total[feature] += sum[feature] }
        }.map { $0 / Double(referenceDraws) }
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

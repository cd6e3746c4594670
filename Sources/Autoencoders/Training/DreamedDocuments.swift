import SparseMatrices

/// Documents that the model generates ("dreams") for training its encoder: words drawn from the decoder at latent
/// vectors near those of training documents (the sleep phase of Hinton, Dayan, Frey & Neal, "The Wake-Sleep Algorithm
/// for Unsupervised Neural Networks", Science 1995).
///
/// An encoder sees each training document repeatedly and overfits to many; dreamed documents are never repeated.
struct DreamedDocuments {
    private let means: FeatureMeans
    private let dispersion: DispersionDecoder?

    /// a, the distance of dreamed documents from the documents they start from: z' = √(1 − a²)·z + a·ε preserves a
    /// standard normal distribution of z.
    static let distance: Float = 0.5
    /// The maximum number of words of a document.
    private static let mostWords = 1_000_000
    /// The number of documents whose word probabilities are in memory at a time, in each thread.
    private static let rowsPerBlock = 32

    /// - Precondition: the likelihood is one of words given the length.
    init(_ model: VariationalAutoencoder) {
        precondition(
            model.likelihood.isPerToken,
            "documents of the likelihood \(model.likelihood.rawValue) are not made of words")
        means = model.likelihood.family.featureMeans(model.decoder, temperature: 1)
        dispersion = model.dispersion
    }

    /// Whether dreamed documents are of the same kind as the given ones: words given the length, with integer counts.
    ///
    /// - Complexity: O(entries).
    static func resemble(_ documents: WeightedRows, _ likelihood: LikelihoodKind) -> Bool {
        likelihood.isPerToken && documents.valuesSatisfy { $0 >= 0 && $0 == $0.rounded() }
    }

    /// Generates one document near each row of `z`.
    ///
    /// - Parameters:
    ///   - z: rows × K.
    ///   - lengths: the number of words of each document, rounded.
    ///   - noise: the source of randomness.
    /// - Complexity: O(rows·V·K + words·log V).
    func documents(
        near z: ScratchMatrix, lengths: [Double], noise: NoiseSource, parallelism: Parallelism
    ) -> CSRMatrix {
        precondition(lengths.count == z.rowCount, "\(lengths.count) lengths for \(z.rowCount) documents")
        var documents = [DocumentEntries](repeating: DocumentEntries(), count: lengths.count)
        documents.withUnsafeMutableBufferPointer { documents in
            // Each block of rows writes to separate memory.
            nonisolated(unsafe) let documents = documents
            parallelism.forEachRange(of: lengths.count, blockSize: Self.rowsPerBlock) { rows in
                draw(rows, near: z, lengths: lengths, noise: noise) { documents[$0] = $1 }
            }
        }
        return CSRMatrix(documents, columnCount: means.featureCount)
    }

    private func draw(
        _ rows: Range<Int>, near z: ScratchMatrix, lengths: [Double], noise: NoiseSource,
        _ keep: (Int, DocumentEntries) -> Void
    ) {
        let width = z.width
        var generators = rows.map { RandomGenerator(seed: noise.seed, stream: noise.step, 0x6472_6561, UInt64($0)) }
        let share = (1 - Self.distance * Self.distance).squareRoot()
        var points = [Float](repeating: 0, count: rows.count * width)
        for (i, row) in rows.enumerated() {
            for unit in 0..<width {
                points[i * width + unit] =
                    share * z.elements[row * width + unit] + Self.distance * generators[i].nextNormal()
            }
        }
        let block = ScratchMatrix(), dispersions = ScratchMatrix()
        dispersion?.fill(dispersions, of: points, rows: rows.count)
        means.fill(block, of: &points, rows: rows.count)
        for (i, row) in rows.enumerated() {
            let length = Int(min(lengths[row].rounded(), Double(Self.mostWords)))
            let conditions = FeatureConditions(means: block.row(i), dispersions: dispersions.row(i))
            keep(row, WordDraws { _ in length }.entries(given: conditions, using: &generators[i]))
        }
        withExtendedLifetime((block, dispersions)) {}
    }
}

extension CSRMatrix {
    /// Creates a matrix with one row for each document.
    init(_ documents: some Collection<DocumentEntries>, columnCount: Int) {
        var offsets = [0]
        for document in documents { offsets.append(offsets[offsets.count - 1] + document.columns.count) }
        do {
            try self.init(
                rowCount: documents.count, columnCount: columnCount, rowOffsets: offsets,
                columnIndices: documents.flatMap(\.columns), values: documents.flatMap(\.values))
        } catch {
            preconditionFailure("sorted, distinct columns of finite values make a valid matrix: \(error)")
        }
    }
}

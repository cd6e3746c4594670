import Autoencoders
import Corpora
import SparseMatrices

extension FeatureModel {
    /// The source of the latent vectors that new documents are generated from.
    ///
    /// - Throws: `GenerationError`, `WeightingError`, `LikelihoodError`.
    func latentSource(
        _ count: Int, _ settings: GenerationSettings, execution: Execution
    ) throws -> LatentSource {
        switch settings.origin {
        case .prior: return try priorSource(spread: settings.spread)
        case .training: return try trainingSource(spread: settings.spread)
        case .near(let corpus):
            guard corpus.rowCount > 0 else { throw GenerationError.noDocuments }
            return try source(near: corpus, spread: settings.spread, execution: execution)
        case .between(let corpus, let first, let last):
            return .line(try line(in: corpus, from: first, to: last, count: count, execution: execution))
        }
    }

    func priorSource(spread: Float) throws(GenerationError) -> LatentSource {
        if let prior = network.prior(spread: spread) { return prior }
        return try trainingSource(spread: spread)
    }

    private func trainingSource(spread: Float) throws(GenerationError) -> LatentSource {
        guard let codes = observed?.codes else { throw .nothingObserved }
        return source(codes: codes, spread: spread, inTurn: false)
    }

    private func source(near corpus: Corpus, spread: Float, execution: Execution) throws -> LatentSource {
        let codes = try embed(corpus, withVariance: network.hasPosterior, execution: execution)
        return source(codes: codes, spread: spread, inTurn: true)
    }

    /// - Parameter codes: as in `ObservedDocuments`.
    private func source(codes: DenseMatrix, spread: Float, inTurn: Bool) -> LatentSource {
        network.source(codes: codes, reference: observed?.codes ?? codes, spread: spread, inTurn: inTurn)
    }

    private func line(
        in corpus: Corpus, from first: Int, to last: Int, count: Int, execution: Execution
    ) throws -> LatentLine {
        for row in [first, last] where !(0..<corpus.rowCount).contains(row) {
            throw GenerationError.noSuchRow(row + 1, documents: corpus.rowCount)
        }
        guard count >= 2 else { throw GenerationError.lineTooShort }
        // The code of a row does not depend on other rows, so the two can be embedded alone.
        let ends = Corpus(matrix: corpus.matrix.rows([first, last]), provenance: corpus.provenance)
        let codes = try embed(ends, execution: execution)
        return LatentLine(
            from: codes.row(0), to: codes.row(1), count: count,
            activation: network.hasPosterior ? nil : encoder.activation)
    }
}

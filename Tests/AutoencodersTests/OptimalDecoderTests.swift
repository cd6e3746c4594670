import NumericTolerance
import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct OptimalDecoderTests {
    struct Case: CustomTestStringConvertible {
        let width: Int
        let hasBias: Bool
        var decay = 1.0
        var testDescription: String { "\(width) units\(hasBias ? " and a bias" : ""), decay \(decay)" }
    }

    private static let shapes = [1, 7, 8, 13].flatMap { width in
        [Case(width: width, hasBias: false), Case(width: width, hasBias: true)]
    }

    /// A long run of batches, each of which touches other columns: block b's entries stay within a window that moves.
    private struct Run {
        let features = 60
        let rowsPerBatch = 12
        let matrix: CSRMatrix
        let codes: [[Float]]

        init(batches: Int, width: Int) {
            let count = batches * 12
            matrix =
                GeneratedMatrix("windows", rows: count, columns: 60, seed: 31) { row, column, chance in
                    let start = row / 12 * 7 % 60
                    return (column + 60 - start) % 60 < 20 && chance < 0.35 && row % 5 != 4
                }.matrix
            codes = (0..<batches).map { Numbers.codes(rows: 12, width: width, seed: UInt64(1000 + $0)) }
        }

        func batch(_ index: Int) -> SparseBatch { matrix.batch(index * 12..<(index + 1) * 12) }
        func rows(_ index: Int) -> [[Double]] { matrix.denseRows(index * 12..<(index + 1) * 12) }
    }

    /// Compares all that a decoder says to dense algebra.
    private func expectAgreement(
        _ decoder: OptimalDecoder, _ dense: DenseLeastSquares, batch: SparseBatch, rows: [[Double]], codes: [Float],
        learned: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let expected = dense.decoder
        // B is a sum over the documents learned from, the products have as many terms as there are units, and solving
        // the system multiplies what they are off by.
        let error = tolerance(terms: learned + 2 * dense.order + 4) * dense.condition
        let linear = decoder.linearDecoder
        let decoderError = relativeError(linear.rows(withBias: dense.hasBias), expected)
        #expect(decoderError <= error, "D", sourceLocation: sourceLocation)
        #expect(dense.hasBias || linear.bias.allSatisfy { $0 == 0 }, sourceLocation: sourceLocation)
        let crossError = relativeError(decoder.used(decoder.crossGram), DenseLeastSquares.gram(dense.cross))
        #expect(crossError <= 2 * tolerance(terms: learned + 24), "C", sourceLocation: sourceLocation)
        let gramError = relativeError(decoder.used(decoder.decoderGram), DenseLeastSquares.gram(expected))
        #expect(gramError <= 2 * error, "DᵀD", sourceLocation: sourceLocation)
        let loss = decoder.evaluate(batch, codes: codes).loss
        let denseLoss = DenseLeastSquares.loss(rows, codes: codes, decoder: expected, width: dense.width)
        let norm = rows.joined().reduce(0) { $0 + $1 * $1 }
        let magnitude = DenseLeastSquares.magnitude(rows, codes: codes, decoder: expected, width: dense.width)
        #expect(
            abs(loss.reconstruction - denseLoss) <= 2 * error * magnitude, "loss", sourceLocation: sourceLocation)
        let terms = rows.count * (rows.first?.count ?? 0)
        #expect(
            abs(2 * loss.reference - norm) <= tolerance(terms: terms, in: Double.self) * norm, "‖x‖²",
            sourceLocation: sourceLocation)
        // A square is off by as much as the largest of DᵀD is in relation.
        let squares = (0..<dense.width).map { Double(decoder.decoderGram[$0 * (decoder.stride + 1)]) }
        for (unit, norm) in linear.columnNorms().enumerated() {
            let difference = abs(Double(norm * norm) - squares[unit])
            #expect(
                difference <= 4 * error * (squares.max() ?? 0), "‖D_\(unit)‖", sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: shapes)
    func collectedBatchesGiveTheRidgeSolution(shape: Case) {
        let run = Run(batches: 9, width: shape.width)
        var decoder = OptimalDecoder(featureCount: run.features, width: shape.width, hasBias: shape.hasBias)
        var dense = DenseLeastSquares(features: run.features, width: shape.width, hasBias: shape.hasBias)
        for i in 0..<8 {
            decoder.collect(run.batch(i), codes: run.codes[i])
            dense.learn(run.rows(i), codes: run.codes[i], decay: 1)
        }
        decoder.solve(ridge: 1e-3, workspace: DecoderWorkspace(), execution: .serial)
        for i in [7, 8] {
            expectAgreement(
                decoder, dense, batch: run.batch(i), rows: run.rows(i), codes: run.codes[i], learned: 8 * 12)
        }
    }

    @Test(arguments: [
        Case(width: 5, hasBias: true, decay: 1), Case(width: 5, hasBias: true, decay: 0.95),
        Case(width: 8, hasBias: false, decay: 0.95), Case(width: 8, hasBias: true, decay: 0.5),
        Case(width: 8, hasBias: true, decay: 0.01), Case(width: 6, hasBias: true, decay: 0),
        Case(width: 6, hasBias: false, decay: 1e-9),
    ])
    func decayedStatisticsAgreeWithDenseOnes(shape: Case) {
        let run = Run(batches: 60, width: shape.width)
        var decoder = OptimalDecoder(
            featureCount: run.features, width: shape.width, hasBias: shape.hasBias, decay: shape.decay)
        var dense = DenseLeastSquares(features: run.features, width: shape.width, hasBias: shape.hasBias)
        for i in 0..<59 {
            decoder.train(run.batch(i), codes: run.codes[i])
            dense.learn(run.rows(i), codes: run.codes[i], decay: shape.decay)
            if [0, 1, 20, 58].contains(i) {
                expectAgreement(
                    decoder, dense, batch: run.batch(i + 1), rows: run.rows(i + 1), codes: run.codes[i + 1],
                    learned: 12 * (i + 1))
            }
        }
    }

    @Test(arguments: [1, 0.97])
    func theCrossGramDoesNotDrift(decay: Double) {
        let run = Run(batches: 300, width: 10)
        var decoder = OptimalDecoder(featureCount: run.features, width: 10, hasBias: true, decay: decay)
        var dense = DenseLeastSquares(features: run.features, width: 10, hasBias: true)
        for i in 0..<300 {
            decoder.train(run.batch(i), codes: run.codes[i])
            dense.learn(run.rows(i), codes: run.codes[i], decay: decay)
        }
        let expected = DenseLeastSquares.gram(dense.cross)
        let incremental = decoder.used(decoder.crossGram)
        #expect(relativeError(incremental, expected) < 1e-5)
        decoder.refresh(execution: .serial)
        let refreshed = decoder.used(decoder.crossGram)
        #expect(relativeError(incremental, refreshed) < 1e-5)
        #expect(relativeError(refreshed, expected) < 2e-6)
    }

    /// Refreshing writes the lazy scale into B, which must not change what the decoder says.
    @Test func refreshingChangesNothing() {
        let run = Run(batches: 30, width: 6)
        var decoder = OptimalDecoder(featureCount: run.features, width: 6, hasBias: true, decay: 0.8)
        for i in 0..<29 { decoder.train(run.batch(i), codes: run.codes[i]) }
        var refreshed = decoder
        refreshed.refresh(execution: .serial)
        refreshed.solve(ridge: 1e-3, workspace: DecoderWorkspace(), execution: .serial)
        let before = decoder.evaluate(run.batch(29), codes: run.codes[29])
        let after = refreshed.evaluate(run.batch(29), codes: run.codes[29])
        #expect(abs(before.loss.reconstruction - after.loss.reconstruction) < 1e-5 * 2 * before.loss.reference)
        let error = relativeError(
            refreshed.linearDecoder.rows(withBias: true),
            decoder.linearDecoder.rows(withBias: true))
        #expect(error < 1e-5)
    }

    @Test func forgettingStartsAnew() {
        let run = Run(batches: 4, width: 6)
        var decoder = OptimalDecoder(
            featureCount: run.features, width: 6, hasBias: true, penalties: [.l1(0.5)], decay: 0.9)
        var fresh = decoder
        decoder.train(run.batch(0), codes: run.codes[0])
        decoder.forget()
        for i in 1..<3 {
            decoder.train(run.batch(i), codes: run.codes[i])
            fresh.train(run.batch(i), codes: run.codes[i])
        }
        let a = decoder.evaluate(run.batch(3), codes: run.codes[3])
        let b = fresh.evaluate(run.batch(3), codes: run.codes[3])
        #expect(a.delta == b.delta)
        #expect(a.loss.reconstruction == b.loss.reconstruction && a.loss.penalty == b.loss.penalty)
        #expect(a.loss.penalty > 0)
    }

    /// Nothing collected, or only inactive units: the decoder is zero, or the mean, and the loss finite.
    @Test(arguments: [false, true])
    func silentUnitsAreHarmless(hasBias: Bool) {
        let run = Run(batches: 2, width: 4)
        var decoder = OptimalDecoder(featureCount: run.features, width: 4, hasBias: hasBias)
        let silent = [Float](repeating: 0, count: 48)
        decoder.solve(ridge: 1e-3, workspace: DecoderWorkspace(), execution: .serial)
        #expect(decoder.evaluate(run.batch(0), codes: silent).loss.reconstruction.isFinite)
        decoder.train(run.batch(0), codes: silent)
        let (loss, delta) = decoder.evaluate(run.batch(1), codes: run.codes[1])
        #expect(loss.reconstruction.isFinite && delta.allSatisfy { $0 == 0 })
        let weights = decoder.linearDecoder.weights.elements
        #expect(weights.allSatisfy { $0 == 0 })
    }

    @Test(arguments: [2, 3])
    func threadsDoNotMatter(threads: Int) {
        let matrix = GeneratedMatrix.random(rows: 300, columns: 700, density: 0.05, seed: 12)
        func deltas(_ threads: Int) -> [Float] {
            let execution = Execution(parallelism: Parallelism(threads: threads))
            var decoder = OptimalDecoder(featureCount: 700, width: 90, hasBias: true, decay: 0.9)
            let workspace = DecoderWorkspace()
            let codes = Numbers.codes(rows: 300, width: 90, seed: 5)
            var delta = codes
            for _ in 0..<3 {
                let batch = matrix.batch(matrix.allRows)
                _ = decoder.evaluate(batch, codes: codes, delta: &delta, workspace: workspace, execution: execution)
                decoder.learn(batch, codes: codes, workspace: workspace, rate: 1, execution: execution)
            }
            return delta
        }
        #expect(deltas(threads) == deltas(1))
    }
}

extension OptimalDecoder {
    /// D and c as they stand.
    var linearDecoder: LinearDecoder {
        var copy = self
        return copy.takeLinearDecoder(execution: .serial)
    }
}

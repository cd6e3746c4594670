import SparseMatrices
import Testing

@testable import Autoencoders

/// A document's vector is the same, bit for bit, wherever the document stands and whatever stands beside it.
@Suite struct RowIndependenceTests {
    private static let copies = 37

    /// Documents of which one occurs 37 times: alone, together, among others in shuffled order, and around the borders of
    /// the blocks that encoding cuts rows into.
    private struct Arrangement {
        let matrix: CSRMatrix
        /// Where the one document is.
        let places: [Int]

        init(_ documents: CSRMatrix, order: [Int]) {
            matrix = documents.rows(order)
            places = order.indices.filter { order[$0] == 0 }
        }

        static func all(of documents: CSRMatrix) -> [Arrangement] {
            var generator = RandomGenerator(seed: 5, stream: 1)
            let alone = [0], together = [Int](repeating: 0, count: copies)
            let others = Array(1..<documents.rowCount)
            var mixed = (together + others).map { ($0, generator.nextUniform()) }
            mixed.sort { $0.1 < $1.1 }
            let long = (0..<1_100).map { $0 % 30 == 11 || (1_020...1_028).contains($0) ? 0 : others[$0 % others.count] }
            return [alone, together, mixed.map(\.0), together + others, others + together, long].map {
                Arrangement(documents, order: $0)
            }
        }
    }

    private let documents = GeneratedMatrix.random(rows: 90, columns: 40, density: 0.25, seed: 71).asCounts

    private func expectOneVector(
        _ name: String, sourceLocation: SourceLocation = #_sourceLocation,
        _ encode: (CSRMatrix, Execution) -> DenseMatrix
    ) {
        var vectors: Set<[UInt32]> = []
        for arrangement in Arrangement.all(of: documents) {
            for threads in [1, 2] {
                let codes = encode(arrangement.matrix, Execution(parallelism: Parallelism(threads: threads)))
                for place in arrangement.places { vectors.insert(codes.row(place).map(\.bitPattern)) }
            }
        }
        #expect(vectors.count == 1, "\(name)", sourceLocation: sourceLocation)
    }

    /// Widths of whole SIMD lanes, and of parts of them.
    @Test(
        arguments: [Activation.relu, .linear, .sigmoid, .tanh, .topK(5), .batchTopK(5), .jumpReLU, .kCompetitive(6)],
        [[], [13], [32, 16], [20, 9]])
    func codesOfSparseAutoencoders(activation: Activation, hiddenWidths: [Int]) {
        for (latentWidth, hidden) in [(16, Activation.relu), (21, .tanh), (50, .sigmoid)] {
            let model = EncoderUnderTest(
                matrix: documents, widths: hiddenWidths + [latentWidth], hidden: hidden, activation: activation)
            expectOneVector("\(hiddenWidths), \(latentWidth) units") { model.encoder.encode($0, execution: $1) }
        }
    }

    @Test(arguments: LikelihoodKind.allCases)
    func codesOfVariationalAutoencoders(likelihood: LikelihoodKind) {
        for (hiddenWidths, latentWidth) in [([19], 7), ([32], 16), ([33, 24], 50)] {
            let model = VariationalAutoencoder.random(
                features: documents.columnCount, hiddenWidths: hiddenWidths, latentWidth: latentWidth,
                likelihood: likelihood)
            expectOneVector("\(hiddenWidths), \(latentWidth) units") { model.encode($0, execution: $1) }
        }
    }

    /// The posterior's spread, too: documents are embedded with it on request.
    @Test func variancesOfVariationalAutoencoders() {
        let model = VariationalAutoencoder.random(features: 40, hiddenWidths: [33], latentWidth: 21)
        let posterior = GaussianPosterior()
        expectOneVector("log-variances") { documents, execution in
            var variances = DenseMatrix(rowCount: documents.rowCount, columnCount: 21)
            model.encoder.encodeBlocks(of: model.encoderInputs(from: documents), execution: execution) { hidden, rows in
                model.latent.forward(hidden, rows: rows.count, into: posterior, parallelism: execution.parallelism)
                variances.withUnsafeMutableElements {
                    ($0 + rows.lowerBound * 21).update(from: posterior.logVariance.elements, count: rows.count * 21)
                }
            }
            return variances
        }
    }
}

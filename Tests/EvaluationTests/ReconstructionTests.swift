import Autoencoders
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct ReconstructionTests {
    func randomMatrix(_ rows: Int, _ columns: Int, _ generator: inout RandomGenerator, scale: Float) -> DenseMatrix {
        DenseMatrix(
            rowCount: rows, columnCount: columns,
            elements: (0..<rows * columns).map { _ in scale * generator.nextNormal() })
    }

    func randomCorpus(rows: Int, columns: Int, _ generator: inout RandomGenerator) throws -> CSRMatrix {
        var offsets = [0]
        var indices: [UInt32] = []
        for row in 0..<rows {
            // Every seventh row is empty.
            for column in 0..<columns where row % 7 != 3 && generator.nextUniform() < 0.2 {
                indices.append(UInt32(column))
            }
            offsets.append(indices.count)
        }
        let values = indices.map { _ in generator.nextNormal() }
        return try CSRMatrix(
            rowCount: rows, columnCount: columns, rowOffsets: offsets, columnIndices: indices, values: values)
    }

    func autoencoder(features: Int, width: Int, _ activation: Activation, _ generator: inout RandomGenerator)
        -> SparseAutoencoder
    {
        SparseAutoencoder(
            encoder: SparseEncoder(
                input: LinearLayer(
                    weights: randomMatrix(features, width, &generator, scale: 0.5),
                    bias: (0..<width).map { _ in 0.1 * generator.nextNormal() }), activation: activation),
            decoder: LinearDecoder(
                weights: randomMatrix(features, width, &generator, scale: 0.2),
                bias: (0..<features).map { _ in 0.3 * generator.nextNormal() }))
    }

    /// The definitions word for word, on dense rows.
    func plainReport(_ model: SparseAutoencoder, _ x: CSRMatrix) -> (fvu: Double, mse: Double, active: Double) {
        let codes = model.encoder.encode(x)
        var rows: [[Double]] = []
        for row in 0..<x.rowCount {
            var dense = [Double](repeating: 0, count: x.columnCount)
            let (columns, values) = x.row(row)
            for (column, value) in zip(columns, values) { dense[Int(column)] = Double(value) }
            rows.append(dense)
        }
        let mean = (0..<x.columnCount).map { v in rows.reduce(0) { $0 + $1[v] } / Double(rows.count) }
        var (error, length, spread, active) = (0.0, 0.0, 0.0, 0)
        for (row, dense) in rows.enumerated() {
            let code = codes.row(row)
            active += code.count { $0 != 0 }
            for v in dense.indices {
                var reconstruction = Double(model.decoder.bias[v])
                for (unit, activity) in code.enumerated() {
                    reconstruction += Double(model.decoder.weights[v, unit]) * Double(activity)
                }
                error += (dense[v] - reconstruction) * (dense[v] - reconstruction)
                length += dense[v] * dense[v]
                spread += (dense[v] - mean[v]) * (dense[v] - mean[v])
            }
        }
        return (error / spread, error / length, Double(active) / Double(rows.count))
    }

    @Test(arguments: [Activation.relu, .linear, .tanh, .topK(3), .batchTopK(3), .jumpReLU], [1, 30, 1100])
    func agreesWithTheDefinitionsOnDenseRows(activation: Activation, rows: Int) throws {
        var generator = RandomGenerator(seed: 5, stream: UInt64(rows))
        let x = try randomCorpus(rows: max(2, rows), columns: 23, &generator)
        let model = autoencoder(features: 23, width: 6, activation, &generator)
        let plain = plainReport(model, x)
        for threads in 1...2 {
            let report = try model.reconstruction(
                of: x, execution: Execution(parallelism: Parallelism(threads: threads)))
            #expect(report.documents == x.rowCount && report.activeUnits == plain.active)
            #expect(abs(try #require(report.unexplainedVariance) - plain.fvu) < 1e-9 * plain.fvu)
            #expect(abs(try #require(report.normalizedError) - plain.mse) < 1e-9 * plain.mse)
        }
    }

    @Test func featuresBeyondOneBlockCount() throws {
        var generator = RandomGenerator(seed: 6, stream: 1)
        let x = try randomCorpus(rows: 9, columns: 4200, &generator)
        let model = autoencoder(features: 4200, width: 2, .relu, &generator)
        let report = try model.reconstruction(of: x)
        #expect(abs(try #require(report.unexplainedVariance) - plainReport(model, x).fvu) < 1e-9)
    }

    @Test func whereThereIsNothingToExplainNothingIsReported() throws {
        var generator = RandomGenerator(seed: 7, stream: 1)
        let model = autoencoder(features: 3, width: 2, .relu, &generator)
        let empty = try CSRMatrix(rowCount: 2, columnCount: 3, rowOffsets: [0, 0, 0], columnIndices: [], values: [])
        #expect(try model.reconstruction(of: empty).unexplainedVariance == nil)
        #expect(try model.reconstruction(of: empty).normalizedError == nil)
        let same = try CSRMatrix(
            rowCount: 3, columnCount: 3, rowOffsets: [0, 1, 2, 3], columnIndices: [1, 1, 1], values: [0.1, 0.1, 0.1])
        #expect(try model.reconstruction(of: same).unexplainedVariance == nil)
        #expect(try model.reconstruction(of: same).normalizedError != nil)
    }

    @Test func deadUnitsAreThoseThatNoRowActivates() throws {
        let encoder = SparseEncoder(
            input: LinearLayer(
                weights: DenseMatrix(rowCount: 2, columnCount: 4, elements: [1, 0, 0, -1, 0, 1, 0, 0]),
                bias: [0, 0, 0, 0]), activation: .relu)
        let model = SparseAutoencoder(
            encoder: encoder,
            decoder: LinearDecoder(weights: DenseMatrix(rowCount: 2, columnCount: 4), bias: [0, 0]))
        let x = try CSRMatrix(
            rowCount: 2, columnCount: 2, rowOffsets: [0, 1, 2], columnIndices: [0, 1], values: [1, 1])
        #expect(try model.deadFraction(on: x) == 0.5)
        #expect(try model.deadFraction(on: x.rows(0..<1)) == 0.75)
        #expect(try model.deadFraction(on: x.rows(0..<0)) == 1)
    }
}

import NumericTolerance
import RealModule
import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct StandardizationTests {
    /// Feature 0 is a constant, 1 has zeros that are not stored, 2 is large and far from zero, 3 is always zero.
    private let table = try! CSRMatrix(
        rowCount: 4, columnCount: 4, rowOffsets: [0, 3, 6, 8, 11], columnIndices: [0, 1, 2, 0, 1, 2, 0, 2, 0, 1, 2],
        values: [5, 2, 1010, 5, -2, 990, 5, 1010, 5, 4, 990])

    @Test func trainingRowsHaveMeanZeroAndVarianceOne() {
        let rows = WeightedRows(table)
        let standardized = FeatureStandardization(of: rows, rows: [0, 1, 2, 3]).apply(to: rows)
        #expect(standardized.entryCount == 16)
        for (feature, variance) in [0.0, 1, 1, 0].enumerated() {
            let values = (0..<4).map { Double(standardized.row($0).values[feature]) }
            // x/s − m/s, each a few times rounded, of numbers up to m/s = 100.
            let largest = feature == 2 ? 1000.0 / 10 : 2
            #expect(abs(values.reduce(0, +)) <= 4 * tolerance(terms: 3) * largest)
            #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 4 - variance) <= 2 * 2 * tolerance(terms: 3) * largest)
        }
    }

    /// Rows held out have no say in means and deviations.
    @Test func onlyTheGivenRowsCount() {
        let rows = WeightedRows(table)
        let standardized = FeatureStandardization(of: rows, rows: [0, 1]).apply(to: rows)
        #expect((0..<4).map { standardized.row($0).values[1] } == [1, -1, 0, 2])
        #expect((0..<4).map { standardized.row($0).values[2] } == [1, -1, 1, -1])
    }

    /// The codes and reconstructions of rows as they come are those of standardised rows, turned back.
    @Test(arguments: [[], [6]])
    func undoingItTakesDataAsTheyCome(hiddenWidths: [Int]) {
        let rows = WeightedRows(table)
        let standardization = FeatureStandardization(of: rows, rows: [0, 1, 2, 3])
        let standardized = standardization.apply(to: rows)
        var generator = RandomGenerator(seed: 1, stream: 1)
        let encoder = SparseEncoder(
            settings {
                $0.latentWidth = 3; $0.hiddenWidths = hiddenWidths
            }, rows: [0, 1, 2, 3],
            of: WeightedRows(standardized), generator: &generator)
        let model = SparseAutoencoder(
            encoder: encoder,
            decoder: LinearDecoder(weights: Numbers.matrix(4, 3, seed: 2), bias: Numbers.normal(4, seed: 3)))
        var plain = model
        standardization.fold(into: &plain)
        let (codes, expected) = (plain.encoder.encode(table), encoder.encode(standardized))
        for (a, b) in zip(codes.elements, expected.elements) { #expect(abs(a - b) < 1e-3) }
        // A reconstruction of 10 standard deviations more is one of 100 more, about a mean of 1000.
        let means: [Float] = [5, 1, 1000, 0]
        let deviations: [Float] = [5, Float(5).squareRoot(), 10, 1]
        for feature in 0..<4 {
            #expect(
                abs(plain.decoder.bias[feature] - deviations[feature] * model.decoder.bias[feature] - means[feature])
                    < 1e-3)
            for unit in 0..<3 {
                let (a, b) = (plain.decoder.weights[feature, unit], model.decoder.weights[feature, unit])
                #expect(abs(a - deviations[feature] * b) < 1e-4 * max(1, abs(a)))
            }
        }
    }

    /// Without it, a model of two units would spend both on the column with the largest numbers.
    @Test func unitsOfMeasureDoNotMatter() throws {
        let plain = measurements(scales: [1, 1, 1, 1], shifts: [0, 0, 0, 0])
        let shifted = measurements(scales: [1e-3, 1, 1e3, 1], shifts: [0, 5, 2e4, -3])
        let choice = settings {
            $0.latentWidth = 2; $0.activation = .linear
        }
        let errors = try [plain, shifted].map { table in
            let log = TrainingLog<ReconstructionFigures>()
            let model = try trainSparseAutoencoder(on: table, choice, training: training(epochs: 20), onEvent: log.note)
            #expect(model.isFinite)
            return try #require(log.final).unexplained
        }
        #expect(errors[0] < 0.2 && abs(errors[0] - errors[1]) < 0.02)
    }

    /// In other units a Gaussian model says the same: densities differ by the product of the scales.
    @Test func aGaussianModelFollowsTheUnitsOfMeasure() throws {
        let scales: [Float] = [1e-3, 1, 1e3, 4]
        let plain = measurements(scales: [1, 1, 1, 1], shifts: [0, 0, 0, 0])
        let shifted = measurements(scales: scales, shifts: [0, 5, 2e4, -3])
        var choice = VariationalSettings()
        (choice.latentWidth, choice.hiddenWidths, choice.likelihood) = (2, [20], .gaussian)
        #expect(choice.standardizes(shifted) && choice.denoising(of: shifted) == 0)
        let models = try [plain, shifted].map {
            try trainVariationalAutoencoder(on: $0, choice, training: training(epochs: 30))
        }
        let losses = zip(models, [plain, shifted]).map { model, table in
            model.bound(on: table, VariationalAutoencoder.BoundSettings()).loss
        }
        let volume = scales.reduce(0) { $0 + Double.log(Double($1)) }
        #expect(abs(losses[0] + volume - losses[1]) < 0.1)
        // Four independent features of variance 1.01 would have 5.7 nats.
        #expect(losses[0] < 4)
    }

    @Test func whatIsChosenForWhichData() {
        let sparse = PlantedTopics(documents: 100, words: 60).matrix
        #expect(table.isDense && !sparse.isDense)
        let standard = AutoencoderSettings()
        #expect(standard.standardizes(table) && !standard.standardizes(sparse))
        #expect(!settings { $0.standardization = false }.standardizes(table))
        #expect(!settings { $0.objective = .likelihood(.poisson) }.standardizes(table))
        #expect(!settings { $0.hasDecoderBias = false }.standardizes(table))
        #expect(standard.denoising(of: sparse) == 0.6 && standard.denoising(of: table) == 0)
        #expect(settings { $0.activation = .topK(3) }.denoising(of: sparse) == 0.4)
        #expect(settings { $0.denoising = 0.2 }.denoising(of: table) == 0.2)
    }

    /// 120 rows of four features, two and two of which tell the same.
    private func measurements(scales: [Float], shifts: [Float]) -> CSRMatrix {
        let causes = Numbers.normal(240, seed: 4)
        let noise = Numbers.normal(480, seed: 5)
        let values = (0..<480).map { i in
            let (row, feature) = (i / 4, i % 4)
            return scales[feature] * (causes[2 * row + feature / 2] + 0.1 * noise[i]) + shifts[feature]
        }
        return try! CSRMatrix(
            rowCount: 120, columnCount: 4, rowOffsets: (0...120).map { 4 * $0 },
            columnIndices: (0..<480).map { UInt32($0 % 4) }, values: values)
    }
}

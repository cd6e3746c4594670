import SparseMatrices
import Testing

@testable import Autoencoders

/// Training on rows that are weighted on the way gives, bit for bit, what training on a weighted copy gives.
@Suite struct WeightedTrainingTests {
    @Test(arguments: [
        (ReconstructionObjective.squaredError, AutoencoderSettings.DecoderKind.optimal),
        (.squaredError, .trained), (.likelihood(.poisson), .optimal),
    ])
    func weightingOnTheWayChangesNothing(
        objective: ReconstructionObjective, decoder: AutoencoderSettings.DecoderKind
    ) throws {
        let matrix = GeneratedMatrix.random(rows: 60, columns: 30, density: 0.2, seed: 4)
        let rows = WeightedRows(matrix) { columns, values in
            let sum = values.reduce(0) { $0 + abs($1) }
            for i in values.indices { values[i] = (1 + abs(values[i]) / sum) * Float(columns[i] % 5 + 1) }
        }
        var settings = AutoencoderSettings()
        settings.latentWidth = 6
        settings.objective = objective
        settings.decoder = decoder
        var training = TrainingSettings()
        training.epochs = 3
        training.batchSize = 16
        training.validationFraction = 0.2
        let models = try [
            trainSparseAutoencoder(on: rows, settings, training: training),
            trainSparseAutoencoder(on: rows.weighted(), settings, training: training),
        ]
        let weights = models.map { $0.encoder.input.weights.elements.map(\.bitPattern) }
        let decoders = models.map { $0.decoder.weights.elements.map(\.bitPattern) }
        #expect(weights[0] == weights[1] && decoders[0] == decoders[1])
        #expect(models[0].decoder.bias == models[1].decoder.bias)
    }

    @Test(arguments: LikelihoodKind.allCases)
    func variationalTrainingToo(likelihood: LikelihoodKind) throws {
        let matrix = GeneratedMatrix.random(rows: 60, columns: 30, density: 0.2, seed: 4).asCounts
        let rows = WeightedRows(matrix) { columns, values in
            for i in values.indices { values[i] += Float(columns[i] % 3) }
        }
        var settings = VariationalSettings()
        (settings.likelihood, settings.latentWidth, settings.hiddenWidths) = (likelihood, 3, [7])
        (settings.denoising, settings.dreaming) = (0.2, 0.5)
        let training = training(epochs: 2) { $0.validationFraction = 0.2 }
        let models = try [
            trainVariationalAutoencoder(on: rows, settings, training: training),
            trainVariationalAutoencoder(on: rows.weighted(), settings, training: training),
        ]
        #expect(models[0].bits == models[1].bits)
    }

    @Test(arguments: AutoencoderSettings.DecoderKind.allCases)
    func featuresThatNoRowHasChangeNothing(decoder: AutoencoderSettings.DecoderKind) throws {
        // Without features that no row has, so that both runs compute with the same numbers in the same places.
        let all = PlantedTopics(documents: 90, words: 40).matrix
        let planted = WeightedRows(all).keeping(OccupiedColumns(of: all)).weighted()
        let wide = try CSRMatrix(
            rowCount: planted.rowCount, columnCount: 4 * planted.columnCount, rowOffsets: planted.rowOffsets,
            columnIndices: planted.columnIndices.map { 3 * $0 + 7 }, values: planted.values)
        let settings = settings {
            $0.decoder = decoder; $0.latentWidth = 5
        }
        let training = training(epochs: 3) { $0.validationFraction = 0.2 }
        let models = try [planted, wide].map { try trainSparseAutoencoder(on: $0, settings, training: training) }
        #expect(models[1].featureCount == wide.columnCount)
        #expect(models[0].encoder.input.bias == models[1].encoder.input.bias)
        for (weights, wideWeights) in [
            (models[0].encoder.input.weights, models[1].encoder.input.weights),
            (models[0].decoder.weights, models[1].decoder.weights),
        ] {
            for feature in 0..<wide.columnCount {
                let source = (feature - 7) % 3 == 0 ? (feature - 7) / 3 : -1
                let isOccupied = (0..<planted.columnCount).contains(source)
                #expect(wideWeights.row(feature) == (isOccupied ? weights.row(source) : [0, 0, 0, 0, 0]))
            }
        }
    }
}

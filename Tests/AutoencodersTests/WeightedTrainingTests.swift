import SparseMatrices
import Testing

@testable import Autoencoders

/// Training on rows that are weighted on the way gives, bit for bit, what training on a weighted copy gives.
@Suite struct WeightedTrainingTests {
    @Test(arguments: [
        (ReconstructionObjective.squaredError, AutoencoderSettings.DecoderKind.optimal),
        (.squaredError, .trained), (.poisson, .optimal),
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
}

import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct FeatureEmphasisTests {
    /// Feature 0 in all four rows, feature 1 in one, feature 2 in none.
    private let matrix = try! CSRMatrix(
        rowCount: 4, columnCount: 3, rowOffsets: [0, 1, 3, 4, 5], columnIndices: [0, 0, 1, 0, 0],
        values: [1, 2, 3, 4, -5])

    @Test func factorsAreTheFormula() throws {
        let emphasis = try #require(FeatureEmphasis(power: 2, documentFrequencies: [4, 1, 0], rows: 4))
        let rare = 1 + 0.916290731874155  // ln(5/2)
        #expect(emphasis.factors[0] == 1 && emphasis.factors[2] == 1)
        #expect(abs(Double(emphasis.factors[1]) - rare * rare) < 1e-6)
        let scaled = emphasis.apply(to: WeightedRows(matrix)).weighted()
        #expect(scaled.row(1).values == [2, 3 * emphasis.factors[1]] && scaled.row(3).values == [-5])
    }

    @Test func whereThereIsNothingRareNothingChanges() {
        #expect(FeatureEmphasis(power: 0, documentFrequencies: [4, 1, 0], rows: 4) == nil)
        #expect(FeatureEmphasis(power: 1, documentFrequencies: [3, 0, 0], rows: 3) == nil)
    }

    /// The power falls from 1 to 0 as more of the entries are of features in more than a tenth of the rows.
    @Test func thePowerFollowsHowCommonFeaturesAre() {
        func choice(_ common: Int, of entries: Int) -> ChosenEmphasis {
            // Common features are in 20 of 100 rows, others in 10.
            ChosenEmphasis(
                documentFrequencies: Array(repeating: 20, count: common / 20)
                    + Array(repeating: 10, count: (entries - common) / 10), rows: 100)
        }
        #expect(choice(0, of: 1000).power == 1 && choice(40, of: 1000).power == 1)
        #expect(choice(200, of: 1000).power == 0 && choice(1000, of: 1000).power == 0)
        #expect(abs(choice(120, of: 1000).power - 8 / 15) < 1e-6)
        #expect(choice(120, of: 1000).commonShare == 0.12)
        #expect(ChosenEmphasis(documentFrequencies: [], rows: 0).commonShare == 0)
    }

    /// Codes and, of a trained decoder, reconstructions are the same with the emphasis as without it afterwards.
    @Test(arguments: AutoencoderSettings.DecoderKind.allCases)
    func givingItUpChangesNoModel(kind: AutoencoderSettings.DecoderKind) throws {
        let planted = PlantedTopics(documents: 100, words: 60).matrix
        let rows = Array(0..<100)
        let emphasis = try #require(
            FeatureEmphasis(
                power: 1, documentFrequencies: WeightedRows(planted).rowCountsOfColumns(in: rows), rows: 100))
        var generator = RandomGenerator(seed: 1, stream: 1)
        let encoder = SparseEncoder(
            settings { $0.latentWidth = 5 }, rows: rows, of: emphasis.apply(to: WeightedRows(planted)),
            generator: &generator)
        func check<Decoder: ReconstructionDecoder>(
            _ decoder: Decoder,
            fit: (inout AutoencoderTrainer<Decoder>, [Int], Double, Bool) -> Void = { _, _, _, _ in }
        ) {
            var trainer = AutoencoderTrainer(
                encoder: encoder, decoder: decoder, matrix: WeightedRows(planted),
                transform: InputTransform(emphasis: emphasis, scale: 2),
                execution: .serial)
            fit(&trainer, rows, 0.1, true)
            var unchanged = trainer
            let before = unchanged.takeModel()
            trainer.dropEmphasis(WeightedRows(planted))
            fit(&trainer, rows, 0.1, false)
            let after = trainer.takeModel()
            #expect(after.encoder.encode(planted).elements == before.encoder.encode(planted).elements)
            for (a, b) in zip(after.decoder.weights.elements, before.decoder.weights.elements) {
                #expect(abs(a - b) < 1e-4 * max(1, abs(b)))
            }
        }
        switch kind {
        case .optimal:
            check(OptimalDecoder(featureCount: 60, width: 5, hasBias: true)) {
                $0.fitDecoder(to: $1, ridge: $2, isTraining: $3)
            }
        case .trained:
            let linear = LinearDecoder(weights: Numbers.matrix(60, 5, seed: 2), bias: Numbers.normal(60, seed: 3))
            check(TrainedDecoder(linear))
        }
    }
}

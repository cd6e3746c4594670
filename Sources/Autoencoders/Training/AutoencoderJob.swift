import SparseMatrices

/// Everything about the training of a sparse autoencoder that does not change while it runs.
struct AutoencoderJob {
    /// In the transform's columns.
    let matrix: WeightedRows
    let transform: InputTransform
    /// What steps are multiplied by on account of the transform's emphasis.
    let rateFactor: Float
    let settings: AutoencoderSettings
    let training: TrainingSettings
    let plan: TrainingPlan
    let execution: Execution

    var driver: EpochDriver { EpochDriver(plan: plan, training: training, matrix: matrix, execution: execution) }

    /// H/n: what a unit has to learn from, inverted.
    private var unitsPerDocument: Double { Double(settings.latentWidth) / Double(plan.trainingRows.count) }
    var ridge: Double {
        settings.ridge.map(Double.init) ?? (matrix.matrix.isDense ? 0.01 : min(2, 4 * unitsPerDocument))
    }

    /// Of the decoder that goes with the finished encoder, which does not change any more.
    var finalRidge: Double { max(1e-3, min(ridge, unitsPerDocument, 0.5)) }

    func optimalDecoder() -> OptimalDecoder {
        OptimalDecoder(
            featureCount: matrix.columnCount, width: settings.latentWidth, hasBias: settings.hasDecoderBias,
            penalties: CodePenalties(settings),
            decay: max(0, 1 - Double(plan.batchSize) / Double(plan.trainingRows.count)), ridge: ridge)
    }

    func trainedDecoder(for encoder: SparseEncoder) -> TrainedDecoder {
        let bias = [Float](repeating: 0, count: matrix.columnCount)
        return TrainedDecoder(
            LinearDecoder(weights: tiedWeights(of: encoder), bias: bias), penalties: CodePenalties(settings))
    }

    /// With the bias of independent features.
    func likelihoodDecoder(_ kind: LikelihoodKind, for encoder: SparseEncoder) -> LikelihoodDecoder {
        let start = DecoderStart(kind, matrix, rows: plan.trainingRows)
        return LikelihoodDecoder(
            LinearDecoder(weights: tiedWeights(of: encoder), bias: start.bias), objective: settings.objective,
            penalties: CodePenalties(settings))
    }

    /// A unit adds to a document at first what it is active on; behind hidden layers, nothing.
    private func tiedWeights(of encoder: SparseEncoder) -> DenseMatrix {
        settings.hiddenWidths.isEmpty
            ? encoder.input.weights : DenseMatrix(rowCount: matrix.columnCount, columnCount: settings.latentWidth)
    }
}

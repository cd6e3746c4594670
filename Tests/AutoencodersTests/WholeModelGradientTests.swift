import NumericTolerance
import SparseMatrices
import Testing

@testable import Autoencoders

/// The gradient of the whole loss, penalties included, in every weight of the encoder, for every objective and
/// activation, as training has them.
@Suite struct WholeModelGradientTests {
    struct Case: CustomTestStringConvertible {
        let widths: [Int]
        let activation: Activation
        var competes: Bool { activation.function is KCompetitiveActivation }
        var testDescription: String { "\(widths) \(activation)" }
    }

    private static let cases = [
        Case(widths: [6], activation: .relu),
        Case(widths: [7, 6], activation: .tanh),
        Case(widths: [6], activation: .sigmoid),
        Case(widths: [8], activation: .topK(3)),
        Case(widths: [8], activation: .batchTopK(3)),
        Case(widths: [7, 8], activation: .batchTopK(2)),
        Case(widths: [6], activation: .jumpReLU),
        Case(widths: [7, 6], activation: .jumpReLU),
        Case(widths: [8], activation: .kCompetitive(4)),
        Case(widths: [7, 8], activation: .kCompetitive(3)),
    ]
    private static let penalties: [SparsityPenalty] = [.l1(0.05), .l2(0.05), .kl(target: 0.3, weight: 0.1), .l0(0.02)]

    @Test(arguments: cases, [false, true])
    func squaredErrorWithTheOptimalDecoder(shape: Case, isCorrupted: Bool) {
        check(
            model(shape, isCorrupted),
            problem(shape).optimalDecoder(hasBias: true, penalties: Self.penalties))
    }

    @Test(arguments: cases, [false, true])
    func squaredErrorWithATrainedDecoder(shape: Case, isCorrupted: Bool) {
        check(
            model(shape, isCorrupted),
            TrainedDecoder(problem(shape).linearDecoder(), penalties: CodePenalties(Self.penalties)))
    }

    @Test(arguments: cases, ReconstructionObjective.allCases.filter { $0 != .squaredError })
    func likelihoods(shape: Case, objective: ReconstructionObjective) throws {
        let kind = try #require(objective.likelihood as LikelihoodKind?)
        // Winners take over six times what the losers had: the logits of such codes would be too large for rates.
        let linear = problem(shape).linearDecoder(scale: shape.competes ? 0.03 : 0.5)
        for isCorrupted in [false, true] {
            check(
                model(shape, isCorrupted, kind: kind),
                LikelihoodDecoder(
                    linear, dispersion: .shared(objective, features: 16), objective: objective,
                    penalties: CodePenalties(Self.penalties)))
        }
    }

    /// JumpReLU's thresholds have no derivative; what stands for it is
    /// −Σ_rows [θ·∂L/∂h + λ/rows]/ε where |z − θ| ≤ ε/2, here from z in Double.
    @Test(arguments: [[6], [7, 6]])
    func jumpReLUsThresholdGradientIsItsDefinition(widths: [Int]) throws {
        let shape = Case(widths: widths, activation: .jumpReLU)
        let model = model(shape, false)
        let decoder = TrainedDecoder(problem(shape).linearDecoder(), penalties: CodePenalties(Self.penalties))
        let workspace = EncoderWorkspace(activityPrice: decoder.penalties.activityPrice)
        let training = try #require(workspace.training(of: .jumpReLU) as? JumpReLUActivation.Training)
        training.bandwidth = 0.5
        let codes = model.forward(model.encoder, workspace).codes
        let delta = decoder.evaluate(model.batch, codes: codes).delta
        workspace.codeDelta.fill(delta)
        var gradient = SparseEncoderGradient()
        model.encoder.backward(model.batch, workspace: workspace, into: &gradient, execution: .serial)
        let rows = model.batch.rowCount, width = 6
        let z = model.preActivations()
        var near = 0
        for unit in 0..<width {
            let theta = Double(model.encoder.thresholds[unit]), price = Double(training.activityPrice)
            var expected = 0.0, magnitude = 0.0
            for row in 0..<rows where abs(z[row][unit] - theta) <= 0.25 {
                near += 1
                let slope = Double(delta[row * width + unit])
                expected -= (theta * slope + price / Double(rows)) / 0.5
                magnitude += (theta * abs(slope) + price / Double(rows)) / 0.5
            }
            // A sum of `rows` terms, each of four roundings.
            let error = abs(Double(training.thresholdGradient[unit]) - expected)
            #expect(error <= tolerance(terms: rows + 4) * magnitude, "unit \(unit)")
        }
        #expect(near >= 5 && decoder.penalties.activityPrice > 0)
    }

    private func problem(_ shape: Case) -> DecoderProblem {
        DecoderProblem(features: 16, width: shape.widths.last ?? 0)
    }

    private func model(_ shape: Case, _ isCorrupted: Bool, kind: LikelihoodKind? = nil) -> EncoderUnderTest {
        let matrix = GeneratedMatrix.random(rows: 9, columns: 16, density: 0.4, seed: 51)
        let width = shape.widths.last ?? 0
        return EncoderUnderTest(
            matrix: kind.map { $0.observations(from: matrix.asCounts) } ?? matrix, widths: shape.widths,
            activation: shape.activation,
            thresholds: shape.activation == .jumpReLU ? (0..<width).map { 0.1 + 0.05 * Float($0) } : nil,
            corruption: isCorrupted ? Corruption(probability: 0.4, seed: 1, epoch: 1) : nil)
    }

    private func check(_ model: EncoderUnderTest, _ decoder: some ReconstructionDecoder) {
        let (workspace, decoderWorkspace) = (EncoderWorkspace(), DecoderWorkspace())
        let codes = model.forward(model.encoder, workspace).codes
        workspace.codeDelta.fill(decoder.evaluate(model.batch, codes: codes, workspace: decoderWorkspace).delta)
        var gradient = SparseEncoderGradient()
        model.encoder.backward(model.batch, workspace: workspace, into: &gradient, execution: .serial)
        for parameters in model.parameters {
            expectGradient(
                "\(parameters)", model.values(parameters, of: gradient), at: model.values(parameters), step: 3e-3,
                // Of all sums in a loss, those of the decoder, of eight products at most, are rounded last.
                lossRounding: tolerance(terms: 8)
            ) { values in
                let output = model.forward(model.encoder(with: values, as: parameters), workspace)
                let loss = decoder.evaluate(model.batch, codes: output.codes, workspace: decoderWorkspace).loss
                let value = (loss.reconstruction + loss.penalty) / Double(model.batch.rowCount)
                return LossSample(value: value, activeSet: output.activeSet)
            }
        }
    }
}

extension EncoderUnderTest {
    /// z of the last layer, a row a document, by plain loops in Double; hidden layers are ReLU.
    fileprivate func preActivations() -> [[Double]] {
        batch.withInputs { x in
            (0..<x.rowCount).map { row in
                var z = encoder.input.bias.map(Double.init)
                for entry in x.entries(ofRow: row) {
                    for unit in z.indices {
                        z[unit] +=
                            Double(x.values[entry])
                            * Double(encoder.input.weights[Int(x.columnIndices[entry]), unit])
                    }
                }
                for layer in encoder.layers {
                    let h = z.map { max($0, 0) }
                    z = layer.bias.indices.map { unit in
                        h.indices.reduce(Double(layer.bias[unit])) { $0 + h[$1] * Double(layer.weights[$1, unit]) }
                    }
                }
                return z
            }
        }
    }
}

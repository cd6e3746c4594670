import Autoencoders
import SparseMatrices
import Testing

@Suite struct ActivationTests {
    private static let all: [Activation] = [.relu, .linear, .sigmoid, .tanh, .topK(3), .topK(100)]

    private func apply(_ activation: Activation, _ z: [Float], width: Int) -> [Float] {
        var h = z
        activation.apply(&h, rows: z.count / width, width: width, parallelism: .serial)
        return h
    }

    @Test(arguments: all)
    func gradientsAgreeWithDifferences(activation: Activation) {
        let (rows, width) = (70, 11)
        let z = Numbers.normal(rows * width, scale: 1.5, seed: 3)
        let loss = ProbeLoss(count: z.count)
        let h = apply(activation, z, width: width)
        var delta = loss.gradient(h)
        activation.backpropagate(&delta, outputs: h, rows: rows, width: width, parallelism: .serial)
        let coordinates = Array(stride(from: 0, to: z.count, by: 13))
        expectGradient("\(activation)", delta, at: z, step: 1e-2, coordinates: coordinates) { z in
            loss.sample(apply(activation, z, width: width), activeSet: true)
        }
    }

    @Test func outputsAreThoseOfTheFormulas() {
        let z: [Float] = [-30, -2, -0.5, 0, 0.25, 1, 4, 30, 3.5]
        func expect(_ activation: Activation, _ formula: (Double) -> Double) {
            for (h, z) in zip(apply(activation, z, width: z.count), z) {
                #expect(abs(Double(h) - formula(Double(z))) < 1e-6 * max(1, abs(Double(z))), "\(activation) of \(z)")
            }
        }
        expect(.relu) { max($0, 0) }
        expect(.linear) { $0 }
        expect(.tanh) { Double(tanhReference($0)) }
        expect(.sigmoid) { (1 + tanhReference($0 / 2)) / 2 }
        expect(.topK(2)) { $0 >= 4 ? $0 : 0 }
        expect(.topK(4)) { $0 >= 1 ? $0 : 0 }
        expect(.topK(9)) { max($0, 0) }
    }

    /// tanh by its continued fraction, which needs no library.
    private func tanhReference(_ x: Double) -> Double {
        if abs(x) > 20 { return x > 0 ? 1 : -1 }
        var fraction = 0.0
        for k in stride(from: 121.0, through: 1, by: -2) { fraction = x * x / (k + fraction) }
        return x == 0 ? 0 : fraction / x
    }

    @Test func topKKeepsEachRowsLargest() {
        let (rows, width, k) = (100, 13, 4)
        let z = Numbers.normal(rows * width, seed: 6)
        let h = apply(.topK(k), z, width: width)
        for row in 0..<rows {
            let range = row * width..<(row + 1) * width
            let expected = Set(range.filter { z[$0] > 0 }.sorted { z[$0] > z[$1] }.prefix(k))
            #expect(range.allSatisfy { h[$0] == (expected.contains($0) ? z[$0] : 0) }, "row \(row)")
        }
    }

    @Test(arguments: all)
    func threadsDoNotMatter(activation: Activation) {
        let z = Numbers.normal(500 * 9, seed: 4)
        let serial = apply(activation, z, width: 9)
        var parallel = z
        activation.apply(&parallel, rows: 500, width: 9, parallelism: Parallelism(threads: 3))
        #expect(parallel == serial)
    }
}

@Suite struct LinearLayerTests {
    @Test(arguments: GeneratedMatrix.all)
    func sparseOutputsAgreeWithDenseAlgebra(generated: GeneratedMatrix) {
        let x = generated.matrix
        let model = EncoderUnderTest(matrix: x, widths: [5], activation: .linear)
        let codes = model.forward(model.encoder, EncoderWorkspace()).codes
        let (weights, bias) = (model.encoder.input.weights, model.encoder.input.bias)
        for (row, values) in x.denseRows(x.allRows).enumerated() {
            for unit in 0..<5 {
                let expected = values.indices.reduce(Double(bias[unit])) { $0 + values[$1] * Double(weights[$1, unit]) }
                #expect(abs(Double(codes[row * 5 + unit]) - expected) < 1e-5, "(\(row), \(unit))")
            }
        }
    }

    /// The gradient of rows that the batch does not touch is zero by the differences, too.
    @Test(arguments: GeneratedMatrix.all)
    func sparseGradientsAgreeWithDifferences(generated: GeneratedMatrix) {
        let model = EncoderUnderTest(matrix: generated.matrix, widths: [4], activation: .linear)
        let loss = ProbeLoss(count: generated.matrix.rowCount * 4)
        let gradient = model.gradient(model.encoder, loss)
        for parameters in model.parameters {
            if case .inputWeights = parameters, generated.matrix.entryCount == 0 { continue }
            expectGradient(
                "\(generated.name): \(parameters)", model.values(parameters, of: gradient),
                at: model.values(parameters)
            ) { values in
                loss.sample(
                    model.forward(model.encoder(with: values, as: parameters), EncoderWorkspace()).codes)
            }
        }
        let untouched = Set(0..<generated.matrix.columnCount).subtracting(model.batch.touchedColumns.map(Int.init))
        let full = model.values(.inputWeights, of: gradient)
        let stray = untouched.filter { column in (0..<4).contains { full[column * 4 + $0] != 0 } }
        #expect(stray.isEmpty)
    }

    @Test(arguments: [(1, 1, 1), (5, 3, 4), (70, 6, 9)])
    func denseGradientsAgreeWithDifferences(rows: Int, inputs: Int, outputs: Int) {
        let layer = LinearLayer(
            weights: Numbers.matrix(inputs, outputs, seed: 1), bias: Numbers.normal(outputs, seed: 2))
        let x = Numbers.normal(rows * inputs, seed: 3)
        let loss = ProbeLoss(count: rows * outputs)
        func output(_ layer: LinearLayer, _ x: [Float]) -> [Float] {
            var y = [Float](repeating: .nan, count: rows * outputs)
            layer.forward(x, rows: rows, into: &y, parallelism: .serial)
            return y
        }
        var gradient = LinearGradient()
        var inputDelta = [Float](repeating: .nan, count: rows * inputs)
        layer.backward(
            x, delta: loss.gradient(output(layer, x)), rows: rows, into: &gradient, inputDelta: &inputDelta,
            parallelism: .serial)
        expectGradient("weights", gradient.weights.elements, at: layer.weights.elements) { values in
            let weights = DenseMatrix(rowCount: inputs, columnCount: outputs, elements: values)
            return loss.sample(output(LinearLayer(weights: weights, bias: layer.bias), x))
        }
        expectGradient("bias", gradient.bias, at: layer.bias) { values in
            loss.sample(output(LinearLayer(weights: layer.weights, bias: values), x))
        }
        expectGradient("input", inputDelta, at: x) { loss.sample(output(layer, $0)) }
    }
}

@Suite struct EncoderGradientTests {
    struct Shape: CustomTestStringConvertible {
        let widths: [Int]
        let hidden: Activation
        let activation: Activation
        var testDescription: String { "\(widths) \(hidden) \(activation)" }
    }

    private static let shapes = [
        Shape(widths: [6], hidden: .relu, activation: .relu),
        Shape(widths: [6], hidden: .relu, activation: .sigmoid),
        Shape(widths: [6], hidden: .relu, activation: .tanh),
        Shape(widths: [8], hidden: .relu, activation: .topK(3)),
        Shape(widths: [7, 6, 5], hidden: .relu, activation: .relu),
        Shape(widths: [7, 6, 5], hidden: .relu, activation: .linear),
        Shape(widths: [7, 6, 5], hidden: .tanh, activation: .sigmoid),
        Shape(widths: [7, 6, 5], hidden: .sigmoid, activation: .topK(2)),
    ]

    @Test(arguments: shapes)
    func gradientsAgreeWithDifferences(shape: Shape) {
        let x = GeneratedMatrix.random(rows: 9, columns: 12, density: 0.35, seed: 21)
        let model = EncoderUnderTest(
            matrix: x, widths: shape.widths, hidden: shape.hidden, activation: shape.activation)
        let loss = ProbeLoss(count: 9 * model.encoder.latentWidth)
        let gradient = model.gradient(model.encoder, loss)
        let workspace = EncoderWorkspace()
        for parameters in model.parameters {
            expectGradient(
                "\(parameters)", model.values(parameters, of: gradient), at: model.values(parameters), step: 1e-3
            ) { values in
                let output = model.forward(model.encoder(with: values, as: parameters), workspace)
                return LossSample(value: loss.value(output.codes), activeSet: output.activeSet)
            }
        }
    }

    /// `encode` cuts the rows into blocks; the codes are those of one forward pass.
    @Test func encodingInBlocksChangesNothing() {
        let x = GeneratedMatrix.random(rows: 1500, columns: 10, density: 0.3, seed: 22)
        let model = EncoderUnderTest(matrix: x, widths: [5, 4], activation: .relu)
        let codes = model.forward(model.encoder, EncoderWorkspace()).codes
        #expect(model.encoder.encode(x, execution: .serial).elements == codes)
        #expect(model.encoder.encode(x, execution: Execution(parallelism: Parallelism(threads: 2))).elements == codes)
        var blocks: [Range<Int>] = []
        model.encoder.encodeBlocks(of: x) { block, rows in
            blocks.append(rows)
            #expect(block[0] == codes[rows.lowerBound * 4])
        }
        #expect(blocks == [0..<1024, 1024..<1500])
    }
}

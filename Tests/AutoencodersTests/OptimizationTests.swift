import Autoencoders
import NumericTolerance
import SparseMatrices
import Testing
import VectorKernelInterface

/// Adam as Kingma & Ba write it, without bias correction, one parameter at a time in Double.
private struct ScalarAdam {
    var first: [Double]
    var second: [Double]

    init(count: Int) {
        first = Array(repeating: 0, count: count)
        second = first
    }

    mutating func update(_ weights: inout [Double], at indices: Range<Int>, gradient: [Float], _ c: AdamCoefficients) {
        for (i, g) in zip(indices, gradient) {
            let g = Double(g)
            first[i] = Double(c.beta1) * first[i] + (1 - Double(c.beta1)) * g
            second[i] = Double(c.beta2) * second[i] + (1 - Double(c.beta2)) * g * g
            weights[i] *= 1 - Double(c.decay)
            weights[i] -= Double(c.rate) * first[i] / (second[i].squareRoot() + Double(c.epsilon))
        }
    }
}

@Suite struct AdamTests {
    private let coefficients = AdamCoefficients(rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8)

    private func agree(_ a: [Float], _ b: [Double]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs(Double($0) - $1) < 1e-5 * (1 + abs($1)) }
    }

    @Test(arguments: [1, 7, 8, 19], [0, 0.03])
    func arraysAgreeWithScalarCode(count: Int, decay: Float) {
        var coefficients = coefficients
        coefficients.decay = decay
        var state = AdamState(count: count)
        var reference = ScalarAdam(count: count)
        var weights = Numbers.normal(count, seed: 1)
        var expected = weights.map(Double.init)
        for step in 0..<25 {
            let gradient = Numbers.normal(count, seed: UInt64(100 + step))
            state.update(&weights, gradient: gradient, coefficients)
            reference.update(&expected, at: 0..<count, gradient: gradient, coefficients)
        }
        #expect(agree(weights, expected))
    }

    /// More rows than a thread takes at a time.
    @Test(arguments: [1, 2, 3], [false, true])
    func matricesAgreeWithScalarCode(threads: Int, hasRowScales: Bool) {
        let (rowCount, width) = (90, 301)
        let count = rowCount * width
        let scales = (0..<rowCount).map { hasRowScales ? Float($0 % 5) * 0.5 : 1 }
        var state = AdamState(count: count)
        var references = scales.map { _ in ScalarAdam(count: width) }
        var weights = Numbers.matrix(rowCount, width, seed: 1)
        var expected = weights.elements.map(Double.init)
        for step in 0..<6 {
            let gradient = Numbers.normal(count, seed: UInt64(100 + step))
            state.update(
                &weights, gradient: gradient, coefficients, rowScales: hasRowScales ? scales : nil,
                parallelism: Parallelism(threads: threads))
            for row in 0..<rowCount {
                let range = row * width..<(row + 1) * width
                var own = Array(expected[range])
                var settings = coefficients
                settings.rate *= scales[row]
                references[row].update(&own, at: 0..<width, gradient: Array(gradient[range]), settings)
                expected.replaceSubrange(range, with: own)
            }
        }
        #expect(agree(weights.elements, expected))
    }

    /// Rows that come now and then end where Adam takes them if their gradient is zero in between.
    @Test(arguments: [1, 2])
    func deferredRowsAgreeWithGradientsOfZero(threads: Int) {
        let (rows, width) = (40, 5)
        var state = DeferredAdamState(rowCount: rows, columnCount: width)
        var reference = ScalarAdam(count: rows * width)
        var weights = Numbers.matrix(rows, width, seed: 1)
        var expected = weights.elements.map(Double.init)
        let parallelism = Parallelism(threads: threads)
        for step in 0..<60 {
            let touched = (0..<rows).filter { (step * 7 + $0 * $0) % (1 + $0) == 0 }
            let part = Numbers.normal(touched.count * width, seed: UInt64(100 + step))
            var gradient = [Float](repeating: 0, count: rows * width)
            for (i, row) in touched.enumerated() {
                gradient.replaceSubrange(row * width..<(row + 1) * width, with: part[i * width..<(i + 1) * width])
            }
            weights.withUnsafeMutableElements {
                state.catchUp($0, rows: touched.map(UInt32.init), parallelism: parallelism)
                state.update(
                    $0, rows: touched.map(UInt32.init), gradient: part, rate: coefficients.rate,
                    parallelism: parallelism)
            }
            reference.update(&expected, at: 0..<rows * width, gradient: gradient, coefficients)
        }
        weights.withUnsafeMutableElements {
            state.catchUp($0, rows: Array(0..<UInt32(rows)), parallelism: parallelism)
        }
        #expect(agree(weights.elements, expected))
    }

    /// Rows that a step leaves out keep weights and moments: the reference does nothing at all for them.
    @Test(arguments: [1, 2])
    func onlyTouchedRowsMove(threads: Int) {
        let (rowCount, width) = (300, 5)
        var state = RowSparseAdamState(rowCount: rowCount, columnCount: width)
        var reference = ScalarAdam(count: rowCount * width)
        var weights = Numbers.matrix(rowCount, width, seed: 1)
        var expected = weights.elements.map(Double.init)
        for step in 0..<12 {
            let touched = (0..<rowCount).filter { ($0 * 7 + step * step) % 3 == 0 && $0 != 17 }.reversed()
            let gradient = Numbers.normal(touched.count * width, seed: UInt64(100 + step))
            let before = weights
            gradient.withStored { gradient in
                state.update(
                    &weights, rows: touched.map(UInt32.init), gradient: gradient, coefficients,
                    execution: Execution(parallelism: Parallelism(threads: threads)))
            }
            for (i, row) in touched.enumerated() {
                reference.update(
                    &expected, at: row * width..<(row + 1) * width,
                    gradient: Array(gradient[i * width..<(i + 1) * width]), coefficients)
            }
            let untouched = Set(0..<rowCount).subtracting(touched)
            #expect(untouched.allSatisfy { weights.row($0) == before.row($0) }, "step \(step)")
        }
        #expect(agree(weights.elements, expected))
        #expect(weights.row(17) == Numbers.matrix(rowCount, width, seed: 1).row(17))
    }

    /// The factored state does what its equations say, but for eight bits of precision in the first moment: half a unit in
    /// the last place is 2⁻⁹ of it, and what that makes a weight off by is added up here.
    @Test(arguments: [1, 2], [1, 5, 8, 11])
    func theFactoredStateFollowsItsEquations(threads: Int, width: Int) {
        let (rowCount, batchRows) = (70, 9)
        var state = FactoredAdamState(rowCount: rowCount, columnCount: width)
        var weights = Numbers.matrix(rowCount, width, seed: 1)
        var expected = weights.elements.map(Double.init)
        var first = expected.map { _ in 0.0 }
        var momentErrors = first, bounds = first
        var rowMoment = [Double](repeating: 0, count: rowCount)
        var columnMoment = [Double](repeating: 0, count: width)
        let settings = AdamCoefficients(rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decay: 0.02)
        for step in 0..<12 {
            let touched = (0..<rowCount).filter { ($0 * 7 + step * step) % 3 == 0 && $0 != 17 }.reversed()
            let gradient = Numbers.normal(touched.count * width, seed: UInt64(100 + step))
            let delta = ScratchMatrix()
            delta.resize(rows: batchRows, width: width)
            delta.fill(Numbers.normal(batchRows * width, seed: UInt64(200 + step)))
            gradient.withStored { gradient in
                state.update(
                    &weights, rows: touched.map(UInt32.init), gradient: gradient, delta: delta, settings,
                    execution: Execution(parallelism: Parallelism(threads: threads)))
            }
            for j in 0..<width {
                let squares = (0..<batchRows).reduce(0) { $0 + Double(delta.array[$1 * width + j]).squared }
                columnMoment[j] = 0.99 * columnMoment[j] + 0.01 * squares
            }
            let mean = columnMoment.reduce(0, +) / Double(width)
            for (i, row) in touched.enumerated() {
                let g = (0..<width).map { Double(gradient[i * width + $0]) }
                let square = (0..<width).reduce(0) { $0 + g[$1].squared / (columnMoment[$1] / mean) }
                rowMoment[row] = 0.99 * rowMoment[row] + 0.01 * square / Double(width)
                for j in 0..<width {
                    let k = row * width + j
                    first[k] = 0.9 * first[k] + 0.1 * g[j]
                    let size = (rowMoment[row] * columnMoment[j] / mean).squareRoot()
                    expected[k] = 0.98 * expected[k] - 0.01 * first[k] / size
                    momentErrors[k] = 0.9 * momentErrors[k] + abs(first[k]) * 0x1p-9
                    bounds[k] += 0.01 * momentErrors[k] / size + tolerance(terms: 24) * (1 + abs(expected[k]))
                }
            }
        }
        for (i, weight) in weights.elements.enumerated() {
            #expect(abs(Double(weight) - expected[i]) <= bounds[i], "weight \(i)")
        }
        #expect(weights.row(17) == Numbers.matrix(rowCount, width, seed: 1).row(17))
    }

    @Test func onlyVeryLargeModelsAreFactoredUnasked() {
        #expect(Optimizer.chosen(for: 1 << 22, width: 128) == .adam)
        #expect(Optimizer.chosen(for: 1 << 24, width: 128) == .factoredAdam)
    }

    /// Every part of the encoder moves, and only rows of the input weights that the batch touches; whether the gradient
    /// of the input weights is in memory or computed on the way makes no difference.
    @Test(arguments: Optimizer.allCases)
    func theEncodersStepMovesAllLayers(kind: Optimizer) {
        let x = GeneratedMatrix("half", rows: 12, columns: 20) { _, column, chance in column % 2 == 0 && chance < 0.6 }
        let model = EncoderUnderTest(matrix: x.matrix, widths: [6, 5], hidden: .tanh, activation: .linear)
        let (gradient, workspace) = model.backward(model.encoder, ProbeLoss(count: 12 * 5))
        let encoders = [true, false].map { includesInputWeights in
            var encoder = model.encoder
            var gradient = gradient
            if !includesInputWeights {
                let rest = gradient.input.bias
                gradient.input = SparseLinearGradient()
                gradient.input.bias = rest
            }
            var optimizer = EncoderOptimizer(for: encoder, kind)
            optimizer.step(
                &encoder, batch: model.batch, inputDelta: workspace.inputDelta, gradient: gradient,
                includesInputWeights: includesInputWeights, inputRate: 0.1, layerRate: 0.01, execution: .serial)
            return encoder
        }
        let encoder = encoders[0]
        #expect(encoder.input.weights == encoders[1].input.weights && encoder.input.bias == encoders[1].input.bias)
        for row in 0..<20 {
            #expect((encoder.input.weights.row(row) != model.encoder.input.weights.row(row)) == (row % 2 == 0))
        }
        // The first step is rate·(1 − β₁)/√(1 − β₂) = rate, whatever the gradient's size.
        let (after, before) = (encoder.layers[0].weights.elements, model.encoder.layers[0].weights.elements)
        let steps = zip(after, before).map { abs($0 - $1) }
        #expect(steps.allSatisfy { abs($0 - 0.01) < 1e-4 })
        let biasSteps = zip(encoder.input.bias, model.encoder.input.bias).map { abs($0 - $1) }
        #expect(biasSteps.allSatisfy { abs($0 - 0.01) < 1e-4 })
        let layerBiasSteps = zip(encoder.layers[0].bias, model.encoder.layers[0].bias).map { abs($0 - $1) }
        #expect(layerBiasSteps.allSatisfy { abs($0 - 0.001) < 1e-5 })
    }
}

@Suite struct LearningRateTests {
    @Test func theRateRisesThenFallsToATwentieth() {
        let schedule = LearningRateSchedule(peak: 2, warmupSteps: 50, totalSteps: 1000)
        #expect(abs(schedule.rate(atStep: 1) - 2 * 0.02 * (1 - 0.95 / 1000)) < 1e-6)
        #expect(abs(schedule.rate(atStep: 25) - 2 * 0.5 * (1 - 0.95 * 0.025)) < 1e-6)
        #expect(abs(schedule.rate(atStep: 50) - 2 * (1 - 0.95 * 0.05)) < 1e-6)
        #expect(abs(schedule.rate(atStep: 500) - 2 * (1 - 0.95 * 0.5)) < 1e-6)
        #expect(abs(schedule.rate(atStep: 1000) - 0.1) < 1e-6)
        for step in 1..<50 { #expect(schedule.rate(atStep: step) < schedule.rate(atStep: step + 1)) }
        for step in 50..<1000 { #expect(schedule.rate(atStep: step) > schedule.rate(atStep: step + 1)) }
    }

    @Test func shortRunsWarmUpShortly() {
        let schedule = LearningRateSchedule(peak: 1, warmupSteps: 50, totalSteps: 40)
        #expect(schedule.warmupSteps == 10)
        let one = LearningRateSchedule(peak: 1, warmupSteps: 50, totalSteps: 1)
        #expect(one.warmupSteps == 1)
        #expect(one.rate(atStep: 1) > 0)
    }

    @Test(arguments: [1e-3, 0.5, 2, 1e4] as [Float])
    func thePeakIsInverselyProportionalToTheDatasScale(factor: Float) throws {
        let matrix = GeneratedMatrix.random(rows: 40, columns: 30, density: 0.2, seed: 2)
        let scaled = try matrix.mapValues { _, _, value in factor * value }
        let ratio = LearningRateSchedule.peak(for: scaled) * factor / LearningRateSchedule.peak(for: matrix)
        #expect(abs(ratio - 1) < 1e-5)
    }

    @Test func thePeakLeavesEmptyRowsOut() throws {
        let matrix = try CSRMatrix(
            rowCount: 4, columnCount: 3, rowOffsets: [0, 2, 2, 3, 3], columnIndices: [0, 2, 1], values: [1, -2, 5])
        // The mean of 3 and 5.
        #expect(abs(LearningRateSchedule.peak(for: matrix) - 0.01 / 4) < 1e-8)
        let empty = GeneratedMatrix("no entries", rows: 3, columns: 3) { _, _, _ in false }
        #expect(LearningRateSchedule.peak(for: empty.matrix) == 0.01)
    }
}

extension Double {
    fileprivate var squared: Double { self * self }
}

extension [Float] {
    fileprivate func withStored(_ body: (RowGradient) -> Void) {
        withUnsafeBufferPointer { if let start = $0.baseAddress { body(.stored(start)) } }
    }
}

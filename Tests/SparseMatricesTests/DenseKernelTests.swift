import NumericTolerance
import RealModule
import SparseMatrices
import Testing
import VectorKernelInterface

private let kernelPositions = Array(availableKernels.indices)
private let counts = Array(0...34) + [63, 64, 65, 100, 257]

/// An exponential is right to two units in the last place, which are four roundings; what sigmoid and tanh add are some
/// more, and a division.
private let activationTolerance = tolerance(terms: 12)

@Suite struct VectorKernelsOnVectors {
    @Test(arguments: kernelPositions)
    func axpyAddsTheScaledVector(kernel: Int) {
        var numbers = Numbers(seed: 21)
        for count in counts {
            let x = numbers.floats(count), y = numbers.floats(count), alpha = numbers.float()
            var sums = y
            availableKernels[kernel].axpy(count: count, alpha: alpha, x: x, y: &sums)
            for i in 0..<count {
                let product = Double(alpha) * Double(x[i])
                let bound = tolerance(terms: 2) * (abs(product) + abs(Double(y[i])))
                #expect(abs(Double(sums[i]) - (product + Double(y[i]))) <= bound, "count \(count), element \(i)")
            }
        }
    }

    @Test(arguments: kernelPositions)
    func dotAddsTheProducts(kernel: Int) {
        var numbers = Numbers(seed: 22)
        for count in counts {
            let x = numbers.floats(count), y = numbers.floats(count)
            let products = zip(x, y).map { Double($0) * Double($1) }
            let sum = availableKernels[kernel].dot(count: count, x: x, y: y)
            // Eight partial sums, which are added up, and at most seven terms more.
            let bound = tolerance(terms: count / 8 + 12) * products.reduce(0) { $0 + abs($1) }
            #expect(abs(Double(sum) - products.reduce(0, +)) <= bound, "count \(count)")
        }
    }

    @Test(arguments: kernelPositions)
    func scaleMultipliesExactly(kernel: Int) {
        var numbers = Numbers(seed: 23)
        for count in counts {
            let x = numbers.floats(count), alpha = numbers.float()
            var scaled = x
            availableKernels[kernel].scale(count: count, alpha: alpha, x: &scaled)
            #expect(scaled == x.map { $0 * alpha }, "count \(count)")
        }
    }

    @Test(arguments: kernelPositions)
    func adamEqualsItsFormula(kernel: Int) {
        var numbers = Numbers(seed: 24)
        let rate: Float = 0.01, beta1: Float = 0.9, beta2: Float = 0.99, epsilon: Float = 1e-8
        for count in counts {
            let initial = numbers.floats(count)
            var weights = initial, first = numbers.floats(count), second = numbers.floats(count).map(abs)
            for _ in 0..<3 {
                let gradient = numbers.floats(count)
                let before = (weights, first, second)
                availableKernels[kernel].adam(
                    count: count, gradient: gradient, weights: &weights, firstMoment: &first, secondMoment: &second,
                    settings: .init(rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon))
                for i in 0..<count {
                    let m = beta1 * before.1[i] + (1 - beta1) * gradient[i]
                    let v = beta2 * before.2[i] + (1 - beta2) * (gradient[i] * gradient[i])
                    let w = before.0[i] - rate * m / (v.squareRoot() + epsilon)
                    // Gradients and moments are at most 1. Either side rounds a moment three times, and the step, which
                    // is the first moment over the root of the second, ten times in all.
                    let moment = Float(tolerance(terms: 6)), step = rate / (v.squareRoot() + epsilon)
                    #expect(abs(first[i] - m) <= moment && abs(second[i] - v) <= moment, "count \(count)")
                    let bound = Float(tolerance(terms: 20)) * (abs(before.0[i]) + step)
                    #expect(abs(weights[i] - w) <= bound, "count \(count), element \(i)")
                }
            }
        }
    }

    /// Rows here and there change as each would by itself, and no others do.
    @Test(arguments: kernelPositions)
    func scatteredRowsAreUpdatedOneByOne(kernel: Int) {
        var numbers = Numbers(seed: 26)
        let kernels = availableKernels[kernel]
        let settings = AdamCoefficients(rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decay: 0.1)
        for width in [1, 8, 13, 16, 40] {
            for places in [[], [3], [4, 0, 2]] as [[UInt32]] {
                let x = numbers.floats(places.count * width)
                var (sums, weights) = (numbers.floats(5 * width), numbers.floats(5 * width))
                var first = numbers.floats(5 * width)
                var second = numbers.floats(5 * width).map(abs)
                var expected = (sums, weights, first, second)
                for (i, place) in places.enumerated() {
                    let start = Int(place) * width
                    x[(i * width)...].withUnsafeBufferPointer { x in
                        guard let x = x.baseAddress else { return }
                        kernels.axpy(count: width, alpha: 0.3, x: x, y: &expected.0[start])
                        kernels.adam(
                            count: width, gradient: x, weights: &expected.1[start],
                            firstMoment: &expected.2[start], secondMoment: &expected.3[start],
                            settings: settings)
                    }
                }
                kernels.addRows(count: places.count, places: places, width: width, alpha: 0.3, x: x, y: &sums)
                kernels.adamRows(
                    count: places.count, places: places, width: width, gradient: x, weights: &weights,
                    firstMoment: &first, secondMoment: &second, settings: settings)
                #expect(sums == expected.0 && weights == expected.1 && first == expected.2 && second == expected.3)
            }
        }
    }

    @Test func kernelSetsAgreeToRounding() {
        var numbers = Numbers(seed: 25)
        for count in counts {
            let x = numbers.floats(count).map { $0 * 8 }
            var results: [[Float]] = []
            for set in availableKernels {
                var exp = x, sigmoid = x, tanh = x, topK = x
                set.exp(count: count, x: &exp)
                set.sigmoid(count: count, x: &sigmoid)
                set.tanh(count: count, x: &tanh)
                set.keepTopK(count: count, k: 3, x: &topK)
                results.append(exp + sigmoid + tanh + topK)
            }
            for other in results.dropFirst() {
                for (a, b) in zip(results[0], other) {
                    #expect(abs(a - b) <= Float(2 * activationTolerance) * abs(a), "count \(count)")
                }
            }
        }
    }
}

/// The C library's Double functions.
private func reference(_ function: Activations.Function, _ x: Double) -> Double {
    switch function {
    case .exp: .exp(x)
    case .sigmoid: 1 / (1 + .exp(-x))
    case .tanh: .tanh(x)
    }
}

@Suite struct Activations {
    /// The activations in place on an array, by a name that a failing case shows.
    enum Function: String, CaseIterable, Sendable {
        case exp, sigmoid, tanh

        func callAsFunction(_ x: [Float], kernel: Int) -> [Float] {
            var values = x
            let kernels = availableKernels[kernel]
            switch self {
            case .exp: kernels.exp(count: x.count, x: &values)
            case .sigmoid: kernels.sigmoid(count: x.count, x: &values)
            case .tanh: kernels.tanh(count: x.count, x: &values)
            }
            return values
        }
    }

    @Test(arguments: Function.allCases, kernelPositions)
    func areCloseToDouble(function: Function, kernel: Int) {
        // −86 … 86 in steps of 1/1024, and magnitudes down to the smallest normal number.
        var inputs = (-86 * 1024...86 * 1024).map { (step: Int) -> Float in Float(step) / 1024 + 1e-5 }
        for exponent in -126...6 {
            let magnitude = Float(sign: .plus, exponent: exponent, significand: 1.37)
            inputs += [magnitude, -magnitude].filter { abs($0) < 86 }
        }
        let failure = zip(inputs, function(inputs, kernel: kernel)).first { input, output in
            let expected = reference(function, Double(input))
            return !(abs(Double(output) - expected) <= activationTolerance * abs(expected))
        }
        #expect(failure == nil, "input, output")
    }

    @Test(arguments: Function.allCases, kernelPositions)
    func behaveAtTheExtremes(function: Function, kernel: Int) {
        let outputs = function([0, 100, -100, .infinity, -.infinity, -0.0], kernel: kernel)
        switch function {
        case .exp:
            #expect(outputs[0] == 1 && outputs[5] == 1)
            #expect(outputs[1] == outputs[3] && outputs[1].isFinite && outputs[1] > 1e38)
            #expect(outputs[2] == 0 && outputs[4] == 0)
        case .sigmoid:
            #expect(outputs[0] == 0.5 && outputs[5] == 0.5)
            #expect(outputs[1] == 1 && outputs[3] == 1)
            #expect(outputs[2] >= 0 && outputs[2] < 1e-37 && outputs[4] >= 0 && outputs[4] < 1e-37)
        case .tanh:
            #expect(outputs[0] == 0 && outputs[5] == 0)
            #expect(outputs[1] == 1 && outputs[3] == 1 && outputs[2] == -1 && outputs[4] == -1)
        }
    }

    @Test(arguments: Function.allCases, kernelPositions)
    func keepNaNWhereItStands(function: Function, kernel: Int) {
        for count in [1, 7, 8, 9, 16, 21] {
            for position in 0..<count {
                var inputs = [Float](repeating: 0.25, count: count)
                inputs[position] = .nan
                let outputs = function(inputs, kernel: kernel)
                for i in 0..<count { #expect(outputs[i].isNaN == (i == position), "count \(count), element \(i)") }
            }
        }
    }

    @Test(arguments: Function.allCases, kernelPositions)
    func doNotDependOnThePlaceInTheRow(function: Function, kernel: Int) {
        var numbers = Numbers(seed: 31)
        let inputs = numbers.floats(23).map { $0 * 6 }
        let together = function(inputs, kernel: kernel)
        let alone = inputs.map { function([$0], kernel: kernel)[0] }
        #expect(together.map(\.bitPattern) == alone.map(\.bitPattern))
    }

    @Test(arguments: kernelPositions)
    func reluIsExactAndKeepsNaN(kernel: Int) {
        var numbers = Numbers(seed: 32)
        for count in counts {
            let inputs = numbers.floats(count)
            var outputs = inputs
            availableKernels[kernel].relu(count: count, x: &outputs)
            #expect(outputs == inputs.map { max($0, 0) }, "count \(count)")
        }
        var special: [Float] = [.nan, .infinity, -.infinity, -100, 100]
        availableKernels[kernel].relu(count: 5, x: &special)
        #expect(special[0].isNaN)
        #expect(Array(special[1...]) == [.infinity, 0, 0, 100])
    }
}

@Suite struct KeepTopK {
    /// Sorting by falling value, the first of equal ones first.
    private func reference(_ x: [Float], _ k: Int) -> [Float] {
        let order = x.indices.filter { x[$0] > 0 }.sorted { (-x[$0], $0) < (-x[$1], $1) }
        var kept = [Float](repeating: 0, count: x.count)
        for i in order.prefix(k) { kept[i] = x[i] }
        return kept
    }

    private func check(_ x: [Float], _ k: Int, kernel: Int) {
        var kept = x
        availableKernels[kernel].keepTopK(count: x.count, k: k, x: &kept)
        #expect(kept == reference(x, k), "\(k) of \(x)")
    }

    @Test(arguments: kernelPositions)
    func equalsSorting(kernel: Int) {
        var numbers = Numbers(seed: 41)
        for count in counts {
            let x = numbers.floats(count)
            for k in [0, 1, 2, 7, 8, 9, count / 2, count, count + 5] { check(x, k, kernel: kernel) }
        }
    }

    @Test(arguments: kernelPositions)
    func theFirstOfEqualEntriesWin(kernel: Int) {
        var numbers = Numbers(seed: 42)
        for count in counts where count > 0 {
            let x = (0..<count).map { _ in Float(numbers.index(below: 4)) / 4 }
            for k in [1, 2, 3, count / 3, count - 1] { check(x, k, kernel: kernel) }
            check([Float](repeating: 2.5, count: count), count / 2, kernel: kernel)
        }
    }

    @Test(arguments: kernelPositions)
    func negativesNeverStay(kernel: Int) {
        check([-1, -3, -2, -9, -4, -1, -1, -1, -1, -2, -3], 4, kernel: kernel)
        check([-1, 3, -2, 9, -4, -1, -1, 1e-30, -1, -2, -3], 5, kernel: kernel)
        check([Float](repeating: 0, count: 19), 3, kernel: kernel)
        check([-0.0, 0, 1, 2, -0.0, 3, 4, 5, 6], 2, kernel: kernel)
        let least = Float.leastNonzeroMagnitude
        check([least, 2 * least, 3 * least, 1e38, .infinity, 2, least, 3 * least, 0], 4, kernel: kernel)
    }
}

@Suite struct StreamingSoftmaxKernels {
    @Test(arguments: kernelPositions)
    func maximumIsTheLargestEntry(kernel: Int) {
        var numbers = Numbers(seed: 51)
        for count in counts {
            let x = numbers.floats(count)
            let negative = x.map { -2 - abs($0) }
            for x in [x, negative] {
                #expect(availableKernels[kernel].maximum(count: count, x: x) == x.max() ?? -.infinity, "count \(count)")
            }
        }
    }

    @Test(arguments: kernelPositions)
    func maximumIsFoundWhereverItStands(kernel: Int) {
        for count in [1, 7, 8, 9, 16, 21] {
            for position in 0..<count {
                var x = [Float](repeating: -.infinity, count: count)
                x[position] = -3e38
                #expect(availableKernels[kernel].maximum(count: count, x: x) == -3e38, "\(position) of \(count)")
                x[position] = .infinity
                #expect(availableKernels[kernel].maximum(count: count, x: x) == .infinity, "\(position) of \(count)")
            }
            let nothing = [Float](repeating: -.infinity, count: count)
            #expect(availableKernels[kernel].maximum(count: count, x: nothing) == -.infinity)
        }
    }

    /// Large entries with a shift as large, as logits far from zero have; and a sentinel beyond the end.
    @Test(arguments: kernelPositions, [0, -2.5, 1, 60, 1000, -1000] as [Float])
    func expSumEqualsItsFormula(kernel: Int, shift: Float) {
        var numbers = Numbers(seed: 52)
        for count in counts {
            let x = numbers.floats(count).map { 30 * $0 + shift }
            var powers = x + [7]
            let sum = availableKernels[kernel].expSum(count: count, shift: shift, x: &powers)
            let expected = x.map { Double.exp(Double($0 - shift)) }
            for i in 0..<count {
                let bound = activationTolerance * expected[i]
                #expect(abs(Double(powers[i]) - expected[i]) <= bound, "count \(count), element \(i)")
            }
            #expect(powers[count] == 7)
            let total = expected.reduce(0, +)
            #expect(abs(Double(sum) - total) <= tolerance(terms: 12 + count / 8 + 12) * total, "count \(count)")
        }
    }

    @Test(arguments: kernelPositions)
    func expSumOfTheVeryUnlikelyIsZero(kernel: Int) {
        for count in [1, 7, 8, 9, 21] {
            var x = [Float](repeating: -.infinity, count: count)
            #expect(availableKernels[kernel].expSum(count: count, shift: 3, x: &x) == 0)
            #expect(x == [Float](repeating: 0, count: count))
            x = [Float](repeating: -1e30, count: count)
            x[count - 1] = 1e30
            #expect(availableKernels[kernel].expSum(count: count, shift: 1e30, x: &x) == 1)
            #expect(x.dropLast().allSatisfy { $0 == 0 } && x[count - 1] == 1)
            x[0] = .nan
            #expect(availableKernels[kernel].expSum(count: count, shift: 0, x: &x).isNaN)
        }
    }
}

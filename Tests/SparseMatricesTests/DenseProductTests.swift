import NumericTolerance
import SparseMatrices
import Testing

/// A product C = α·op(A)·op(B) + β·C to test.
struct ProductCase: Sendable, CustomTestStringConvertible {
    let m: Int
    let n: Int
    let k: Int
    let transposeA: Bool
    let transposeB: Bool

    /// A product of k terms, times α, and β·C.
    var terms: Int { k + 3 }

    var testDescription: String {
        "\(m) × \(k)\(transposeA ? " transposed" : "") times \(k) × \(n)\(transposeB ? " transposed" : "")"
    }

    static let all: [ProductCase] = {
        let shapes = [
            (1, 1, 1), (3, 5, 7), (64, 1, 9), (1, 33, 17), (65, 31, 4), (129, 67, 33), (200, 3, 1), (3, 4, 0),
        ]
        return shapes.flatMap { m, n, k in
            [false, true].flatMap { a in
                [false, true].map { ProductCase(m: m, n: n, k: k, transposeA: a, transposeB: $0) }
            }
        }
    }()

    /// α·op(A)·op(B) + β·C and the sums of the terms' magnitudes, by three loops.
    func reference(
        _ left: [Double], _ right: [Double], _ c: [Double], alpha: Double, beta: Double
    ) -> (sums: [Double], magnitudes: [Double]) {
        var sums = c.map { $0 * beta }
        var magnitudes = sums.map { abs($0) }
        for i in 0..<m {
            for j in 0..<n {
                for l in 0..<k {
                    let factor = transposeA ? left[l * m + i] : left[i * k + l]
                    let term = alpha * factor * (transposeB ? right[j * k + l] : right[l * n + j])
                    sums[i * n + j] += term
                    magnitudes[i * n + j] += abs(term)
                }
            }
        }
        return (sums, magnitudes)
    }
}

@Suite struct DenseTimesDense {
    @Test(arguments: ProductCase.all, [(1.0, 0.0), (-0.5, 1.0), (2.0, 0.25)])
    func doublesEqualThreeLoops(_ theCase: ProductCase, factors: (alpha: Double, beta: Double)) {
        var numbers = Numbers(seed: 51)
        let (m, n, k) = (theCase.m, theCase.n, theCase.k)
        let a = numbers.doubles(m * k), b = numbers.doubles(k * n), initial = numbers.doubles(m * n)
        let expected = theCase.reference(a, b, initial, alpha: factors.alpha, beta: factors.beta)
        var results: [[Double]] = []
        for threads in [1, 3] {
            var c = initial
            DenseProducts.multiply(
                a, b, transposeA: theCase.transposeA, transposeB: theCase.transposeB, m: m, n: n, k: k,
                alpha: factors.alpha, beta: factors.beta, into: &c,
                parallelism: Parallelism(threads: threads))
            results.append(c)
        }
        let bound = tolerance(terms: theCase.terms, in: Double.self)
        let worst = zip(zip(results[0], expected.sums), expected.magnitudes).map { abs($0.0 - $0.1) - bound * $1 }.max()
        #expect((worst ?? 0) <= 0)
        #expect(results[0].map(\.bitPattern) == results[1].map(\.bitPattern))
    }

    @Test(arguments: ProductCase.all, [(1.0, 0.0), (-0.5, 1.0), (2.0, 0.25)])
    func floatsEqualThreeLoops(_ theCase: ProductCase, factors: (alpha: Double, beta: Double)) {
        var numbers = Numbers(seed: 52)
        let (m, n, k) = (theCase.m, theCase.n, theCase.k)
        let a = numbers.floats(m * k), b = numbers.floats(k * n), initial = numbers.floats(m * n)
        let expected = theCase.reference(
            a.map(Double.init), b.map(Double.init), initial.map(Double.init), alpha: factors.alpha,
            beta: factors.beta)
        var results: [[Float]] = []
        for threads in [1, 3] {
            var c = initial
            DenseProducts.multiply(
                a, b, transposeA: theCase.transposeA, transposeB: theCase.transposeB, m: m, n: n, k: k,
                alpha: Float(factors.alpha), beta: Float(factors.beta),
                into: &c, parallelism: Parallelism(threads: threads))
            results.append(c)
        }
        let bound = tolerance(terms: theCase.terms)
        let worst = zip(zip(results[0], expected.sums), expected.magnitudes)
            .map { abs(Double($0.0) - $0.1) - bound * $1 }.max()
        #expect((worst ?? 0) <= 0)
        #expect(results[0].map(\.bitPattern) == results[1].map(\.bitPattern))
    }
}

@Suite struct CholeskyFactorization {
    /// MᵀM + I for a random M: symmetric, and positive definite with room to spare.
    private func matrix(order: Int, seed: UInt64) -> [Double] {
        var numbers = Numbers(seed: seed)
        let m = numbers.doubles(order * order)
        var result = [Double](repeating: 0, count: order * order)
        for i in 0..<order {
            for j in 0..<order {
                for l in 0..<order { result[i * order + j] += m[l * order + i] * m[l * order + j] }
            }
            result[i * order + i] += 1
        }
        return result
    }

    /// What A·x may be off by: a solution by A = L·Lᵀ solves a system that differs from A by at most γₙ of |L|·|Lᵀ|, n =
    /// 3·order + 1 (Higham, theorem 10.4), whose entries are at most the largest on A's diagonal.
    private func residualBound(_ a: [Double], order: Int, _ x: some Sequence<Double>) -> Double {
        let largest = (0..<order).map { a[$0 * (order + 1)] }.max() ?? 0
        return tolerance(terms: 4 * order + 1, in: Double.self) * largest * x.reduce(0) { $0 + abs($1) }
    }

    @Test(arguments: [1, 2, 3, 8, 33])
    func solvesEveryRow(order: Int) throws {
        let a = matrix(order: order, seed: 61)
        let cholesky = try Cholesky(a, order: order)
        var numbers = Numbers(seed: 62)
        for count in [0, 1, 5] {
            let b = numbers.doubles(count * order)
            var x = b
            cholesky.solveRows(&x, count: count)
            for row in 0..<count {
                let bound = residualBound(a, order: order, x[row * order..<(row + 1) * order])
                for i in 0..<order {
                    let product = (0..<order).reduce(0) { $0 + a[i * order + $1] * x[row * order + $1] }
                    #expect(abs(product - b[row * order + i]) <= bound, "row \(row), element \(i)")
                }
            }
        }
    }

    @Test(arguments: [1, 2, 3, 8, 33])
    func inverts(order: Int) {
        let a = matrix(order: order, seed: 63)
        var inverse = a
        #expect(Cholesky.invert(&inverse, order: order))
        for j in 0..<order {
            // The inverse is symmetric, and two triangular products long.
            let bound = 2 * residualBound(a, order: order, inverse[j * order..<(j + 1) * order])
            for i in 0..<order {
                let product = (0..<order).reduce(0) { $0 + a[i * order + $1] * inverse[$1 * order + j] }
                #expect(abs(product - (i == j ? 1 : 0)) <= bound, "(\(i), \(j))")
                #expect(inverse[i * order + j] == inverse[j * order + i], "(\(i), \(j))")
            }
        }
    }

    @Test func refusesMatricesThatAreNotPositiveDefinite() {
        let failures: [([Double], Int)] = [([-1], 1), ([1, 2, 2, 1], 2), ([1, 0, 0, 0, 1, 0, 0, 0, -2], 3)]
        for (matrix, order) in failures {
            let error = #expect(throws: Cholesky.NotPositiveDefinite.self) { try Cholesky(matrix, order: order) }
            #expect(error?.order == order)
            var copy = matrix
            #expect(!Cholesky.invert(&copy, order: copy.count == 1 ? 1 : copy.count == 4 ? 2 : 3))
        }
    }
}

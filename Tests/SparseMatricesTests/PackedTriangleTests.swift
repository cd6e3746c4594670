import NumericTolerance
import Testing

@testable import SparseMatrices

@Suite struct PackedTriangleTests {
    private static func numbers(_ count: Int) -> [Float] { (0..<count).map { Float(($0 * 37 + 11) % 23) / 8 - 1.3 } }

    /// I + XᵀX, packed.
    private static func matrix(order: Int) -> [Float] {
        var a = [Float](repeating: 0, count: PackedTriangles.count(order: order))
        for i in 0..<order { a[PackedTriangles.diagonal(i)] = 1 }
        PackedTriangles.addGram(numbers(3 * order), rows: 3, width: order, to: &a)
        return a
    }

    private static func entry(_ a: [Float], _ i: Int, _ j: Int) -> Double {
        Double(a[max(i, j) * (max(i, j) + 1) / 2 + min(i, j)])
    }

    @Test(arguments: [1, 2, 7, 33])
    func gramsAreSumsOfOuterProducts(order: Int) {
        var sum = [Float](repeating: 0, count: PackedTriangles.count(order: order)), one = sum
        for i in 0..<order { sum[PackedTriangles.diagonal(i)] = 1 }
        let x = Self.numbers(3 * order)
        PackedTriangles.writeOuterProduct(Array(x[..<order]), into: &one)
        for i in sum.indices { sum[i] += one[i] }
        for row in 1..<3 {
            PackedTriangles.addOuterProduct(Array(x[row * order..<(row + 1) * order]), weight: 1, to: &sum)
        }
        // Either way a sum of four terms, each at most the square of the largest number.
        let largest = x.map { abs(Double($0)) }.max() ?? 0
        let bound = 2 * tolerance(terms: 4 + 1) * (1 + 3 * largest * largest)
        for (a, b) in zip(Self.matrix(order: order), sum) { #expect(Double(abs(a - b)) <= bound) }
    }

    @Test(arguments: [1, 2, 7, 33])
    func factorsSolveAndInvert(order: Int) {
        let a = Self.matrix(order: order)
        var l = [Float](repeating: .nan, count: a.count)
        #expect(PackedTriangles.factor(a, order: order, into: &l))
        let inverse = PackedTriangles.inverseDiagonal(l, order: order)
        for column in 0..<order {
            var x = [Float](repeating: 0, count: order)
            x[column] = 1
            PackedTriangles.solve(l, order: order, transposed: false, &x)
            PackedTriangles.solve(l, order: order, transposed: true, &x)
            // A·x is off by at most γₙ of |L|·|Lᵀ|·|x|, n = 3·order + 1 (Higham, theorem 10.4), the entries of which
            // product of factors are at most the largest on A's diagonal; and no eigenvalue of A is below 1.
            let largest = (0..<order).map { Self.entry(a, $0, $0) }.max() ?? 0
            let bound = tolerance(terms: 3 * order + 3) * largest * x.reduce(0) { $0 + Double(abs($1)) }
            #expect(abs(Double(x[column]) - inverse[column]) <= bound * Double(order).squareRoot())
            for row in 0..<order {
                let product = (0..<order).reduce(0.0) { $0 + Self.entry(a, row, $1) * Double(x[$1]) }
                #expect(abs(product - (row == column ? 1 : 0)) <= bound)
            }
        }
    }

    @Test func indefiniteMatricesHaveNoFactor() {
        var l: [Float] = [5, 6, 7]
        #expect(!PackedTriangles.factor([1, 2, 1], order: 2, into: &l))
        #expect(l == [5, 6, 7])
    }
}

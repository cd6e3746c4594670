import NumericTolerance
import SparseMatrices
import Testing

/// A small generator of reproducible numbers (SplitMix64; Steele, Lea & Flood, OOPSLA 2014).
struct Numbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func index(below bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// Uniform in −1 … 1.
    mutating func float() -> Float { Float(next() >> 40) / Float(1 << 23) - 1 }

    mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in float() } }

    mutating func doubles(_ count: Int) -> [Double] { (0..<count).map { _ in Double(float()) } }
}

/// A sparse matrix to test on, described by how it is made; the description is the trace of a failing case.
struct SparseCase: Sendable, CustomTestStringConvertible {
    let name: String
    let rows: Int
    let columns: Int
    /// The probability that a place of `row` and `column` holds an entry.
    let density: @Sendable (_ row: Int, _ column: Int) -> Double

    var testDescription: String { "\(name), \(rows) × \(columns)" }

    static let all: [SparseCase] = [
        SparseCase(name: "no rows", rows: 0, columns: 5) { _, _ in 1 },
        SparseCase(name: "no columns", rows: 5, columns: 0) { _, _ in 1 },
        SparseCase(name: "no entries", rows: 4, columns: 6) { _, _ in 0 },
        SparseCase(name: "a single place", rows: 1, columns: 1) { _, _ in 1 },
        SparseCase(name: "one entry", rows: 9, columns: 11) { $0 == 4 && $1 == 7 ? 1 : 0 },
        SparseCase(name: "one row", rows: 1, columns: 60) { _, _ in 0.4 },
        SparseCase(name: "one column", rows: 70, columns: 1) { _, _ in 0.4 },
        SparseCase(name: "all places", rows: 12, columns: 17) { _, _ in 1 },
        SparseCase(name: "some rows full, others empty", rows: 21, columns: 25) { row, _ in row % 3 == 0 ? 1 : 0 },
        SparseCase(name: "empty rows and columns", rows: 66, columns: 40) { row, column in
            row % 5 == 1 || column % 4 == 2 ? 0 : 0.2
        },
        SparseCase(name: "columns of falling frequency", rows: 131, columns: 90) { _, column in
            1 / Double(column + 2)
        },
    ]

    func coordinates(seed: UInt64 = 1) -> [(row: Int, column: Int, value: Float)] {
        var numbers = Numbers(seed: seed)
        var entries: [(row: Int, column: Int, value: Float)] = []
        for row in 0..<rows {
            for column in 0..<columns where Double(numbers.float()) / 2 + 0.5 < density(row, column) {
                entries.append((row, column, numbers.float()))
            }
        }
        return entries
    }

    func matrix(seed: UInt64 = 1) throws -> CSRMatrix {
        let entries = coordinates(seed: seed)
        var offsets = [Int](repeating: 0, count: rows + 1)
        for entry in entries { offsets[entry.row + 1] += 1 }
        for row in 0..<rows { offsets[row + 1] += offsets[row] }
        return try CSRMatrix(
            rowCount: rows, columnCount: columns, rowOffsets: offsets,
            columnIndices: entries.map { UInt32($0.column) }, values: entries.map(\.value))
    }
}

extension DenseMatrix {
    static func random(_ rows: Int, _ columns: Int, _ numbers: inout Numbers) -> DenseMatrix {
        DenseMatrix(rowCount: rows, columnCount: columns, elements: numbers.floats(rows * columns))
    }
}

extension CSRMatrix {
    /// The matrix as rows of Double, zeros included.
    var dense: [[Double]] {
        (0..<rowCount).map { i in
            var dense = [Double](repeating: 0, count: columnCount)
            let (columns, values) = row(i)
            for (column, value) in zip(columns, values) { dense[Int(column)] = Double(value) }
            return dense
        }
    }
}

/// What a sum of products should be, in Double, with the number of its terms and the sum of their magnitudes: the
/// measures of its rounding.
struct ExpectedSums {
    let width: Int
    var sums: [Double]
    var magnitudes: [Double]
    private var terms: [Int]

    init(_ initial: [Float], width: Int) {
        self.width = width
        terms = Array(repeating: 1, count: initial.count)
        sums = initial.map(Double.init)
        magnitudes = initial.map { abs(Double($0)) }
    }

    mutating func add(_ factor: Float, timesRow row: Int, of w: [Float], toRow target: Int) {
        for column in 0..<width {
            let term = Double(factor) * Double(w[row * width + column])
            sums[target * width + column] += term
            magnitudes[target * width + column] += abs(term)
            terms[target * width + column] += 1
        }
    }

    /// Y + X·W.
    static func product(_ x: CSRMatrix, _ w: DenseMatrix, addedTo y: DenseMatrix) -> ExpectedSums {
        var expected = ExpectedSums(y.elements, width: y.columnCount)
        let weights = w.elements
        for row in 0..<x.rowCount {
            let (columns, values) = x.row(row)
            for (column, value) in zip(columns, values) {
                expected.add(value, timesRow: Int(column), of: weights, toRow: row)
            }
        }
        return expected
    }

    /// G + Xᵀ·Y.
    static func transposedProduct(_ x: CSRMatrix, _ y: DenseMatrix, addedTo g: DenseMatrix) -> ExpectedSums {
        var expected = ExpectedSums(g.elements, width: g.columnCount)
        let factors = y.elements
        for row in 0..<x.rowCount {
            let (columns, values) = x.row(row)
            for (column, value) in zip(columns, values) {
                expected.add(value, timesRow: row, of: factors, toRow: Int(column))
            }
        }
        return expected
    }

    /// The first element that is off by more than rounding explains; nil if none is.
    func firstMismatch(with actual: [Float]) -> String? {
        if actual.count != sums.count { return "\(actual.count) elements instead of \(sums.count)" }
        for i in actual.indices
        where !(abs(Double(actual[i]) - sums[i]) <= tolerance(terms: terms[i]) * magnitudes[i]) {
            return "row \(i / width), column \(i % width): \(actual[i]) instead of \(sums[i])"
        }
        return nil
    }
}

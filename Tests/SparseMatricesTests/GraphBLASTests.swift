import NumericTolerance
@testable import SparseMatrices
import Testing

@Suite struct CoordinatesToRows {
    private struct Place: Hashable {
        let row: Int
        let column: UInt32
    }

    /// Coordinates in random order, about half of them at a place that is already taken.
    private func coordinates(rows: Int, columns: Int, count: Int, seed: UInt64) throws -> COOMatrix {
        var numbers = Numbers(seed: seed)
        let distinct = (0..<max(1, count / 2)).map { _ in
            (numbers.index(below: rows), UInt32(numbers.index(below: columns)))
        }
        let places = (0..<count).map { _ in distinct[numbers.index(below: distinct.count)] }
        return try COOMatrix(
            rowCount: rows, columnCount: columns, rowIndices: places.map(\.0), columnIndices: places.map(\.1),
            values: numbers.floats(count))
    }

    @Test(arguments: [(1, 1, 1), (1, 1, 9), (1, 50, 30), (50, 1, 30), (7, 9, 0), (40, 60, 500), (3, 1_000_000, 200)])
    func addsUpDuplicates(rows: Int, columns: Int, count: Int) throws {
        let coordinates = try coordinates(rows: rows, columns: columns, count: count, seed: 11)
        var sums: [Place: Double] = [:], magnitudes: [Place: Double] = [:]
        for entry in 0..<count {
            let place = Place(row: coordinates.rowIndices[entry], column: coordinates.columnIndices[entry])
            sums[place, default: 0] += Double(coordinates.values[entry])
            magnitudes[place, default: 0] += Double(abs(coordinates.values[entry]))
        }
        let x = try CSRMatrix(coordinates)
        #expect(x.rowCount == rows && x.columnCount == columns && x.entryCount == sums.count)
        for row in 0..<rows {
            let (columns, values) = x.row(row)
            for (column, value) in zip(columns, values) {
                let expected = try #require(sums[Place(row: row, column: column)])
                let bound = tolerance(terms: count) * (magnitudes[Place(row: row, column: column)] ?? 0)
                #expect(abs(Double(value) - expected) <= bound, "row \(row), column \(column)")
            }
        }
    }

    @Test func threadsDoNotChangeTheBytes() throws {
        let coordinates = try coordinates(rows: 300, columns: 200, count: 200_000, seed: 12)
        let results = try [1, 2, 5].map { try CSRMatrix(coordinates, parallelism: Parallelism(threads: $0)) }
        #expect(results[0].rowOffsets == results[1].rowOffsets && results[0].rowOffsets == results[2].rowOffsets)
        let bits = results.map { $0.values.map(\.bitPattern) }
        #expect(bits[0] == bits[1] && bits[0] == bits[2])
    }

    @Test func addsInTheOrderGiven() throws {
        let coordinates = try COOMatrix(
            rowCount: 1, columnCount: 2, rowIndices: [0, 0, 0, 0], columnIndices: [1, 1, 0, 1],
            values: [1e8, -1e8, 5, 1])
        #expect(try CSRMatrix(coordinates).values == [5, 1])
    }

    @Test func keepsZerosAndEmptyRows() throws {
        let coordinates = try COOMatrix(
            rowCount: 4, columnCount: 3, rowIndices: [2, 2, 0], columnIndices: [1, 1, 2], values: [4, -4, 0])
        let x = try CSRMatrix(coordinates)
        #expect(x.rowOffsets == [0, 1, 1, 2, 2])
        #expect(x.columnIndices == [2, 1])
        #expect(x.values == [0, 0])
    }

    /// All values equal: GraphBLAS keeps such a matrix with a single value inside.
    @Test func keepsEveryValueOfAConstantMatrix() throws {
        let coordinates = try COOMatrix(
            rowCount: 3, columnCount: 3, rowIndices: [0, 1, 2], columnIndices: [2, 1, 0], values: [7, 7, 7])
        #expect(try CSRMatrix(coordinates).values == [7, 7, 7])
    }

    @Test func emptyShapes() throws {
        for (rows, columns) in [(0, 0), (0, 5), (5, 0)] {
            let coordinates = try COOMatrix(
                rowCount: rows, columnCount: columns, rowIndices: [], columnIndices: [], values: [])
            let x = try CSRMatrix(coordinates)
            #expect(x.rowOffsets == [Int](repeating: 0, count: rows + 1) && x.columnCount == columns)
        }
    }

    @Test func acceptsTheWidestColumns() throws {
        let coordinates = try COOMatrix(
            rowCount: 2, columnCount: Int(UInt32.max) + 1, rowIndices: [1, 0], columnIndices: [.max, 7],
            values: [1, 2])
        #expect(try CSRMatrix(coordinates).columnIndices == [7, .max])
    }

    @Test(arguments: [(1 << 61, "GrB_INVALID_VALUE"), (1 << 58, "GrB_OUT_OF_MEMORY")])
    func reportsWhatTheLibraryRefuses(rows: Int, code: String) throws {
        let coordinates = try COOMatrix(
            rowCount: rows, columnCount: 2, rowIndices: [1], columnIndices: [1], values: [1])
        let error = #expect(throws: GraphBLASError.self) { try CSRMatrix(coordinates) }
        #expect(error?.code == code)
        #expect(error?.description.contains(code) == true)
    }

    @Test func refusesSumsThatOverflow() throws {
        let large = Float.greatestFiniteMagnitude
        let coordinates = try COOMatrix(
            rowCount: 2, columnCount: 3, rowIndices: [1, 0, 1], columnIndices: [2, 0, 2], values: [large, 1, large])
        #expect(throws: SparseMatrixError.nonFiniteValue(row: 1, column: 2)) { try CSRMatrix(coordinates) }
    }
}

@Suite struct SparseTimesSparse {
    /// Σ a·b and Σ |a·b| over the inner dimension, and whether any stored entries meet.
    private func expectation(_ a: [[Double]], _ b: [[Double]], _ i: Int, _ j: Int) -> (sum: Double, magnitude: Double) {
        var sum = 0.0, magnitude = 0.0
        for l in b.indices {
            sum += a[i][l] * b[l][j]
            magnitude += abs(a[i][l] * b[l][j])
        }
        return (sum, magnitude)
    }

    private func firstMismatch(_ product: CSRMatrix, _ a: CSRMatrix, _ b: CSRMatrix) -> String? {
        let left = a.dense, right = b.dense, actual = product.dense
        guard product.rowCount == a.rowCount, product.columnCount == b.columnCount else {
            return "\(product.rowCount) × \(product.columnCount)"
        }
        var meetings = 0
        for i in 0..<a.rowCount {
            for j in 0..<b.columnCount {
                let expected = expectation(left, right, i, j)
                // The generated values are not zero, so stored entries meet where the magnitude is positive.
                if expected.magnitude > 0 { meetings += 1 }
                if !(abs(actual[i][j] - expected.sum) <= tolerance(terms: b.rowCount) * expected.magnitude) {
                    return "(\(i), \(j)): \(actual[i][j]) instead of \(expected.sum)"
                }
            }
        }
        return meetings == product.entryCount ? nil : "\(product.entryCount) entries instead of \(meetings)"
    }

    @Test(arguments: SparseCase.all)
    func productEqualsDoubleSums(of theCase: SparseCase) throws {
        let a = try theCase.matrix()
        let other = SparseCase(name: "right factor", rows: theCase.columns, columns: 13) { _, _ in 0.3 }
        let b = try other.matrix(seed: 2)
        #expect(firstMismatch(try spgemm(a, b), a, b) == nil)
    }

    @Test(arguments: SparseCase.all)
    func gramAndCooccurrenceEqualDoubleSums(of theCase: SparseCase) throws {
        let x = try theCase.matrix()
        let rows = try gram(x)
        #expect(firstMismatch(rows, x, x.transposed()) == nil)
        #expect(rows.transposed() == rows, "X·Xᵀ is symmetric to the bit")
        let columns = try cooccurrence(x)
        #expect(firstMismatch(columns, x.transposed(), x) == nil)
        #expect(columns.transposed() == columns, "Xᵀ·X is symmetric to the bit")
    }

    @Test func refusesSumsThatOverflow() throws {
        let x = try CSRMatrix(rowCount: 1, columnCount: 2, rowOffsets: [0, 1], columnIndices: [1], values: [1e30])
        #expect(throws: SparseMatrixError.nonFiniteValue(row: 0, column: 0)) { try gram(x) }
        #expect(throws: SparseMatrixError.nonFiniteValue(row: 1, column: 1)) { try cooccurrence(x) }
    }

    @Test(arguments: SparseCase.all)
    func transposesAsTheCountingSortDoes(_ theCase: SparseCase) throws {
        let x = try theCase.matrix()
        for threads in [1, 2, 5] {
            #expect(try x.transposedByGraphBLAS(parallelism: Parallelism(threads: threads)) == x.transposed())
        }
    }

    @Test func serialisesConcurrentCallers() async throws {
        let x = try SparseCase(name: "shared", rows: 60, columns: 50) { _, _ in 0.2 }.matrix()
        let expected = try gram(x)
        try await withThrowingTaskGroup(of: CSRMatrix.self) { group in
            for _ in 0..<8 { group.addTask { try gram(x) } }
            for try await result in group { #expect(result == expected) }
        }
    }
}

@Suite struct LoadingGraphBLAS {
    @Test func aMissingLibraryIsAnError() {
        let error = #expect(throws: GraphBLASNotInstalled.self) {
            try GraphBLASLibrary(file: "libgraphblas-of-nobody.so.7")
        }
        #expect(error?.file == "libgraphblas-of-nobody.so.7")
        for part in ["libgraphblas-of-nobody.so.7", "install", "libgraphblas7", "swift"] {
            #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
        }
    }

    /// Such as another program's library of the same name.
    @Test func aLibraryWithoutTheSymbolsIsAnError() {
        let error = #expect(throws: GraphBLASNotInstalled.self) { try GraphBLASLibrary(file: "libopenblas.so.0") }
        #expect(error?.reason.contains("GxB_init") == true, "\(error?.reason ?? "")")
    }

    @Test func bothBackendsAreInstalledHere() throws {
        for backend in SparseBackend.allCases { try backend.checkInstalled() }
    }
}

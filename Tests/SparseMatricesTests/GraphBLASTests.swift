import NumericTolerance
import SparseMatrices
import Testing

@testable import SuiteSparse

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

@Suite struct CallersOfGraphBLAS {
    @Test func serialisesConcurrentCallers() async throws {
        let x = try SparseCase(name: "shared", rows: 60, columns: 50) { _, _ in 0.2 }.matrix()
        let backend = try GraphBLASBackend()
        var numbers = Numbers(seed: 13)
        let w = DenseMatrix.random(50, 16, &numbers)
        @Sendable func product() throws -> [Float] {
            var y = DenseMatrix(rowCount: 60, columnCount: 16)
            try backend.spmm(x, w, into: &y)
            return y.elements
        }
        let expected = try product()
        try await withThrowingTaskGroup(of: [Float].self) { group in
            for _ in 0..<8 { group.addTask { try product() } }
            for try await result in group { #expect(result == expected) }
        }
    }

    /// More rows than GraphBLAS can count: it refuses before anything is read.
    @Test func reportsWhatTheLibraryRefuses() throws {
        let offsets = [0, 1], columns: [UInt32] = [0], values: [Float] = [1]
        var y: [Float] = [0]
        let backend = try GraphBLASBackend()
        let error = #expect(throws: SparseBackendFailure.self) {
            try offsets.withUnsafeBufferPointer { offsets in
                try columns.withUnsafeBufferPointer { columns in
                    try values.withUnsafeBufferPointer { values in
                        let view = CSRView(
                            rowCount: 1, columnCount: 1 << 61, rowOffsets: offsets, columnIndices: columns,
                            values: values)
                        try backend.spmm(view, [1], width: 1, into: &y, parallelism: .serial)
                    }
                }
            }
        }
        #expect((error?.cause as? GraphBLASError)?.code == "GrB_INVALID_VALUE")
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

    @Test func isInstalledHere() throws {
        _ = try GraphBLASBackend()
        #expect(try GraphBLASInstallation.version?.hasPrefix("7") == true)
    }
}

import SparseMatrices
import SuiteSparse
import Testing

@Suite struct CSRMatrixValidation {
    private func make(
        rows: Int = 2, columns: Int = 3, offsets: [Int] = [0, 2, 3], indices: [UInt32] = [0, 2, 1],
        values: [Float] = [1, 2, 3]
    ) throws -> CSRMatrix {
        try CSRMatrix(
            rowCount: rows, columnCount: columns, rowOffsets: offsets, columnIndices: indices, values: values)
    }

    @Test func acceptsAndReturnsWhatIsValid() throws {
        let x = try make()
        #expect(x.rowOffsets == [0, 2, 3])
        #expect(x.columnIndices == [0, 2, 1])
        #expect(x.values == [1, 2, 3])
        #expect(x.entryCount == 3)
        #expect(x.entryCount(ofRow: 0) == 2)
        #expect(x.row(1).columnIndices == [1])
        #expect(x.row(1).values == [3])
    }

    @Test func acceptsEmptyMatrices() throws {
        #expect(try make(rows: 0, columns: 0, offsets: [0], indices: [], values: []).entryCount == 0)
        #expect(try make(rows: 2, columns: 0, offsets: [0, 0, 0], indices: [], values: []).entryCount == 0)
    }

    @Test func refusesWrongLengths() {
        #expect(throws: SparseMatrixError.inconsistentLengths("2 rows need 3 row offsets, got 2")) {
            try make(offsets: [0, 3])
        }
        #expect(throws: SparseMatrixError.inconsistentLengths("3 column indices stand beside 2 values")) {
            try make(values: [1, 2])
        }
    }

    @Test func refusesInvalidOffsets() {
        #expect(throws: SparseMatrixError.invalidRowOffsets(row: 0)) { try make(offsets: [1, 2, 3]) }
        #expect(throws: SparseMatrixError.invalidRowOffsets(row: 1)) { try make(offsets: [0, 2, 1]) }
        #expect(throws: SparseMatrixError.invalidRowOffsets(row: 0)) { try make(offsets: [0, 4, 3]) }
        #expect(throws: SparseMatrixError.invalidRowOffsets(row: 0)) { try make(offsets: [0, -1, 3]) }
        #expect(throws: SparseMatrixError.invalidRowOffsets(row: 2)) { try make(offsets: [0, 1, 2]) }
    }

    @Test func refusesInvalidColumns() {
        #expect(throws: SparseMatrixError.columnOutOfRange(row: 0, column: 3, columnCount: 3)) {
            try make(indices: [0, 3, 1])
        }
        #expect(throws: SparseMatrixError.columnOutOfRange(row: 1, column: .max, columnCount: 3)) {
            try make(indices: [0, 2, .max])
        }
        #expect(throws: SparseMatrixError.unsortedColumns(row: 0)) { try make(indices: [2, 0, 1]) }
        #expect(throws: SparseMatrixError.unsortedColumns(row: 0)) { try make(indices: [2, 2, 1]) }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func refusesValuesThatAreNotFinite(value: Float) {
        #expect(throws: SparseMatrixError.nonFiniteValue(row: 1, column: 1)) { try make(values: [1, 2, value]) }
    }

    @Test func errorsExplainThemselves() {
        let errors: [(SparseMatrixError, String)] = [
            (.columnOutOfRange(row: 4, column: 9, columnCount: 7), "row 4 has column 9, but there are only 7 columns"),
            (.rowOutOfRange(entry: 3, row: 8, rowCount: 5), "entry 3 has row 8, but there are only 5 rows"),
            (.unsortedColumns(row: 2), "the columns of row 2 do not strictly rise"),
            (.nonFiniteValue(row: 1, column: 6), "the value at row 1, column 6 is not finite"),
        ]
        for (error, text) in errors { #expect(error.description == text) }
    }

    @Test func borrowsMemoryThatItsOwnerKeepsAlive() throws {
        let values = AlignedBuffer<Float>([5, 6])
        let offsets = AlignedBuffer<Int>([0, 1, 2])
        let columns = AlignedBuffer<UInt32>([1, 0])
        let owner = Owner(offsets, columns, values)
        let x = try CSRMatrix(
            rowCount: 2, columnCount: 2, rowOffsets: UnsafeBufferPointer(offsets.elements),
            columnIndices: UnsafeBufferPointer(columns.elements), values: UnsafeBufferPointer(values.elements),
            owner: owner)
        x.withUnsafeView { #expect($0.values.baseAddress == UnsafePointer(values.baseAddress)) }
        #expect(x.dense == [[0, 5], [6, 0]])
    }

    private final class Owner: Sendable {
        private let buffers: (AlignedBuffer<Int>, AlignedBuffer<UInt32>, AlignedBuffer<Float>)

        init(_ offsets: AlignedBuffer<Int>, _ columns: AlignedBuffer<UInt32>, _ values: AlignedBuffer<Float>) {
            buffers = (offsets, columns, values)
        }
    }
}

@Suite struct COOMatrixValidation {
    private func make(rows: [Int], columns: [UInt32], values: [Float]) throws -> COOMatrix {
        try COOMatrix(rowCount: 3, columnCount: 2, rowIndices: rows, columnIndices: columns, values: values)
    }

    @Test func acceptsAnyOrderAndDuplicates() throws {
        #expect(try make(rows: [2, 0, 2], columns: [1, 0, 1], values: [1, 2, 3]).entryCount == 3)
    }

    @Test func refusesWhatIsInvalid() {
        #expect(throws: SparseMatrixError.inconsistentLengths("2 rows, 1 columns and 1 values do not pair up")) {
            try make(rows: [0, 1], columns: [0], values: [1])
        }
        #expect(throws: SparseMatrixError.inconsistentLengths("1 rows, 1 columns and 0 values do not pair up")) {
            try make(rows: [0], columns: [0], values: [])
        }
        #expect(throws: SparseMatrixError.rowOutOfRange(entry: 1, row: 3, rowCount: 3)) {
            try make(rows: [0, 3], columns: [0, 0], values: [1, 1])
        }
        #expect(throws: SparseMatrixError.rowOutOfRange(entry: 0, row: -1, rowCount: 3)) {
            try make(rows: [-1], columns: [0], values: [1])
        }
        #expect(throws: SparseMatrixError.columnOutOfRange(row: 1, column: 2, columnCount: 2)) {
            try make(rows: [1], columns: [2], values: [1])
        }
        #expect(throws: SparseMatrixError.nonFiniteValue(row: 1, column: 1)) {
            try make(rows: [1], columns: [1], values: [.nan])
        }
    }
}

@Suite struct CSRMatrixOperations {
    @Test(arguments: SparseCase.all)
    func selectsRowsInAnyOrderWithRepeats(of theCase: SparseCase) throws {
        let x = try theCase.matrix()
        var numbers = Numbers(seed: 3)
        let selection = x.rowCount == 0 ? [] : (0..<2 * x.rowCount).map { _ in numbers.index(below: x.rowCount) }
        let selected = x.rows(selection)
        #expect(selected.columnCount == x.columnCount)
        #expect(selected.dense == selection.map { x.dense[$0] })
        #expect(x.rows(0..<x.rowCount) == x)
        #expect(x.rows([]).rowCount == 0)
    }

    @Test(arguments: SparseCase.all)
    func transposes(_ theCase: SparseCase) throws {
        let x = try theCase.matrix()
        let transposed = x.transposed()
        #expect(transposed.rowCount == x.columnCount && transposed.columnCount == x.rowCount)
        let dense = x.dense
        #expect(transposed.dense == (0..<x.columnCount).map { column in dense.map { $0[column] } })
        // The constructor checks the order of the columns, which the dense form does not show.
        #expect(
            throws: Never.self,
            performing: {
                try CSRMatrix(
                    rowCount: transposed.rowCount, columnCount: transposed.columnCount,
                    rowOffsets: transposed.rowOffsets, columnIndices: transposed.columnIndices,
                    values: transposed.values)
            })
        #expect(transposed.transposed() == x)
    }

    @Test(arguments: SparseCase.all)
    func mapsValuesByRowAndColumn(of theCase: SparseCase) throws {
        let x = try theCase.matrix()
        let mapped = try x.mapValues { row, column, value in value + Float(row * 1000 + column) }
        #expect(mapped.rowOffsets == x.rowOffsets && mapped.columnIndices == x.columnIndices)
        #expect(mapped.values == theCase.coordinates().map { $0.value + Float($0.row * 1000 + $0.column) })
    }

    @Test func mappingRefusesValuesThatAreNotFinite() throws {
        let x = try CSRMatrix(
            rowCount: 2, columnCount: 4, rowOffsets: [0, 1, 2], columnIndices: [0, 3], values: [2, 0])
        #expect(throws: SparseMatrixError.nonFiniteValue(row: 1, column: 3)) { try x.mapValues { 1 / $2 } }
    }
}

@Suite struct DenseMatrixValues {
    @Test func writingToACopyLeavesTheOriginal() {
        let original = DenseMatrix(rowCount: 2, columnCount: 2, elements: [1, 2, 3, 4])
        var written = original
        written[1, 0] = 9
        #expect(original.elements == [1, 2, 3, 4])
        #expect(written.elements == [1, 2, 9, 4])
        var scaled = original
        scaled.withUnsafeMutableElements { $0[3] = 0 }
        #expect(original.elements == [1, 2, 3, 4])
        #expect(scaled.elements == [1, 2, 3, 0])
    }

    @Test func writingWithoutCopiesStaysInPlace() {
        var matrix = DenseMatrix(rowCount: 3, columnCount: 5)
        let before = matrix.withUnsafeElements { UInt(bitPattern: $0) }
        matrix[2, 4] = 1
        #expect(matrix.withUnsafeElements { UInt(bitPattern: $0) } == before)
        #expect(matrix.row(2) == [0, 0, 0, 0, 1])
    }

    @Test func memoryIsAligned() {
        for count in [1, 7, 1 << 20] {
            let matrix = DenseMatrix(rowCount: count, columnCount: 2, repeating: 3)
            #expect(matrix.withUnsafeElements { UInt(bitPattern: $0) } % 64 == 0)
            #expect(matrix[count - 1, 1] == 3)
        }
    }
}

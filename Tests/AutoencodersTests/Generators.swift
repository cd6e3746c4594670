import SparseMatrices
import Testing

@testable import Autoencoders

/// A sparse matrix of a kind that often breaks things, with a name for the trace of a failing test.
struct GeneratedMatrix: CustomTestStringConvertible {
    let name: String
    let matrix: CSRMatrix

    var testDescription: String { "\(name), \(matrix.rowCount) × \(matrix.columnCount)" }

    /// - Parameter isStored: whether the entry at (row, column) is stored.
    init(_ name: String, rows: Int, columns: Int, seed: UInt64 = 1, isStored: (Int, Int, Float) -> Bool) {
        var generator = RandomGenerator(seed: seed, stream: 0x6d61_7478)
        var offsets = [0]
        var columnIndices: [UInt32] = []
        var values: [Float] = []
        for row in 0..<rows {
            for column in 0..<columns {
                let chance = generator.nextUniform()
                let value = 0.25 + generator.nextUniform()
                if isStored(row, column, chance) {
                    columnIndices.append(UInt32(column))
                    values.append(value)
                }
            }
            offsets.append(values.count)
        }
        self.name = name
        matrix = try! CSRMatrix(
            rowCount: rows, columnCount: columns, rowOffsets: offsets, columnIndices: columnIndices, values: values)
    }

    /// Every kind, each small enough for plain reference code.
    static let all = [
        GeneratedMatrix("random", rows: 23, columns: 17) { _, _, chance in chance < 0.3 },
        GeneratedMatrix("empty rows", rows: 20, columns: 15) { row, _, chance in row % 3 == 1 && chance < 0.4 },
        GeneratedMatrix("empty columns", rows: 14, columns: 20) { _, column, chance in
            column % 4 == 2 && chance < 0.6
        },
        GeneratedMatrix("one entry", rows: 9, columns: 11) { row, column, _ in row == 5 && column == 10 },
        GeneratedMatrix("full rows", rows: 8, columns: 13) { row, _, chance in row % 2 == 0 || chance < 0.2 },
        GeneratedMatrix("one row", rows: 1, columns: 9) { _, _, chance in chance < 0.5 },
        GeneratedMatrix("one column", rows: 12, columns: 1) { _, _, chance in chance < 0.5 },
        GeneratedMatrix("no entries", rows: 7, columns: 6) { _, _, _ in false },
    ]

    /// A matrix with entries at random.
    static func random(rows: Int, columns: Int, density: Float, seed: UInt64) -> CSRMatrix {
        GeneratedMatrix("random", rows: rows, columns: columns, seed: seed) { _, _, chance in chance < density }.matrix
    }
}

/// Reproducible numbers for weights and codes.
enum Numbers {
    static func normal(_ count: Int, scale: Float = 1, seed: UInt64) -> [Float] {
        var generator = RandomGenerator(seed: seed, stream: 0x6e6f_726d)
        return (0..<count).map { _ in scale * generator.nextNormal() }
    }

    static func matrix(_ rows: Int, _ columns: Int, scale: Float = 1, seed: UInt64) -> DenseMatrix {
        DenseMatrix(rowCount: rows, columnCount: columns, elements: normal(rows * columns, scale: scale, seed: seed))
    }

    /// Codes as a ReLU gives them: about half of them zero.
    static func codes(rows: Int, width: Int, seed: UInt64) -> [Float] {
        normal(rows * width, seed: seed).map { max(0, $0) }
    }
}

extension CSRMatrix {
    /// The given rows, dense, in Double.
    func denseRows(_ rows: some Sequence<Int>) -> [[Double]] {
        rows.map { row in
            var dense = [Double](repeating: 0, count: columnCount)
            let entries = self.row(row)
            for (column, value) in zip(entries.columnIndices, entries.values) { dense[Int(column)] = Double(value) }
            return dense
        }
    }

    /// A batch of the given rows.
    func batch(_ rows: Range<Int>, corruption: Corruption? = nil) -> SparseBatch {
        var batch = SparseBatch(columnCount: columnCount)
        batch.load(Array(rows)[...], of: self, corruption: corruption)
        return batch
    }

    var allRows: Range<Int> { 0..<rowCount }
}

extension Execution {
    static let serial = Execution(parallelism: .serial)
}

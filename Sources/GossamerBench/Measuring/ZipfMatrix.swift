import Autoencoders
import Foundation
import SparseMatrices

/// A random matrix whose columns are drawn from Zipf's law, as the words of text are: column c with a probability
/// proportional to 1/(c + 1), distinct within a row.
func zipfMatrix(rows: Int, columns: Int, entriesPerRow: Int, seed: UInt64) throws -> CSRMatrix {
    var generator = RandomGenerator(seed: seed)
    var offsets = [0]
    var indices: [UInt32] = []
    for _ in 0..<rows {
        var row = Set<UInt32>()
        while row.count < min(entriesPerRow, columns) {
            row.insert(UInt32(min(columns - 1, Int(pow(Double(columns), Double(generator.nextUniform()))) - 1)))
        }
        indices.append(contentsOf: row.sorted())
        offsets.append(indices.count)
    }
    return try CSRMatrix(
        rowCount: rows, columnCount: columns, rowOffsets: offsets, columnIndices: indices,
        values: indices.map { _ in generator.nextUniform() })
}

func randomMatrix(rows: Int, columns: Int, seed: UInt64) -> DenseMatrix {
    var generator = RandomGenerator(seed: seed)
    return DenseMatrix(
        rowCount: rows, columnCount: columns, elements: (0..<rows * columns).map { _ in generator.nextUniform() })
}

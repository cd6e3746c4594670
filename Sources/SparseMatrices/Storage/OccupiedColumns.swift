/// The columns of a matrix that hold entries, numbered 0, 1, … in their order.
///
/// What is kept for each column of a wide matrix need be kept for these only: of 2²⁰ hashed features, few occur.
package struct OccupiedColumns: Sendable, Equatable {
    /// The column that each number stands for, ascending.
    package let columns: [UInt32]
    /// The number of each column of the matrix; `UInt32.max` for those without entries.
    let numbers: [UInt32]

    /// - Complexity: O(entries + columns).
    package init(of matrix: CSRMatrix) {
        var numbers = [UInt32](repeating: .max, count: matrix.columnCount)
        matrix.withUnsafeView { view in
            for column in view.columnIndices { numbers[Int(column)] = 0 }
        }
        var columns: [UInt32] = []
        for column in numbers.indices where numbers[column] == 0 {
            numbers[column] = UInt32(columns.count)
            columns.append(UInt32(column))
        }
        self.columns = columns
        self.numbers = numbers
    }

    package var count: Int { columns.count }
    /// Whether they are at most half of the matrix's columns.
    package var areFew: Bool { 2 * columns.count <= numbers.count }

    /// A matrix with a row for each of these columns, spread over all columns of the matrix; the others' rows are 0.
    ///
    /// - Complexity: O(columns·width).
    package func spread(_ compact: DenseMatrix) -> DenseMatrix {
        precondition(compact.rowCount == count, "\(compact.rowCount) rows for \(count) occupied columns")
        let width = compact.columnCount
        var full = DenseMatrix(rowCount: numbers.count, columnCount: width)
        compact.withUnsafeElements { source in
            full.withUnsafeMutableElements { target in
                for (number, column) in columns.enumerated() {
                    (target + Int(column) * width).update(from: source + number * width, count: width)
                }
            }
        }
        return full
    }

    /// The same for a number a column.
    package func spread(_ compact: [Float]) -> [Float] {
        precondition(compact.count == count, "\(compact.count) numbers for \(count) occupied columns")
        var full = [Float](repeating: 0, count: numbers.count)
        for (number, column) in columns.enumerated() { full[Int(column)] = compact[number] }
        return full
    }
}

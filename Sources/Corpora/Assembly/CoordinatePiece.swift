import SparseMatrices

/// Entries in the order of a file, as coordinates counted from 0: part of a list that is too long for one block.
struct CoordinatePiece {
    let rows: AlignedBuffer<UInt32>
    let columns: AlignedBuffer<UInt32>
    let values: AlignedBuffer<Float>
    /// How many of the places are in use.
    let count: Int
    /// How many values are not the whole numbers that the file says.
    var valuesRounded = 0
}

/// Which further entry each stored entry off the diagonal stands for.
enum Mirroring {
    case none
    /// (j, i) has the same value as (i, j).
    case symmetric
    /// (j, i) has the negated value of (i, j).
    case skew

    func mirrored(_ value: Float) -> Float { self == .skew ? -value : value }
}

extension CoordinatePiece {
    /// Lays the entries out by rows, in each row in the order of the file, as sorting and merging take them.
    ///
    /// - Precondition: indices are in range.
    /// - Complexity: O(rows + entries), 8 bytes an entry.
    static func rowMajor(
        _ pieces: [CoordinatePiece], rowCount: Int, columnCount: Int, mirroring: Mirroring = .none
    ) -> RowMajorEntries {
        let offsets = AlignedBuffer(repeating: 0, count: rowCount + 1)
        forEach(pieces, mirroring) { row, _, _ in offsets.baseAddress[Int(row) + 1] += 1 }
        for row in 0..<rowCount { offsets.baseAddress[row + 1] += offsets.baseAddress[row] }
        let columns = AlignedBuffer<UInt32>(uninitialized: offsets.elements[rowCount])
        let values = AlignedBuffer<Float>(uninitialized: offsets.elements[rowCount])
        let next = offsets.copy()
        forEach(pieces, mirroring) { row, column, value in
            let place = next.baseAddress[Int(row)]
            next.baseAddress[Int(row)] = place + 1
            columns.baseAddress[place] = column
            values.baseAddress[place] = value
        }
        return RowMajorEntries(
            rowCount: rowCount, columnCount: columnCount, rowOffsets: offsets, columnIndices: columns, values: values)
    }

    @inline(__always)
    private static func forEach(
        _ pieces: [CoordinatePiece], _ mirroring: Mirroring, _ body: (UInt32, UInt32, Float) -> Void
    ) {
        for piece in pieces {
            let (rows, columns, values) = (piece.rows.baseAddress, piece.columns.baseAddress, piece.values.baseAddress)
            for entry in 0..<piece.count {
                body(rows[entry], columns[entry], values[entry])
                if mirroring != .none, rows[entry] != columns[entry] {
                    body(columns[entry], rows[entry], mirroring.mirrored(values[entry]))
                }
            }
        }
    }
}

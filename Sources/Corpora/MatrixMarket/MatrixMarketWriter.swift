import FileIO
import SparseMatrices

/// Writes MatrixMarket coordinate files, general, by rows: integer if all values are whole numbers, real otherwise, in
/// the shortest form that reads back as the same Float. The format has no place for labels, ids and words.
package enum MatrixMarketWriter {
    /// Writes a file that appears whole or not at all; `-` is standard output.
    package static func write(_ matrix: CSRMatrix, to path: String) throws(FileError) {
        let file = try AtomicFile(path: path)
        try matrix.withUnsafeView { view throws(FileError) in
            let isWhole = view.values.allSatisfy { $0.magnitude <= 16_777_216 && $0 == $0.rounded(.towardZero) }
            var lines = Array("%%MatrixMarket matrix coordinate \(isWhole ? "integer" : "real") general\n".utf8)
            lines += "\(view.rowCount) \(view.columnCount) \(view.values.count)\n".utf8
            for row in 0..<view.rowCount {
                for entry in view.entries(ofRow: row) {
                    appendWhole(UInt64(row) + 1, to: &lines)
                    lines.append(UInt8(ascii: " "))
                    appendWhole(UInt64(view.columnIndices[entry]) + 1, to: &lines)
                    lines.append(UInt8(ascii: " "))
                    appendShortest(view.values[entry], to: &lines)
                    lines.append(UInt8(ascii: "\n"))
                }
                if lines.count >= 1 << 16 {
                    try file.write(lines)
                    lines.removeAll(keepingCapacity: true)
                }
            }
            try file.write(lines)
        }
        try file.commit()
    }
}

/// A dense matrix of bfloat16, the upper halves of `Float`s: their range, with eight bits of precision; row-major, with
/// copy-on-write value semantics.
package struct BFloatMatrix: Sendable {
    package let rowCount: Int
    package let columnCount: Int
    private var storage: AlignedBuffer<UInt16>

    /// rows × columns zeros.
    package init(rowCount: Int, columnCount: Int) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        storage = AlignedBuffer(repeating: 0, count: rowCount * columnCount)
    }

    package mutating func withUnsafeMutableElements<R>(_ body: (UnsafeMutablePointer<UInt16>) -> R) -> R {
        if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
        return body(storage.baseAddress)
    }

    /// Sets columns to zero.
    package mutating func clear(columns: [Int]) {
        let (rowCount, width) = (rowCount, columnCount)
        withUnsafeMutableElements { elements in
            for row in 0..<rowCount { for column in columns { elements[row * width + column] = 0 } }
        }
    }
}

import SparseMatrices

/// Working memory for a row-major matrix whose number of rows changes from batch to batch; it allocates only to grow.
package final class ScratchMatrix {
    package private(set) var rowCount = 0
    package private(set) var width = 0
    private var storage = AlignedBuffer<Float>(uninitialized: 0)

    package init() {}

    /// Sets the shape and clears all elements.
    package func reset(rows: Int, width: Int) {
        resize(rows: rows, width: width)
        storage.baseAddress.update(repeating: 0, count: rows * width)
    }

    /// Sets the shape; the elements hold anything.
    package func resize(rows: Int, width: Int) {
        let count = rows * width
        if count > storage.count { storage = AlignedBuffer(repeating: 0, count: count + count / 4) }
        rowCount = rows
        self.width = width
    }

    package var elementCount: Int { rowCount * width }

    /// rows × width, row-major; valid until the matrix has to grow.
    package var elements: UnsafeMutablePointer<Float> { storage.baseAddress }
}

/// A dense matrix of `Float`, row-major, with copy-on-write value semantics.
public struct DenseMatrix: Sendable {
    public let rowCount: Int
    public private(set) var columnCount: Int
    /// At least rows × columns elements; the elements after them are unused.
    private var storage: AlignedBuffer<Float>

    /// A matrix of rows × columns elements, all equal to `value`.
    public init(rowCount: Int, columnCount: Int, repeating value: Float = 0) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        storage = AlignedBuffer(repeating: value, count: rowCount * columnCount)
    }

    /// - Parameter elements: rows × columns values in row-major order.
    public init(rowCount: Int, columnCount: Int, elements: [Float]) {
        precondition(
            elements.count == rowCount * columnCount,
            "\(rowCount) × \(columnCount) needs \(rowCount * columnCount) elements, got \(elements.count)")
        self.rowCount = rowCount
        self.columnCount = columnCount
        storage = AlignedBuffer(elements)
    }

    public var elementCount: Int { rowCount * columnCount }

    /// A copy of all elements in row-major order.
    public var elements: [Float] { Array(storage.elements.prefix(elementCount)) }

    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition(contains(row, column), "(\(row), \(column)) is outside \(rowCount) × \(columnCount)")
            return storage.baseAddress[row * columnCount + column]
        }
        set {
            precondition(contains(row, column), "(\(row), \(column)) is outside \(rowCount) × \(columnCount)")
            makeUnique()
            storage.baseAddress[row * columnCount + column] = newValue
        }
    }

    /// A copy of one row.
    public func row(_ row: Int) -> [Float] {
        precondition(row >= 0 && row < rowCount, "row \(row) is outside \(rowCount) × \(columnCount)")
        return Array(UnsafeBufferPointer(start: storage.baseAddress + row * columnCount, count: columnCount))
    }

    public func withUnsafeElements<R, E: Error>(_ body: (UnsafePointer<Float>) throws(E) -> R) throws(E) -> R {
        try body(UnsafePointer(storage.baseAddress))
    }

    public mutating func withUnsafeMutableElements<R, E: Error>(
        _ body: (UnsafeMutablePointer<Float>) throws(E) -> R
    ) throws(E) -> R {
        makeUnique()
        return try body(storage.baseAddress)
    }

    /// Sets all elements to zero.
    package mutating func clear() {
        let count = elementCount
        withUnsafeMutableElements { $0.update(repeating: 0, count: count) }
    }

    /// Removes all but the first columns; the allocated memory does not shrink.
    ///
    /// - Complexity: O(rows·columns).
    package mutating func keepColumns(_ count: Int) {
        precondition(count <= columnCount, "\(columnCount) columns cannot become \(count)")
        let (rowCount, columnCount) = (rowCount, columnCount)
        if count == columnCount { return }
        withUnsafeMutableElements { elements in
            for row in 0..<rowCount {
                (elements + row * count).update(from: elements + row * columnCount, count: count)
            }
        }
        self.columnCount = count
    }

    private func contains(_ row: Int, _ column: Int) -> Bool {
        row >= 0 && row < rowCount && column >= 0 && column < columnCount
    }

    private mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
    }
}

extension DenseMatrix: Equatable {
    public static func == (a: DenseMatrix, b: DenseMatrix) -> Bool {
        a.rowCount == b.rowCount && a.columnCount == b.columnCount
            && a.storage.elements.prefix(a.elementCount).elementsEqual(b.storage.elements.prefix(b.elementCount))
    }
}

/// A dense matrix of bfloat16 numbers, the upper halves of `Float`s, with the same range and eight bits of precision;
/// row-major, with copy-on-write value semantics.
package struct BFloatMatrix: Sendable {
    package let rowCount: Int
    package let columnCount: Int
    private var storage: AlignedBuffer<UInt16>

    /// A matrix of rows × columns zeros.
    package init(rowCount: Int, columnCount: Int) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        storage = AlignedBuffer(repeating: 0, count: rowCount * columnCount)
    }

    package func withUnsafeElements<R>(_ body: (UnsafePointer<UInt16>) -> R) -> R {
        body(UnsafePointer(storage.baseAddress))
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

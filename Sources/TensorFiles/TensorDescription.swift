/// What a stored tensor is: its name, element type and shape (row-major; an empty shape is a single value).
package struct TensorDescription: Sendable, Equatable {
    package let name: String
    package let type: TensorType
    package let shape: [Int]

    /// - Precondition: no extent is negative, and the size in bytes fits in `Int`.
    package init(name: String, type: TensorType, shape: [Int]) {
        precondition(
            Self.byteCount(type: type, shape: shape) != nil, "tensor '\(name)' cannot have the shape \(shape)")
        self.name = name
        self.type = type
        self.shape = shape
    }

    package var elementCount: Int { shape.reduce(1, *) }
    package var byteCount: Int { elementCount * type.byteWidth }

    /// The size of a tensor, or nil if an extent is negative or the size does not fit in `Int`.
    static func byteCount(type: TensorType, shape: [Int]) -> Int? {
        guard shape.allSatisfy({ $0 >= 0 }) else { return nil }
        // An extent of 0 makes the size 0 whatever the others are, but their product must fit for other readers.
        var size = type.byteWidth
        for extent in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: extent)
            if overflow { return nil }
            size = product
        }
        return size
    }
}

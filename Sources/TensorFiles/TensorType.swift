/// The element type of a stored tensor. Raw values are the names that safetensors uses.
///
/// Half-precision types are included so that files containing them can be opened and described; reading or writing
/// their elements is not supported.
package enum TensorType: String, Sendable, CaseIterable {
    case float32 = "F32"
    case float64 = "F64"
    case int64 = "I64"
    case int32 = "I32"
    case uint32 = "U32"
    case uint8 = "U8"
    case float16 = "F16"
    case bfloat16 = "BF16"

    /// The size of an element in bytes, which is also its alignment.
    package var byteWidth: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16: 2
        case .uint8: 1
        }
    }

    /// Whether there is a Swift type for the elements.
    package var isSupported: Bool { self != .float16 && self != .bfloat16 }

    /// NumPy's name for the type, little-endian; nil if NumPy has none or the type is not supported here.
    package var npyDescription: String? {
        switch self {
        case .float32: "<f4"
        case .float64: "<f8"
        case .int64: "<i8"
        case .int32: "<i4"
        case .uint32: "<u4"
        case .uint8: "|u1"
        case .float16, .bfloat16: nil
        }
    }
}

/// A Swift type with the same memory layout as a stored tensor element. All supported platforms and the formats are
/// little-endian, so elements are read and written unchanged.
package protocol TensorElement: BitwiseCopyable, Sendable {
    static var tensorType: TensorType { get }
}

extension Float: TensorElement {
    package static var tensorType: TensorType { .float32 }
}
extension Double: TensorElement {
    package static var tensorType: TensorType { .float64 }
}
extension Int64: TensorElement {
    package static var tensorType: TensorType { .int64 }
}
extension Int: TensorElement {
    package static var tensorType: TensorType { .int64 }
}
extension Int32: TensorElement {
    package static var tensorType: TensorType { .int32 }
}
extension UInt32: TensorElement {
    package static var tensorType: TensorType { .uint32 }
}
extension UInt8: TensorElement {
    package static var tensorType: TensorType { .uint8 }
}

/// The description of a stored tensor: its name, element type and shape (row-major; an empty shape is a single value).
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

    /// The size of a tensor in bytes; nil if an extent is negative or the size does not fit in `Int`.
    static func byteCount(type: TensorType, shape: [Int]) -> Int? {
        guard shape.allSatisfy({ $0 >= 0 }) else { return nil }
        // If an extent is 0, the size is 0, but the product of the other extents must still fit for other readers.
        var size = type.byteWidth
        for extent in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: extent)
            if overflow { return nil }
            size = product
        }
        return size
    }
}

/// The element type of a stored tensor. Raw values are the names that safetensors uses.
///
/// Half-precision types are known so that a file holding them can be opened and described; their elements cannot be
/// read or written here.
package enum TensorType: String, Sendable, CaseIterable {
    case float32 = "F32"
    case float64 = "F64"
    case int64 = "I64"
    case int32 = "I32"
    case uint32 = "U32"
    case uint8 = "U8"
    case float16 = "F16"
    case bfloat16 = "BF16"

    /// Bytes an element takes, which is also the alignment it needs.
    package var byteWidth: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16: 2
        case .uint8: 1
        }
    }

    /// Whether a Swift type here stands for the elements.
    package var isSupported: Bool { self != .float16 && self != .bfloat16 }

    /// NumPy's name for the type, little-endian; nil where NumPy has none or it is not supported here.
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

/// A Swift type whose memory is the stored form of a tensor element. All supported platforms are little-endian, as
/// the formats are, so elements go to and from files unchanged.
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

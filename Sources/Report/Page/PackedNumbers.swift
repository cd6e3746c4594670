import RealModule

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Many numbers as they stand in a page: little-endian, in base64, with the name of their type.
struct PackedNumbers: Encodable {
    private let type: String
    private let data: String
    /// Of quantised numbers, what 0 and the largest integer stand for.
    private var range: [Float]?

    private enum CodingKeys: String, CodingKey {
        case type = "t", data = "d", range = "r"
    }

    private init<T: FixedWidthInteger>(_ numbers: [T], type: String, range: [Float]? = nil) {
        self.type = type
        self.range = range
        let bytes = numbers.map(\.littleEndian).withUnsafeBytes { Data($0) }
        data = bytes.base64EncodedString()
    }

    /// Exactly.
    init(_ numbers: [Float]) { self.init(numbers.map(\.bitPattern), type: "f32") }

    init(_ numbers: [Double]) { self.init(numbers.map { Float($0) }) }

    /// Non-negative integers in as few bytes as they need; nil becomes the type's largest number.
    init(indices: [Int?]) {
        let largest = indices.reduce(0) { max($0, $1 ?? 0) }
        if largest < Int(UInt8.max) {
            self.init(indices.map { $0.map { UInt8($0) } ?? .max }, type: "u8")
        } else if largest < Int(UInt16.max) {
            self.init(indices.map { $0.map { UInt16($0) } ?? .max }, type: "u16")
        } else {
            self.init(indices.map { $0.map { UInt32(clamping: $0) } ?? .max }, type: "u32")
        }
    }

    /// To 1/65535 of their range; numbers that are not finite become the smallest.
    init(rounding numbers: [Float]) {
        let (low, high) = Self.range(of: numbers)
        let scale = high > low ? Float(UInt16.max) / (high - low) : 0
        self.init(
            numbers.map { $0.isFinite ? UInt16(min(Float(UInt16.max), max(0, (($0 - low) * scale).rounded()))) : 0 },
            type: "q16", range: [low, high])
    }

    /// To 1/255 of their range.
    init(coarselyRounding numbers: [Float]) {
        let (low, high) = Self.range(of: numbers)
        let scale = high > low ? Float(UInt8.max) / (high - low) : 0
        self.init(
            numbers.map { $0.isFinite ? UInt8(min(Float(UInt8.max), max(0, (($0 - low) * scale).rounded()))) : 0 },
            type: "q8", range: [low, high])
    }

    private static func range(of numbers: [Float]) -> (Float, Float) {
        let finite = numbers.lazy.filter(\.isFinite)
        return (finite.min() ?? 0, finite.max() ?? 0)
    }
}

extension Double {
    /// Rounded to so many significant digits, for fewer characters in a page; 0 if not finite.
    func significant(_ digits: Int) -> Double {
        guard isFinite, self != 0 else { return 0 }
        let scale = Double.pow(10, Double(digits) - 1 - Double.log10(abs(self)).rounded(.down))
        guard scale.isFinite, scale > 0 else { return self }
        let rounded = (self * scale).rounded() / scale
        return rounded.isFinite ? rounded : self
    }
}

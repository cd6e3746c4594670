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
    /// Of quantised numbers, what 0 and the largest integer but one stand for.
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

    init(bytes: [UInt8]) { self.init(bytes, type: "u8") }

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

    /// To 1/65534 of their range; the largest integer stands for numbers that are not finite.
    init(rounding numbers: [Float]) { self.init(rounding: numbers, to: UInt16.self, type: "q16") }

    /// To 1/254 of their range; the largest integer stands for numbers that are not finite.
    init(coarselyRounding numbers: [Float]) { self.init(rounding: numbers, to: UInt8.self, type: "q8") }

    private init<T: FixedWidthInteger & UnsignedInteger>(rounding numbers: [Float], to _: T.Type, type: String) {
        let (low, high) = Self.range(of: numbers)
        let steps = Double(T.max - 1)
        let scale = high > low ? steps / (Double(high) - Double(low)) : 0
        self.init(
            numbers.map { number in
                number.isFinite ? T(min(steps, max(0, ((Double(number) - Double(low)) * scale).rounded()))) : T.max
            }, type: type, range: [low, high])
    }

    private static func range(of numbers: [Float]) -> (Float, Float) {
        let finite = numbers.lazy.filter(\.isFinite)
        return (finite.min() ?? 0, finite.max() ?? 0)
    }
}

extension Double {
    /// Rounded to so many significant digits, for fewer characters in a page; nil if not finite, which the page shows as
    /// a dash.
    func significant(_ digits: Int) -> Double? {
        guard isFinite else { return nil }
        if self == 0 { return 0 }
        let scale = Double.pow(10, Double(digits) - 1 - Double.log10(abs(self)).rounded(.down))
        guard scale.isFinite, scale > 0 else { return self }
        let rounded = (self * scale).rounded() / scale
        return rounded.isFinite ? rounded : self
    }
}

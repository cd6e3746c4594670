/// The number of decimal digits that eight bytes of text begin with, and their value, computed in parallel.
struct DigitRun {
    private let digits: UInt64
    /// From 0 to 8.
    let count: Int

    /// - Precondition: eight bytes may be read at `start`.
    @inline(__always)
    init(at start: UnsafePointer<UInt8>) {
        let word = UInt64(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self))
        digits = word ^ 0x3030_3030_3030_3030
        // A digit is now 0...9 and stays below 0x80 when 0x76 is added. The carry of a large byte can only change the
        // bytes after it, which are not used.
        let others = ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
        count = others.trailingZeroBitCount >> 3
    }

    /// The value of the digits: pairs, then groups of four, then all eight are combined by multiplications.
    ///
    /// - Precondition: `count` is not 0.
    @inline(__always)
    var number: UInt64 {
        // Shifting the digits up puts leading zeros before them.
        let eight = digits &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count)
        let pairs = eight &* 10 &+ (eight &>> 8)
        let low = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
        let high = ((pairs &>> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
        return (low &+ high) &>> 32
    }
}

/// A decimal number, `[+-] digits [. digits] [e [+-] digits]`, with at least one digit before the exponent.
///
/// The value equals C's `strtof`: the decimal rounded once, to the nearest Float, ties to even; infinite if it is too
/// large. Numbers of up to 19 digits with a decimal exponent within ±22 need no allocation.
struct DecimalNumber {
    let value: Float
    /// The position after the number's last character.
    let end: UnsafePointer<UInt8>

    /// Returns nil if no number begins at `start`.
    ///
    /// - Precondition: the text ends with a byte that is not part of any number, such as a newline, and 16 readable
    ///   bytes after it.
    @inline(__always)
    init?(at start: UnsafePointer<UInt8>) {
        let isNegative = start[0] == UInt8(ascii: "-")
        let signed = isNegative || start[0] == UInt8(ascii: "+")
        var scan = DigitScan(position: signed ? start + 1 : start)
        scan.readDigits()
        var fractionDigits = 0
        if scan.position[0] == UInt8(ascii: ".") {
            scan.position += 1
            let integerDigits = scan.count
            scan.readDigits()
            fractionDigits = scan.count - integerDigits
        }
        guard scan.count > 0 else { return nil }
        var exponent = -fractionDigits
        var end = scan.position
        if end[0] | 0x20 == UInt8(ascii: "e"), let written = Self.exponent(after: &end) { exponent += written }
        self.end = end
        if scan.count <= 19, let magnitude = Self.rounded(scan.mantissa, exponent: exponent) {
            value = isNegative ? -magnitude : magnitude
        } else {
            value = Self.parseSlowly(start, end)
        }
    }

    /// Whether a value differs from the integer in its text. Floats represent all integers up to 2²⁴; fractions, most
    /// of which cannot be represented exactly, are not checked.
    ///
    /// - Parameter start: the beginning of the value's text, whose end is `end`.
    @inline(__always)
    static func isRounded(_ value: Float, from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) -> Bool {
        value.magnitude >= 0x1p24 && differs(value, from: start, to: end)
    }

    /// Whether the digits of a number's text are all zeros.
    static func isZero(from start: UnsafePointer<UInt8>) -> Bool {
        var p = start
        while p[0] == UInt8(ascii: "0") || p[0] == UInt8(ascii: ".") || p[0] == UInt8(ascii: "-")
            || p[0] == UInt8(ascii: "+")
        {
            p += 1
        }
        return !(0x31...0x39).contains(p[0])
    }

    @inline(never)
    private static func differs(
        _ value: Float, from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>
    ) -> Bool {
        let text = String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
        if let whole = Int(text) { return Int(exactly: value) != whole }
        return Double(text).map { Double(value) != $0 } ?? true
    }

    /// The exponent after an `e`; nil, without consuming anything, if there is none. Magnitudes beyond a million are
    /// limited, since the result is 0 or ∞ in any case.
    private static func exponent(after position: inout UnsafePointer<UInt8>) -> Int? {
        var p = position + 1
        let isNegative = p[0] == UInt8(ascii: "-")
        if isNegative || p[0] == UInt8(ascii: "+") { p += 1 }
        guard p[0] &- 0x30 <= 9 else { return nil }
        var size = 0
        while p[0] &- 0x30 <= 9 {
            size = min(size * 10 + Int(p[0] &- 0x30), 1_000_000)
            p += 1
        }
        position = p
        return isNegative ? -size : size
    }

    /// mantissa·10^exponent, or nil if the product cannot be rounded safely.
    ///
    /// Both conversions to Double are within half a unit of its last place, so the product is within 2 of them. The
    /// Double's rounding to Float is that of the exact number unless a midpoint between two Floats lies that close:
    /// with 29 bits more in a Double than in a Float, unless these bits are near 2²⁸. (All values here, at least
    /// 10⁻²², are normal Floats; larger than the largest Float, the same holds for the midpoint to infinity.)
    @inline(__always)
    private static func rounded(_ mantissa: UInt64, exponent: Int) -> Float? {
        if mantissa == 0 { return 0 }
        let number: Double
        if exponent == 0 {
            if mantissa <= 1 << 24 { return Float(mantissa) }
            number = Double(mantissa)
        } else {
            guard exponent >= -22, exponent <= 22 else { return nil }
            number =
                exponent < 0
                ? Double(mantissa) / powersOfTen[-exponent] : Double(mantissa) * powersOfTen[exponent]
        }
        let distance = Int(truncatingIfNeeded: number.bitPattern & 0x1FFF_FFFF) &- 0x1000_0000
        if distance >= -4, distance <= 4 { return nil }
        return Float(number)
    }

    @inline(never)
    private static func parseSlowly(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Float {
        let text = String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
        guard let value = Float(text) else { preconditionFailure("\"\(text)\" is a decimal number") }
        return value
    }
}

/// Powers that a Double holds exactly.
private let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
    1e20, 1e21, 1e22,
]

private let integerPowersOfTen: [UInt64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
]

/// The digits read so far. `mantissa` is invalid once there are more than 19.
private struct DigitScan {
    var position: UnsafePointer<UInt8>
    var mantissa: UInt64 = 0
    var count = 0

    @inline(__always)
    init(position: UnsafePointer<UInt8>) { self.position = position }

    @inline(__always)
    mutating func readDigits() {
        while true {
            let run = DigitRun(at: position)
            if run.count == 0 { return }
            mantissa = mantissa &* integerPowersOfTen[run.count] &+ run.number
            count += run.count
            position += run.count
            if run.count < 8 { return }
        }
    }
}

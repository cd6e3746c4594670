import Foundation
import Testing

@testable import Corpora

@Suite struct DecimalNumberTests {
    func parse(_ text: String) -> (value: Float, length: Int)? {
        let padded = Array(text.utf8) + [UInt8](repeating: 0x0A, count: 24)
        return padded.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress, let number = DecimalNumber(at: start) else { return nil }
            return (number.value, number.end - start)
        }
    }

    func expectSame(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let expected = strtof(text, nil)
        guard let parsed = parse(text), parsed.value.bitPattern == expected.bitPattern,
            parsed.length == text.utf8.count
        else {
            Issue.record(
                "\(text): \(String(describing: parse(text))), strtof \(expected)", sourceLocation: sourceLocation)
            return
        }
    }

    @Test func writtenForms() {
        for text in [
            "0", "-0", "+0", "1", "7", "-1", "+1", "12345678", "123456789", ".5", "2.", "-.5", "+2.", "0.1", "1e-3",
            "1E+3",
            "1.5e2", "00012", "0.000", "000.5e-1", "16777217", "16777219", "16777216.5", "33554431", "33554433",
            "9007199254740993", "18446744073709551615", "18446744073709551616", "99999999999999999999",
            "3.4028234663852886e38", "3.4028235677973366e38", "3.4028235677973367e38", "3.4028236e38", "1e39", "-1e39",
            "1e400", "1e-46", "1e-45", "1.4e-45", "7.006492321624085e-46", "7.0064923216240854e-46", "1.17549435e-38",
            "1.1754942e-38", "1e-400", "1e99999999999", "0e99999999999", "1e-99999999999", "0.30000001192092896",
            "1.00000017881393432617187499", "1.00000017881393432617187500", "1.00000017881393432617187501",
            "8.5899345e9", "1e22", "1e23", "123456789012345678901234567890", "0.00000000000000000000000000001",
            "1.000000059604644775390625", "1.0000000596046447753906251",
        ] { expectSame(text) }
    }

    @Test func everyExponentAroundTheLimits() {
        for exponent in -60...45 {
            for mantissa in ["1", "3", "9.99", "1.7014118", "16777217", "123456789.123456789"] {
                expectSame("\(mantissa)e\(exponent)")
            }
        }
    }

    /// Decimals at and next to the middle between two Floats, where rounding twice goes wrong.
    @Test func midpoints() {
        var g = SplitMix(state: 11)
        for _ in 0..<20_000 {
            let float = Float(bitPattern: UInt32.random(in: 0x3000_0000..<0x4F00_0000, using: &g))
            let middle = (Double(float) + Double(float.nextUp)) / 2
            for value in [middle, middle.nextUp, middle.nextDown] { expectSame("\(value)") }
            expectSame(String(format: "%.20g", middle))
            expectSame(String(format: "%.8g", middle))
        }
    }

    @Test func generatedNumbers() {
        var g = SplitMix(state: 5)
        for _ in 0..<60_000 {
            expectSame(generatedNumber(&g))
            let bits = Float(bitPattern: UInt32.random(in: 0..<0x7F80_0000, using: &g))
            expectSame("\(bits)")
            let digits = (0..<Int.random(in: 1...25, using: &g)).map { _ in Int.random(in: 0...9, using: &g) }
            var text = digits.map(String.init).joined()
            text.insert(".", at: text.index(text.startIndex, offsetBy: Int.random(in: 0...text.count, using: &g)))
            if g.chance(0.5) { text += "e\(Int.random(in: -50...45, using: &g))" }
            expectSame(text)
        }
    }

    @Test func whatIsNoNumber() {
        for text in ["", "-", "+", ".", "-.", "e5", ".e5", "nan", "inf", "x1", " 1", "--1", "+-1"] {
            #expect(parse(text) == nil, "\(text)")
        }
    }

    @Test func whereNumbersEnd() {
        for (text, length) in [
            ("1x", 1), ("1e", 1), ("1e+", 1), ("1.2.3", 3), ("0x10", 1), ("1_0", 1), ("2.e", 2), ("1,5", 1),
        ] {
            #expect(parse(text)?.length == length, "\(text)")
        }
    }
}

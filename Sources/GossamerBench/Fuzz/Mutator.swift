import Autoencoders

/// Makes a few random changes to bytes: to bits, bytes, numbers, ranges and lines.
struct Mutator {
    private var generator: RandomGenerator
    /// Strings with a meaning in the format.
    private let tokens: [[UInt8]]

    /// Longer mutants take more time without finding more errors.
    static let mostBytes = 1 << 16

    init(generator: RandomGenerator, tokens: [String]) {
        self.generator = generator
        self.tokens = (tokens + Self.everywhere).map { Array($0.utf8) }
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

    /// - Precondition: `elements` is not empty.
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// - Parameter other: bytes from which parts may be copied.
    mutating func mutate(_ bytes: inout [UInt8], beside other: [UInt8]) {
        // Most mutants have one change: with many changes, some cause an early rejection, which hides the effect of the
        // others.
        for _ in 0..<pick([1, 1, 1, 2, 3, 6]) { change(&bytes, beside: other) }
        if bytes.count > Self.mostBytes { bytes.removeLast(bytes.count - Self.mostBytes) }
    }

    private mutating func change(_ bytes: inout [UInt8], beside other: [UInt8]) {
        guard !bytes.isEmpty else { return bytes += pick(tokens) }
        let place = below(bytes.count)
        switch below(16) {
        case 0: bytes[place] ^= 1 << below(8)
        case 1: bytes[place] = pick(Array(" \n\t\r:,.-+#0123456789eE\"{}[]%\0".utf8))
        case 2: bytes.insert(contentsOf: pick(tokens), at: place)
        case 3, 13, 14, 15: replaceNumber(in: &bytes, from: place)
        case 4: bytes.removeSubrange(range(of: bytes, from: place))
        case 5: bytes.insert(contentsOf: bytes[range(of: bytes, from: place)], at: below(bytes.count))
        case 6: bytes.removeLast(bytes.count - place)
        case 7: changeLines(of: &bytes)
        case 8: bytes.insert(contentsOf: (0...below(8)).map { _ in UInt8(below(256)) }, at: place)
        case 9 where !other.isEmpty: bytes = Array(bytes[..<place]) + other[below(other.count)...]
        case 10: overwriteInteger(in: &bytes, at: place)
        case 11: bytes[place] &+= pick([1, 255])
        default: bytes.insert(bytes[place], at: place)
        }
    }

    private mutating func range(of bytes: [UInt8], from place: Int) -> Range<Int> {
        place..<min(bytes.count, place + 1 + below(pick([4, 16, 64])))
    }

    /// Replaces the first run of digits after a position by another number.
    private mutating func replaceNumber(in bytes: inout [UInt8], from place: Int) {
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
        bytes.replaceSubrange(start..<end, with: pick(Self.numbers).utf8)
    }

    /// Swaps, repeats or removes lines.
    private mutating func changeLines(of bytes: inout [UInt8]) {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        let (first, second) = (below(lines.count), below(lines.count))
        switch below(3) {
        case 0: lines.swapAt(first, second)
        case 1: lines.insert(lines[first], at: second)
        default: lines.remove(at: first)
        }
        bytes = Array(lines.joined(separator: [0x0A]))
    }

    /// Overwrites a binary integer of 1 to 8 bytes, at a multiple of its size.
    private mutating func overwriteInteger(in bytes: inout [UInt8], at place: Int) {
        let size = pick([1, 2, 4, 8])
        let value = pick(
            [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF_FFFF, 0x8000_0000, .max, .max >> 1, 1 << 63, 1 << 40] as [UInt64])
        let start = place / size * size
        for i in 0..<size where start + i < bytes.count {
            bytes[start + i] = UInt8(truncatingIfNeeded: value >> (8 * i))
        }
    }

    private static let numbers = [
        "0", "1", "2", "3", "4", "5", "6", "-1", "00", "007", "1e3", "1e38", "3.5e38", "1e-46", "1e400", "nan", "inf",
        "-inf", "0x10", ".5",
        "5.", "1_000", "16777217", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807",
        "9223372036854775808", "18446744073709551616", "1000000000000000000", "300000000", "١٢",
    ]
    private static let everywhere = [
        "\n", "\r\n", "\r", "\n\n", " ", "\t", "\u{0}", "\u{FEFF}", "#", "# comment\n", ":", ",", "-", "1:1", "é",
        "e\u{301}", "\u{FFFD}", "日本", "NaN", "null",
    ]
}

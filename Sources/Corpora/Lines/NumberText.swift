extension Float {
    /// The shortest decimal that is read back as the same value; integers have no decimal point. Used for all numbers
    /// in text files; the console shows rounded figures instead.
    package var shortestText: String {
        var text = description
        if text.hasSuffix(".0") { text.removeLast(2) }
        return text
    }
}

/// Appends a value's `shortestText`.
func appendShortest(_ value: Float, to bytes: inout [UInt8]) {
    // Integers, such as counts, need no search for the shortest form.
    if value.magnitude <= 16_777_216, value == value.rounded(.towardZero) {
        if value.sign == .minus { bytes.append(UInt8(ascii: "-")) }
        appendWhole(UInt64(value.magnitude), to: &bytes)
        return
    }
    bytes.append(contentsOf: value.shortestText.utf8)
}

/// Appends values, separated by `separator`.
func appendShortest(_ values: UnsafeBufferPointer<Float>, separator: UInt8, to bytes: inout [UInt8]) {
    for (column, value) in values.enumerated() {
        if column > 0 { bytes.append(separator) }
        appendShortest(value, to: &bytes)
    }
}

/// Appends the digits of an integer.
func appendWhole(_ number: UInt64, to bytes: inout [UInt8]) {
    var unit: UInt64 = 1
    while number / unit >= 10 { unit *= 10 }
    while unit > 0 {
        bytes.append(0x30 + UInt8(truncatingIfNeeded: number / unit % 10))
        unit /= 10
    }
}

/// Appends the shortest decimal that reads back as the same value; whole numbers have no decimal point.
func appendShortest(_ value: Float, to bytes: inout [UInt8]) {
    // Whole numbers, the usual counts, need no search for the shortest form.
    if value.magnitude <= 16_777_216, value == value.rounded(.towardZero) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        appendWhole(UInt64(value.magnitude), to: &bytes)
        return
    }
    var text = value.description
    if text.hasSuffix(".0") { text.removeLast(2) }
    bytes.append(contentsOf: text.utf8)
}

func appendWhole(_ number: UInt64, to bytes: inout [UInt8]) {
    var unit: UInt64 = 1
    while number / unit >= 10 { unit *= 10 }
    while unit > 0 {
        bytes.append(0x30 + UInt8(truncatingIfNeeded: number / unit % 10))
        unit /= 10
    }
}

/// Appends the shortest decimal that reads back as the same value.
func appendDecimal(_ value: Float, to buffer: inout [UInt8]) {
    if value == 0, value.sign == .plus {
        // Most values of a sparse code.
        buffer.append(UInt8(ascii: "0"))
        buffer.append(UInt8(ascii: "."))
        buffer.append(UInt8(ascii: "0"))
        return
    }
    var text = value.description
    text.withUTF8 { buffer.append(contentsOf: $0) }
}

/// Appends values with a separator between each two.
func appendDecimals(_ values: UnsafeBufferPointer<Float>, separator: UInt8, to buffer: inout [UInt8]) {
    for (column, value) in values.enumerated() {
        if column > 0 { buffer.append(separator) }
        appendDecimal(value, to: &buffer)
    }
}

/// Appends a whole number.
func appendDecimal(_ value: Int, to buffer: inout [UInt8]) {
    var text = value.description
    text.withUTF8 { buffer.append(contentsOf: $0) }
}

/// The text with `_` for every white space, and for one more character if asked.
func withoutWhiteSpace(_ text: String, alsoReplacing other: Unicode.Scalar? = nil) -> String {
    replacing(text) { $0.properties.isWhitespace || $0 == other }
}

/// The text with `_` for what ends a line.
func singleLine(_ text: String) -> String {
    replacing(text) { $0 == "\n" || $0 == "\r" }
}

/// The text with `_` for what ends a line or, between tabs, a field.
func singleField(_ text: String) -> String {
    replacing(text) { $0 == "\n" || $0 == "\r" || $0 == "\t" }
}

private func replacing(_ text: String, where isReplaced: (Unicode.Scalar) -> Bool) -> String {
    guard text.unicodeScalars.contains(where: isReplaced) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(isReplaced(scalar) ? "_" : scalar) }
    return String(result)
}

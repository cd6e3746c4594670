extension Int {
    /// With a comma between groups of three digits: 11314 is 11,314.
    package var grouped: String {
        let digits = String(magnitude)
        var grouped = self < 0 ? "-" : ""
        for (i, digit) in digits.enumerated() {
            if i > 0 && (digits.count - i) % 3 == 0 { grouped.append(",") }
            grouped.append(digit)
        }
        return grouped
    }
}

/// A page of HTML with places for values: `{{name}}` for a text, which is escaped, and `{{{name}}}` for what goes in as it
/// stands. What is filled in is not searched for places.
struct PageTemplate {
    let html: String

    /// - Parameter values: by name, one for each place.
    func filled(_ values: [String: String]) -> String {
        var result = ""
        var rest = html[...]
        while let start = rest.firstRange(of: "{{") {
            result += rest[..<start.lowerBound]
            let isRaw = rest[start.upperBound...].hasPrefix("{")
            let closing = isRaw ? "}}}" : "}}"
            let inner = rest[start.upperBound...].dropFirst(isRaw ? 1 : 0)
            guard let end = inner.firstRange(of: closing) else {
                preconditionFailure("a place of the page does not end")
            }
            let name = String(inner[..<end.lowerBound])
            guard let value = values[name] else { preconditionFailure("the page has no value for \(name)") }
            result += isRaw ? value : Self.escaped(value)
            rest = inner[end.upperBound...]
        }
        return result + rest
    }

    /// A text as content of an element or of an attribute in quotes.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

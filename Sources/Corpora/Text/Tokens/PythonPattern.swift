/// Translates a regular expression from Python's notation to ICU's, where the two differ.
///
/// `\w`, `\b` and `\s` get Python's meaning: a word has letters and numbers of any kind and underscores, but no marks.
/// `(?u)`, `(?P<name>…)`, `(?P=name)` and `\Z` get ICU's notation; brackets within a set are literal.
struct PythonPattern {
    private var rest: Substring
    private var result = ""
    private var setDepth = 0
    private var isASCII = false

    static func icu(_ pattern: String) -> String {
        var translation = PythonPattern(rest: pattern[...])
        while let character = translation.rest.popFirst() { translation.take(character) }
        return translation.result
    }

    private init(rest: Substring) { self.rest = rest }

    /// What stands between the brackets of a set of word scalars.
    private var word: String { isASCII ? "A-Za-z0-9_" : #"\p{L}\p{N}_"# }
    private var space: String { isASCII ? #"\t-\r\x20"# : #"\t-\r\x1C-\x20\x85\p{Z}"# }

    private mutating func take(_ character: Character) {
        switch character {
        case "\\": takeEscape()
        case "[" where setDepth == 0: openSet()
        case "[": result += #"\["#
        case "]":
            setDepth = 0
            result += "]"
        case "(" where setDepth == 0: takeGroup()
        case "&" where setDepth > 0, "~" where setDepth > 0: result += "\\\(character)"
        default: result.append(character)
        }
    }

    private mutating func openSet() {
        setDepth = 1
        result += "["
        if rest.first == "^" { result.append(rest.removeFirst()) }
        if rest.first == "]" {
            rest.removeFirst()
            result += #"\]"#
        }
    }

    private mutating func takeEscape() {
        guard let escaped = rest.popFirst() else {
            result += "\\"
            return
        }
        switch escaped {
        case "w": result += setDepth > 0 ? word : "[\(word)]"
        case "W": result += "[^\(word)]"
        case "s": result += setDepth > 0 ? space : "[\(space)]"
        case "S": result += "[^\(space)]"
        case "d" where isASCII: result += setDepth > 0 ? "0-9" : "[0-9]"
        case "b" where setDepth == 0: result += "(?:(?<=[\(word)])(?![\(word)])|(?<![\(word)])(?=[\(word)]))"
        case "b": result += #"\x08"#
        case "B": result += "(?:(?<=[\(word)])(?=[\(word)])|(?<![\(word)])(?![\(word)]))"
        case "Z": result += #"\z"#
        default: result += "\\\(escaped)"
        }
    }

    private mutating func takeGroup() {
        if rest.hasPrefix("?P<") {
            rest.removeFirst(3)
            result += "(?<"
        } else if rest.hasPrefix("?P=") {
            let name = rest.dropFirst(3).prefix { $0 != ")" }
            rest = rest.dropFirst(4 + name.count)
            result += "\\k<\(name)>"
        } else if rest.first == "?", let end = rest.firstIndex(of: ")"),
            case let flags = rest[..<end].dropFirst(), !flags.isEmpty, flags.allSatisfy({ "aiLmsux".contains($0) })
        {
            isASCII = isASCII || flags.contains("a")
            let kept = flags.filter { "imsx".contains($0) }
            rest = rest[end...].dropFirst()
            if !kept.isEmpty { result += "(?\(kept))" }
        } else {
            result += "("
        }
    }
}

import Synchronization

/// Translates a regular expression from Python's notation to PCRE2's.
///
/// `\w`, `\b` and `\s` have Python's meaning whatever the version of the library: word characters are letters, numbers
/// of any kind and underscores, but not marks. `(?u)`, `\Z`, `\v`, `\uXXXX` and `{,n}` are converted to PCRE2's
/// notation, `(?a)` selects the ASCII meaning of the classes; brackets within a set are literal. Case is ignored by
/// Unicode's simple folding; unlike Python, the dotless ı does not match i.
struct PythonPattern {
    /// The pattern for PCRE2, as UTF-8.
    private(set) var text: [UInt8] = []
    /// The position in `text` of the translation of each character of the pattern.
    private var starts: [Int] = []
    private var rest: Substring
    private var isInSet = false
    private var isASCII = false
    private let length: Int

    init(_ pattern: String) {
        rest = pattern[...]
        length = pattern.count
        while let character = next() { take(character) }
    }

    /// The position of the pattern's character, counted from 1, that a byte of the translation comes from.
    func place(ofByte offset: Int) -> Int { starts.lastIndex { $0 <= offset }.map { min($0 + 1, length) } ?? 1 }

    private mutating func next() -> Character? {
        let character = rest.popFirst()
        if character != nil { starts.append(text.count) }
        return character
    }

    /// Skips characters that have been examined.
    private mutating func skip(_ count: Int) { for _ in 0..<count { _ = next() } }

    private mutating func add(_ translation: String) { text += translation.utf8 }

    /// Adds a class, by itself or as a part of a set.
    private mutating func add(class members: String) { add(isInSet ? members : "[\(members)]") }

    private mutating func take(_ character: Character) {
        switch character {
        case "\\": takeEscape()
        case "[" where isInSet: add(#"\["#)
        case "[": openSet()
        case "]":
            isInSet = false
            add("]")
        case "(" where !isInSet: takeGroup()
        case "{" where !isInSet && rest.first == ",": takeOpenRange()
        default: add(String(character))
        }
    }

    private mutating func openSet() {
        isInSet = true
        add("[")
        if rest.first == "^" {
            skip(1)
            add("^")
        }
        if rest.first == "]" {
            skip(1)
            add(#"\]"#)
        }
    }

    /// `{,n}` stands for at most n times.
    private mutating func takeOpenRange() {
        let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
        let isRange = !digits.isEmpty && rest.dropFirst(1 + digits.count).first == "}"
        add(isRange ? "{0" : "{")
    }

    private mutating func takeEscape() {
        guard let escaped = next() else { return add("\\") }
        switch escaped {
        case "w": add(class: isASCII ? Self.asciiWord : Self.word)
        case "W": add(class: isASCII ? Self.asciiNoWord : Self.noWord)
        case "s": add(class: isASCII ? Self.asciiSpace : Self.space)
        case "S": add(class: isASCII ? Self.asciiNoSpace : Self.noSpace)
        case "d" where isASCII: add(class: "0-9")
        case "D" where isASCII: add(class: #"\x00-\x2F\x3A-\x{10FFFF}"#)
        case "b" where !isInSet:
            add("(?:(?<=[\(boundWord)])(?![\(boundWord)])|(?<![\(boundWord)])(?=[\(boundWord)]))")
        case "B" where !isInSet:
            add("(?:(?<=[\(boundWord)])(?=[\(boundWord)])|(?<![\(boundWord)])(?![\(boundWord)]))")
        case "Z" where !isInSet: add(#"\z"#)
        case "v": add(#"\x0B"#)
        case "u": takeScalar(digits: 4, escaped)
        case "U": takeScalar(digits: 8, escaped)
        default: add("\\\(escaped)")
        }
    }

    private mutating func takeScalar(digits count: Int, _ escaped: Character) {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            return add("\\\(escaped)")
        }
        add("\\x{\(digits)}")
        skip(count)
    }

    private mutating func takeGroup() {
        guard rest.first == "?", let end = rest.firstIndex(of: ")"),
            case let flags = rest[..<end].dropFirst(), !flags.isEmpty, flags.allSatisfy({ "aimsux".contains($0) })
        else { return add("(") }
        isASCII = isASCII || flags.contains("a")
        let kept = flags.filter { "imsx".contains($0) }
        skip(flags.count + 2)
        if !kept.isEmpty { add("(?\(kept))") }
    }
}

/// The members of Python's classes, as written between the brackets of a set. PCRE2 does not support sets within sets,
/// so the complements are written out as well.
extension PythonPattern {
    private var boundWord: String { isASCII ? Self.asciiWord : Self.word }

    private static let word = #"\p{L}\p{N}_"#
    private static let noWord =
        #"\p{M}\p{S}\p{Z}\p{C}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}"#
        // Connector punctuation other than the underscore.
        + #"\x{203F}\x{2040}\x{2054}\x{FE33}\x{FE34}\x{FE4D}-\x{FE4F}\x{FF3F}"#
    private static let space = #"\t-\r\x1C-\x20\x85\p{Z}"#
    private static let noSpace =
        #"\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf}\p{Co}\p{Cn}\p{Cs}\x00-\x08\x0E-\x1B\x7F-\x84\x86-\x9F"#
    private static let asciiWord = "A-Za-z0-9_"
    private static let asciiNoWord = #"\x00-\x2F\x3A-\x40\x5B-\x5E\x60\x7B-\x{10FFFF}"#
    private static let asciiSpace = #"\t-\r\x20"#
    private static let asciiNoSpace = #"\x00-\x08\x0E-\x1F\x21-\x{10FFFF}"#
}

/// The classification of word characters by Python's `re`, and the lower case of scalars by its `str.lower`.
enum PythonScalars {
    /// Whether `\w` matches: letters, numbers of any kind and the underscore, but not marks.
    static func isWord(_ scalar: UInt32) -> Bool {
        if scalar < 0x10000 { return table.entry(scalar) & wordBit != 0 }
        return Unicode.Scalar(scalar).map(computeIsWord) ?? false
    }

    /// Whether `\s` matches, and `str.split` separates words.
    @inline(__always)
    static func isSpace(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0: true
        case 0..<0x1680: false
        case 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// The lower case of a scalar without its context: one scalar, or several (only for U+0130).
    @inline(__always)
    static func forEachLowered(_ scalar: UInt32, _ body: (UInt32) -> Void) {
        if scalar < 0x10000 {
            let lowered = table.entry(scalar) & scalarMask
            if lowered != several { return body(lowered) }
        }
        guard let lowercased = Unicode.Scalar(scalar)?.properties.lowercaseMapping else { return body(scalar) }
        for lower in lowercased.unicodeScalars { body(lower.value) }
    }

    private static let wordBit: UInt32 = 1 << 31
    private static let scalarMask: UInt32 = (1 << 21) - 1
    /// Marks mappings to more than one scalar.
    private static let several: UInt32 = scalarMask

    /// For the first plane, the lower case of each scalar, and whether the scalar is a word character.
    private static let table = Table()

    /// Pages of 256 scalars, each created at its first use, since most texts need only a few.
    private final class Table: @unchecked Sendable {
        private let pages: UnsafeMutablePointer<Atomic<UnsafeMutablePointer<UInt32>?>>

        init() {
            pages = .allocate(capacity: 256)
            for page in 0..<256 { (pages + page).initialize(to: Atomic(nil)) }
        }

        /// - Precondition: the scalar is in the first plane.
        @inline(__always)
        func entry(_ scalar: UInt32) -> UInt32 {
            let page = Int(scalar >> 8)
            let entries = pages[page].load(ordering: .acquiring) ?? make(page)
            return entries[Int(scalar & 0xFF)]
        }

        @inline(never)
        private func make(_ page: Int) -> UnsafeMutablePointer<UInt32> {
            let entries = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
            for offset in 0..<256 {
                let value = UInt32(page << 8 | offset)
                (entries + offset).initialize(to: Unicode.Scalar(value).map(Self.entry) ?? value)
            }
            let (isFirst, others) = pages[page].compareExchange(
                expected: nil, desired: entries, ordering: .acquiringAndReleasing)
            if !isFirst, let others {
                entries.deallocate()
                return others
            }
            return entries
        }

        private static func entry(_ scalar: Unicode.Scalar) -> UInt32 {
            let word = computeIsWord(scalar) ? wordBit : 0
            guard scalar.properties.changesWhenLowercased else { return scalar.value | word }
            let lower = scalar.properties.lowercaseMapping.unicodeScalars
            return (lower.count == 1 ? lower.first?.value ?? several : several) | word
        }
    }

    private static func computeIsWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: scalar == "_" || scalar.properties.numericType != nil
        }
    }
}

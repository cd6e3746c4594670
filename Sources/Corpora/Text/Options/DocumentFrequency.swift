/// A number of documents: a count, or a share of all documents.
///
/// Written as `CountVectorizer` takes it: `2` is a count, `0.5` and `1.0` are shares.
public enum DocumentFrequency: Sendable, Equatable, LosslessStringConvertible {
    /// At least 1.
    case count(Int)
    /// From 0 to 1.
    case share(Double)

    /// nil for anything but a whole number from 1, or a number from 0 to 1 with a point or an exponent.
    public init?(_ text: String) {
        if let count = Int(text) {
            self = .count(count)
        } else if let share = Double(text) {
            self = .share(share)
        } else {
            return nil
        }
        if !isValid { return nil }
    }

    public var description: String {
        switch self {
        case .count(let count): "\(count)"
        case .share(let share): "\(share)"
        }
    }

    /// How many of `documentCount` documents are meant; need not be a whole number.
    func documents(of documentCount: Int) -> Double {
        switch self {
        case .count(let count): Double(count)
        case .share(let share): share * Double(documentCount)
        }
    }

    var isValid: Bool {
        switch self {
        case .count(let count): count >= 1
        case .share(let share): (0...1).contains(share)
        }
    }
}

extension DocumentFrequency: Codable {
    // As text, since some JSON writers make `1` of `1.0`, which means something else.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let frequency = Self(text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath, debugDescription: "'\(text)' is no document frequency"))
        }
        self = frequency
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

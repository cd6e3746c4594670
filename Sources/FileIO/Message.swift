/// Words for people, which may name settings.
///
/// A setting has one name in Swift, another as an option of a command and a third in Python, so a message keeps apart
/// what is a name, and whoever shows the message words it: `"choose the columns with \(setting: "labelColumn")"` is
/// shown as `labelColumn` here and as `--label-column` by a command.
public struct Message: Sendable, Equatable {
    fileprivate enum Part: Sendable, Equatable {
        case text(String)
        case setting(String)
    }

    private var parts: [Part]

    public init(_ text: String) { parts = [.text(text)] }

    /// The words, with each setting as `name` has it.
    ///
    /// - Parameter name: is given a setting's name in Swift, such as `labelColumn`.
    public func text(naming name: (String) -> String) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .setting(let setting): name(setting)
            }
        }.joined()
    }

    public var isEmpty: Bool { description.isEmpty }

    public static func + (a: Message, b: Message) -> Message {
        var sum = a
        sum.parts += b.parts
        return sum
    }
}

extension Message: CustomStringConvertible {
    public var description: String { text { $0 } }
}

extension Message: ExpressibleByStringInterpolation {
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var parts: [Part] = []

        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ literal: String) { parts.append(.text(literal)) }

        public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            parts.append(.text(value.description))
        }

        public mutating func appendInterpolation(_ message: Message) { parts += message.parts }

        public mutating func appendInterpolation(setting: String) { parts.append(.setting(setting)) }
    }

    public init(stringLiteral text: String) { self.init(text) }

    public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }
}

/// An error whose message may name settings.
public protocol ExplainedError: Error, CustomStringConvertible {
    var message: Message { get }
}

extension ExplainedError {
    public var description: String { message.description }
}

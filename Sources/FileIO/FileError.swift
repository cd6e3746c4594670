/// What went wrong with a file from outside, with enough said to act on it.
public enum FileError: ExplainedError, Equatable {
    /// The input is missing or may not be read.
    case unreadable(path: String, reason: String)
    /// The output cannot be created where it was asked for.
    case cannotCreate(path: String, reason: String)
    /// Reading began and then failed.
    case readFailed(path: String, reason: String)
    /// Writing began and then failed, for example because the disk is full.
    case writeFailed(path: String, reason: String)
    /// The content is not what it should be.
    case badData(BadData)

    /// A mapped input that is written to while it is read.
    package static func changed(path: String) -> FileError {
        .readFailed(path: path, reason: "it changed while it was read")
    }

    public var message: Message {
        switch self {
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .cannotCreate(let path, let reason): "\(path): cannot be created: \(reason)"
        case .readFailed(let path, let reason): "\(path): reading failed: \(reason)"
        case .writeFailed(let path, let reason): "\(path): writing failed: \(reason)"
        case .badData(let problem): problem.message
        }
    }
}

/// Bad data in a file: where, what was found, what was expected, and what to do.
public struct BadData: ExplainedError, Equatable, Sendable {
    public var path: String
    /// Counted from 1; nil where the format has no lines.
    public var line: Int?
    /// In bytes, counted from 1.
    public var column: Int?
    public var found: String
    public var expected: Message
    public var advice: Message

    public init(
        path: String, line: Int? = nil, column: Int? = nil, found: String, expected: Message, advice: Message
    ) {
        self.path = path
        self.line = line
        self.column = column
        self.found = found
        self.expected = expected
        self.advice = advice
    }

    /// `FILE:LINE:COLUMN: found …; expected …; advice`.
    public var message: Message {
        let place = [path, line.map(String.init), column.map(String.init)].compactMap { $0 }.joined(separator: ":")
        return "\(place): found \(found); expected \(expected); \(advice)"
    }
}

import Autoencoders
import CGossamerInterface
import Corpora
import Evaluation
import FileIO
import Gossamer
import SparseMatrices

/// A wrong argument or setting of a call.
struct UsageError: ExplainedError {
    let message: Message

    init(_ message: Message) { self.message = message }
}

/// Arrays that are not what they should be.
struct ArrayError: ExplainedError {
    let message: Message

    init(_ message: Message) { self.message = message }
}

/// A callback asked to stop.
struct Cancelled: ExplainedError {
    var message: Message { "stopped, as the caller asked" }
}

/// What an error's handle refers to: its texts, as C reads them.
final class ErrorObject: Sendable {
    let message: CText
    let file: CText?
    let line: Int
    let column: Int

    init(_ error: any Error) {
        let problem = BadData(in: error)
        message = CText(Self.text(of: error))
        file = problem.map { CText($0.path) } ?? FileError.path(of: error).map { CText($0) }
        line = problem?.line ?? 0
        column = problem?.column ?? 0
    }

    /// The error's words, with options as the members of JSON objects that they are here.
    private static func text(of error: any Error) -> String {
        switch error {
        case let error as SettingsError: error.description
        case let error as any ExplainedError: error.message.text(naming: snakeCase)
        case let error as TextOptionsError:
            "\(error.option.replacing("-", with: "_")): found \(error.found); expected \(error.expected)"
        default: String(describing: error)
        }
    }
}

/// `labelColumn` as `label_column`.
private func snakeCase(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
}

extension BadData {
    fileprivate init?(in error: any Error) {
        switch error {
        case let problem as BadData: self = problem
        case FileError.badData(let problem): self = problem
        default: return nil
        }
    }
}

extension FileError {
    fileprivate static func path(of error: any Error) -> String? {
        switch error as? FileError {
        case .unreadable(let path, _), .cannotCreate(let path, _), .readFailed(let path, _), .writeFailed(let path, _):
            path
        case .badData, nil: nil
        }
    }
}

/// The status of an error; the numbers are the program's exit codes.
func status(of error: any Error) -> Int32 {
    switch error {
    case let error as FileError:
        switch error {
        case .unreadable: 66
        case .cannotCreate: 73
        case .readFailed, .writeFailed: 74
        case .badData: 65
        }
    case is UsageError, is UnknownCorpusFormat, is TextOptionsError, is SettingsError, is SearchError: 64
    case is Cancelled: 75
    case let error as ModelTrainingError: error.reason == .cancelled ? 75 : 65
    case is BadData, is ArrayError, is SparseMatrixError, is WeightingError, is LikelihoodError, is GenerationError,
        is MemoryError, is EvaluationError:
        65
    default: 70
    }
}

/// Runs a function's body, and turns what it throws into a status and, where the caller wants one, an error's handle.
func answering(
    _ error: UnsafeMutablePointer<OpaquePointer?>?, _ body: () throws -> Void
) -> gossamer_status {
    error?.pointee = nil
    do {
        try body()
        return 0
    } catch let failure {
        error?.pointee = handle(ErrorObject(failure))
        return status(of: failure)
    }
}

@c @implementation
public func gossamer_error_message(_ error: OpaquePointer?) -> UnsafePointer<CChar>? {
    object(error, ErrorObject.self)?.message.start
}

@c @implementation
public func gossamer_error_file(_ error: OpaquePointer?) -> UnsafePointer<CChar>? {
    object(error, ErrorObject.self)?.file?.start
}

@c @implementation
public func gossamer_error_line(_ error: OpaquePointer?) -> Int64 {
    Int64(object(error, ErrorObject.self)?.line ?? 0)
}

@c @implementation
public func gossamer_error_column(_ error: OpaquePointer?) -> Int64 {
    Int64(object(error, ErrorObject.self)?.column ?? 0)
}

@c @implementation
public func gossamer_error_free(_ error: OpaquePointer?) { free(error, ErrorObject.self) }

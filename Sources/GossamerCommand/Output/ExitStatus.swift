import Corpora
import Evaluation
import FileIO
import Gossamer
import SparseMatrices
import SuiteSparse

/// The exit codes of failures; the numbers are those of sysexits.h.
enum ExitStatus: Int32 {
    case usage = 64
    case badData = 65
    case noInput = 66
    case defect = 70
    case outOfMemory = 71
    case cannotCreate = 73
    case inputOutput = 74

    /// The exit code of an error that a command threw.
    init(of error: any Error) {
        switch error {
        case let error as FileError:
            self =
                switch error {
                case .unreadable: .noInput
                case .cannotCreate: .cannotCreate
                case .readFailed, .writeFailed: .inputOutput
                case .badData: .badData
                }
        case is GraphBLASNotInstalled: self = .noInput
        case let failure as SparseBackendFailure: self = ExitStatus(of: failure.cause)
        case let error as GraphBLASError: self = error.isLackOfMemory ? .outOfMemory : .defect
        case is UnknownEmbeddingFormat, is UnknownCorpusFormat, is TextOptionsError, is SettingsError, is SearchError:
            self = .usage
        case is BadData, is CorpusValueError, is TrainingFailure, is ExcessiveModel, is SearchFailure:
            self = .badData
        default: self = .defect
        }
    }
}

/// A failure of training, with the corpus.
struct TrainingFailure: Error, CustomStringConvertible {
    let path: String
    let cause: ModelTrainingError
    /// Advice for the user if the loss is not finite.
    let advice: String

    var description: String {
        switch cause.reason {
        case .nonFiniteLoss: "\(inputName(path)): \(cause); \(advice)"
        case .noTrainingRows:
            "\(inputName(path)): \(cause); give more documents, or keep fewer out of learning by --validation or --reference"
        case .noEntries: "\(inputName(path)): \(cause); check that this is the file you meant"
        case .cancelled: "\(inputName(path)): \(cause)"
        }
    }
}

/// A model that is too large for this machine, with the corpus that it is for.
struct ExcessiveModel: ExplainedError {
    let path: String
    let cause: MemoryError

    var message: Message { "\(inputName(path)): \(cause.message)" }
}

/// An error about a value of a corpus that is not valid for a model.
protocol EntryError: ExplainedError {
    /// The row, counted from 0.
    var row: Int { get }
    var column: Int { get }
}

extension WeightingError: EntryError {}
extension LikelihoodError: EntryError {}

/// An entry that is not valid for the model's weighting or likelihood, with its place in the file.
struct CorpusValueError: ExplainedError {
    let path: String
    let cause: any EntryError
    /// The place in the file, counted from 1; nil if it cannot be found by reading the file a second time.
    private let place: (line: Int, column: Int)?

    init(path: String, cause: any EntryError, indexBase: IndexBase?) {
        self.path = path
        self.cause = cause
        let index = cause.column + (indexBase?.rawValue ?? 0)
        // Other formats have no lines of index:value pairs, or none that correspond to rows.
        let isLibSVM = isRegularFile(path) && (try? CorpusReader.format(of: path))?.format == .libSVM
        place = isLibSVM ? Self.place(ofRow: cause.row, index: index, in: path) : nil
    }

    var message: Message {
        let place = place.map { ":\($0.line):\($0.column)" } ?? ""
        return "\(inputName(path))\(place): \(cause.message)"
    }

    /// Finds the line and column of an entry. Rows do not store their lines, so the file is read once more; this
    /// happens only after an error.
    private static func place(ofRow row: Int, index: Int, in path: String) -> (line: Int, column: Int)? {
        guard let input = try? InputBytes(path: path) else { return nil }
        defer { withExtendedLifetime(input) {} }
        var rows = 0
        for (line, text) in input.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            guard let first = text.first(where: { !isBlank($0) }), first != UInt8(ascii: "#") else { continue }
            if rows == row { return column(ofIndex: index, in: Array(text)).map { (line + 1, $0) } }
            rows += 1
        }
        return nil
    }

    private static func column(ofIndex index: Int, in line: [UInt8]) -> Int? {
        let entries: ArraySlice<UInt8> = line.prefix { $0 != UInt8(ascii: "#") }
        let field = entries.split(whereSeparator: isBlank).first { (field: ArraySlice<UInt8>) in
            let digits = field.prefix { $0 != UInt8(ascii: ":") }
            return digits.count < field.count && Int(String(decoding: digits, as: UTF8.self)) == index
        }
        return field.map { $0.startIndex + 1 }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}

/// A corpus and the path it was read from, for messages about its values.
struct NamedCorpus {
    let path: String
    let corpus: Corpus

    /// - Throws: `CorpusValueError` in place of an `EntryError`.
    func explaining<Result>(_ body: (Corpus) throws -> Result) throws -> Result {
        do {
            return try body(corpus)
        } catch let error as any EntryError {
            throw CorpusValueError(path: path, cause: error, indexBase: corpus.provenance.indexBase)
        }
    }
}

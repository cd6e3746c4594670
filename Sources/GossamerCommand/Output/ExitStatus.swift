import Corpora
import Evaluation
import FileIO
import Gossamer
import SparseMatrices
import SuiteSparse

/// What the exit code says of a failure; the numbers are those of sysexits.h.
enum ExitStatus: Int32 {
    case usage = 64
    case badData = 65
    case noInput = 66
    case defect = 70
    case outOfMemory = 71
    case cannotCreate = 73
    case inputOutput = 74

    /// Of an error that a command threw while it ran.
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
        case is UnknownEmbeddingFormat, is UnknownCorpusFormat, is TextOptionsError, is SearchError: self = .usage
        case is BadData, is CorpusValueError, is TrainingFailure, is MemoryNeed.Excess, is SearchFailure:
            self = .badData
        default: self = .defect
        }
    }
}

/// Training that failed, with the corpus it failed on.
struct TrainingFailure: Error, CustomStringConvertible {
    let path: String
    let cause: ModelTrainingError
    /// What to do about a loss that is not finite.
    let advice: String

    var description: String {
        switch cause.reason {
        case .nonFiniteLoss: "\(inputName(path)): \(cause); \(advice)"
        case .noTrainingRows:
            "\(inputName(path)): \(cause); give more documents, or keep fewer out of learning by --validation or --reference"
        case .noEntries: "\(inputName(path)): \(cause); check that this is the file you meant"
        }
    }
}

/// A value of a corpus that something cannot take.
protocol EntryError: ExplainedError {
    /// Counted from 0.
    var row: Int { get }
    var column: Int { get }
}

extension WeightingError: EntryError {}
extension LikelihoodError: EntryError {}

/// An entry that the model's weighting or likelihood cannot take, with the place in the file that it comes from.
struct CorpusValueError: ExplainedError {
    let path: String
    let cause: any EntryError
    /// In the file, counted from 1; nil where the file cannot be read a second time.
    private let place: (line: Int, column: Int)?

    init(path: String, cause: any EntryError, indexBase: IndexBase?) {
        self.path = path
        self.cause = cause
        let index = cause.column + (indexBase?.rawValue ?? 0)
        // Other formats have no lines of index:value pairs, or none that belong to rows.
        let isLibSVM = isRegularFile(path) && (try? CorpusReader.format(of: path))?.format == .libSVM
        place = isLibSVM ? Self.place(ofRow: cause.row, index: index, in: path) : nil
    }

    var message: Message {
        let place = place.map { ":\($0.line):\($0.column)" } ?? ""
        return "\(inputName(path))\(place): \(cause.message)"
    }

    /// Rows do not know their lines, so the file is gone through once more; this happens on the way out only.
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

/// A corpus and where it was read from, which messages about its values name.
struct NamedCorpus {
    let path: String
    let corpus: Corpus

    /// - Throws: `CorpusValueError` in place of an error about an entry.
    func explaining<Result>(_ body: (Corpus) throws -> Result) throws -> Result {
        do {
            return try body(corpus)
        } catch let error as any EntryError {
            throw CorpusValueError(path: path, cause: error, indexBase: corpus.provenance.indexBase)
        }
    }
}

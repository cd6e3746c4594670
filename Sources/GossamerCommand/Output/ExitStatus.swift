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

import Corpora
import FileIO
import Gossamer

/// What the exit code says of a failure; the numbers are those of sysexits.h.
enum ExitStatus: Int32 {
    case usage = 64
    case badData = 65
    case noInput = 66
    case defect = 70
    case cannotCreate = 73
    case inputOutput = 74

    /// nil for errors that are not ours, such as wrong usage.
    init?(of error: any Error) {
        switch error {
        case let error as FileError:
            self =
                switch error {
                case .unreadable: .noInput
                case .cannotCreate: .cannotCreate
                case .readFailed, .writeFailed: .inputOutput
                case .badData: .badData
                }
        case is UnknownEmbeddingFormat: self = .usage
        case is BadData, is CorpusValueError, is ModelTrainingError: self = .badData
        default: return nil
        }
    }
}

/// An entry that the model's weighting cannot take, with the file it comes from.
struct CorpusValueError: Error, CustomStringConvertible {
    let path: String
    let cause: WeightingError

    var description: String { "\(path): \(cause)" }
}

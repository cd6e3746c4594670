import Autoencoders
import FileIO
import TensorFiles

/// The measures of the epochs of a training that is running.
final class TrainingCurve {
    var measures: [TrainingMeasures] = []
    private let isPerToken: Bool

    init(of settings: ModelSettings) { isPerToken = settings.architecture.namedLikelihood?.isPerToken ?? false }

    func notice(_ event: TrainingEvent) {
        if case .epoch(let report) = event { measures.append(TrainingMeasures(report, isPerToken: isPerToken)) }
    }
}

/// The measures of each epoch in a model file: a tensor of Float64 for each measure, `history.NAME`, with one number an
/// epoch; NaN where an epoch has none. Older files have none of these tensors.
extension [TrainingMeasures] {
    private static let prefix = "history."

    var contents: [String: TensorContent] {
        var contents: [String: TensorContent] = [:]
        for name in TrainingMeasures.Name.allCases where contains(where: { $0[name] != nil }) {
            contents[Self.prefix + name.rawValue] = .doubles(map { $0[name] ?? .nan })
        }
        return contents
    }

    init(_ reader: ModelReader) throws(FileError) {
        self.init()
        for name in TrainingMeasures.Name.allCases {
            let tensor = Self.prefix + name.rawValue
            guard reader.file.tensor(named: tensor) != nil else { continue }
            let column = try reader.file.array(named: tensor, of: Double.self)
            if isEmpty { self = Array(repeating: TrainingMeasures(), count: column.count) }
            guard reader.file.tensor(named: tensor)?.shape == [count] else {
                throw reader.bad(found: "\(column.count) numbers in \(tensor)", expected: "\(count), one an epoch")
            }
            for epoch in indices { self[epoch][name] = column[epoch] }
        }
    }
}

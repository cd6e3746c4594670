import ArgumentParser
import Autoencoders
import Corpora
import FileIO
import Gossamer

/// What generated documents are written as.
enum GeneratedFormat: String, ExpressibleByArgument, CaseIterable {
    case svm, txt

    init?(path: String) {
        guard let format = Self.allCases.first(where: { path.hasSuffix("." + $0.rawValue) }) else { return nil }
        self = format
    }

    /// - Parameter top: how many distinct words of a document are written as text, the most salient first; nil for all.
    func write(
        _ documents: GeneratedDocuments, of model: FeatureModel, top: Int?, to path: String
    ) throws(FileError) {
        switch self {
        case .svm: try LibSVMWriter.write(matrix: documents.matrix, to: path, indexBase: model.indexBase ?? .one)
        case .txt: try writeText(documents, words: model.vocabulary?.words ?? [], top: top, to: path)
        }
    }

    /// A document a line, each word repeated by its count, but no more than `mostRepeats` times.
    private func writeText(
        _ documents: GeneratedDocuments, words: [String], top: Int?, to path: String
    ) throws(FileError) {
        let file = try AtomicFile(path: path)
        let (columns, values) = (documents.matrix.columnIndices, documents.matrix.values)
        for row in 0..<documents.matrix.rowCount {
            let entries = documents.entriesBySalience(ofRow: row).prefix(top ?? .max)
            var separator = ""
            for entry in entries {
                for _ in 0..<Self.repeats(values[entry]) {
                    try file.write(separator + words[Int(columns[entry])])
                    separator = " "
                }
            }
            try file.write("\n")
        }
        try file.commit()
    }

    /// How often text repeats a word at most, so that no line grows beyond all measure.
    static let mostRepeats: Float = 1e6

    /// A value that is no count is rounded; a word that is there is written once at least.
    private static func repeats(_ value: Float) -> Int { Int(min(max(1, value.rounded()), mostRepeats)) }
}

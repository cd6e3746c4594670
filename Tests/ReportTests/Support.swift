import Autoencoders
import Corpora
import Foundation
import Gossamer
import SparseMatrices
import Testing

@testable import Report

let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
let eightSubjects = packageRoot.appending(path: "datasets/eight-subjects.tsv").path

/// The bundled corpus with the beginnings of its texts.
func subjects() throws -> Corpus {
    var options = CorpusReadingOptions()
    options.textInput.keptBytes = 2048
    return try CorpusReader.read([eightSubjects], options: options)
}

func sparseModel(units: Int = 12, on corpus: Corpus) throws -> FeatureModel {
    var settings = ModelSettings()
    settings.autoencoder.latentWidth = units
    settings.training.epochs = 4
    return try FeatureModel.train(on: corpus, settings)
}

func variationalModel(_ likelihood: LikelihoodKind, on corpus: Corpus) throws -> FeatureModel {
    var settings = VariationalSettings()
    (settings.latentWidth, settings.hiddenWidths, settings.likelihood) = (6, [16], likelihood)
    var all = ModelSettings(settings)
    all.training.epochs = 2
    return try FeatureModel.train(on: corpus, all)
}

func makeReport(
    _ model: FeatureModel, on corpus: Corpus?, _ settings: ReportSettings = ReportSettings(), threads: Int = 2,
    piece: Int = FeatureModel.rowsPerPiece
) throws -> ModelReport {
    try ModelReport(
        of: model, on: corpus.map { CorpusPieces($0, rowMultiple: piece) }, named: "subjects", settings,
        execution: Execution(parallelism: Parallelism(threads: threads)))
}

/// Numbers from a fixed seed.
func randomNumbers(_ count: Int, stream: UInt64) -> [Double] {
    var generator = RandomGenerator(seed: 7, stream: stream)
    return (0..<count).map { _ in Double(generator.nextNormal()) }
}

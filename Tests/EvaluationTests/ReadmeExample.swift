import Corpora
import Evaluation
import Foundation
import Gossamer
import Testing

/// The Swift example of the article on evaluation, run.
@Suite struct ReadmeEvaluationExample {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func example(_ model: FeatureModel, _ corpus: Corpus) throws {
        // Example begins
        print(try model.evaluateCodes(train: corpus, test: corpus)?.probe?.score ?? 0)
        print(model.coherence(in: corpus).npmi ?? 0)
        for unit in try model.units(in: corpus).prefix(3) { print(unit.unit, unit.importance, unit.lifted.count) }
        var scoring = ScoreSettings()
        scoring.reference = try model.reference ?? ScoreReference(model, on: corpus)
        let scores = try model.scores(of: corpus, scoring)
        print(scores.filter { ($0.tail ?? 1) < 0.01 }.map(\.row))
        // Example ends
    }

    @Test func works() throws {
        var settings = ModelSettings()
        settings.autoencoder.latentWidth = 8
        settings.training.epochs = 2
        let corpus = try LibSVMReader.read(path: Self.root.appending(path: "datasets/eight-subjects.svm").path)
        try example(try FeatureModel.train(on: corpus, settings), corpus)
    }

    @Test func readsAsInTheArticle() throws {
        func lines(_ text: Substring) -> [String] {
            text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let first = try #require(source.range(of: "// Example begins\n"))
        let last = try #require(source.range(of: "// Example ends"))
        let article = Self.root.appending(path: "Sources/Gossamer/Gossamer.docc/Evaluation.md")
        let blocks = try String(contentsOf: article, encoding: .utf8).components(separatedBy: "```swift\n").dropFirst()
        let example = lines(source[first.upperBound..<last.lowerBound].dropLast(8))
        #expect(blocks.contains { lines($0.prefix(while: { $0 != "`" })) == example })
    }
}

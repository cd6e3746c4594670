import Corpora
import Evaluation
import Foundation
import Gossamer
import Testing

/// The README's Swift example of evaluation, run.
@Suite struct ReadmeEvaluationExample {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func example(_ model: FeatureModel, _ corpus: Corpus) throws {
        // README example begins
        print(try model.evaluateCodes(train: corpus, test: corpus)?.probe?.score ?? 0)
        print(model.coherence(in: corpus).npmi ?? 0)
        for unit in try model.units(in: corpus).prefix(3) { print(unit.unit, unit.importance, unit.lifted.count) }
        var scoring = ScoreSettings()
        scoring.reference = try ScoreReference(model, on: corpus)
        let scores = try model.scores(of: corpus, scoring)
        print(scores.filter { ($0.tail ?? 1) < 0.01 }.map(\.row))
        // README example ends
    }

    @Test func works() throws {
        var settings = ModelSettings()
        settings.autoencoder.latentWidth = 8
        settings.training.epochs = 2
        let corpus = try LibSVMReader.read(path: Self.root.appending(path: "datasets/eight-subjects.svm").path)
        try example(try FeatureModel.train(on: corpus, settings), corpus)
    }

    @Test func readsAsInTheReadme() throws {
        func lines(_ text: Substring) -> [String] {
            text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let first = try #require(source.range(of: "// README example begins\n"))
        let last = try #require(source.range(of: "// README example ends"))
        let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        let blocks = readme.components(separatedBy: "```swift\n").dropFirst()
        let example = lines(source[first.upperBound..<last.lowerBound].dropLast(8))
        #expect(blocks.contains { lines($0.prefix(while: { $0 != "`" })) == example })
    }
}

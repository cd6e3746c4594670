import Foundation
import Gossamer
import Testing

/// The Swift example of the README and of the catalogue's first page, run: it needs one module of the package.
@Suite struct ReadmeExample {
    private func example() throws {
        // README example begins
        let corpus = try CorpusReader.read("datasets/eight-subjects.tsv")
        var settings = ModelSettings()
        settings.autoencoder.latentWidth = 64
        let model = try FeatureModel.train(on: corpus, settings) { event in
            if case .epoch(let report) = event { print(report.epoch, report.loss) }
        }
        try model.save(to: "subjects.safetensors")
        let codes = try FeatureModel(contentsOf: "subjects.safetensors").embed(corpus)
        print(codes.rowCount, codes.columnCount)
        for unit in model.decoder.unitFeatures(count: 5).prefix(3) {
            print(unit.unit, unit.strongest.map { model.vocabulary?[$0.feature] ?? "" })
        }
        // README example ends
    }

    @Test(arguments: ["README.md", "Sources/Gossamer/Gossamer.docc/Gossamer.md"])
    func readsAsIn(_ document: String) throws {
        let example = try #require(
            Self.lines(
                of: "Tests/GossamerTests/ReadmeExample.swift", from: "// README example begins\n",
                to: "// README example ends"))
        #expect(Self.lines(of: document, from: "```swift\n", to: "```") == ["import Gossamer"] + example)
    }

    /// Its paths are relative, so the process works in a folder of its own meanwhile.
    @Test func works() throws {
        let folder = try ScratchFolder()
        let files = FileManager.default
        try files.createSymbolicLink(
            at: folder.url.appending(path: "datasets"), withDestinationURL: packageRoot.appending(path: "datasets"))
        let before = files.currentDirectoryPath
        defer { _ = files.changeCurrentDirectoryPath(before) }
        #expect(files.changeCurrentDirectoryPath(folder.url.path))
        try example()
        #expect(try folder.names() == ["datasets", "subjects.safetensors"])
    }

    private static func lines(of path: String, from start: String, to end: String) -> [String]? {
        guard let text = try? String(contentsOf: packageRoot.appending(path: path), encoding: .utf8),
            let first = text.range(of: start),
            let last = text.range(of: end, range: first.upperBound..<text.endIndex)
        else { return nil }
        return text[first.upperBound..<last.lowerBound].split(separator: "\n")
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}

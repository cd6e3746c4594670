import Foundation
import SparseMatrices
import Testing

@testable import Corpora

private let dataFolder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "shared/data")

private func hasData(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: dataFolder.appending(path: path).path)
}

@Suite struct LibSVMRealFileTests {
    func read(_ path: String, options: LibSVMOptions = LibSVMOptions()) throws -> (Corpus, String) {
        let file = dataFolder.appending(path: path).path
        return (try LibSVMReader.read(path: file, options: options), try String(contentsOfFile: file, encoding: .utf8))
    }

    @Test(.enabled(if: hasData("libsvm-samples/heart_scale"), "heart_scale is not here"))
    func heartScale() throws {
        let (corpus, text) = try read("libsvm-samples/heart_scale")
        #expect(corpus.rowCount == 270)
        #expect(corpus.featureCount == 13)
        #expect(corpus.matrix.entryCount == text.utf8.count { $0 == UInt8(ascii: ":") })
        #expect(corpus.labels?.names == ["+1", "-1"])
        #expect(corpus.provenance.warnings.isEmpty)
        let path = NSTemporaryDirectory() + "heart-\(UUID().uuidString)"
        defer { unlink(path) }
        try LibSVMWriter.write(corpus, to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text.replacingOccurrences(of: " \n", with: "\n"))
    }

    @Test(.enabled(if: hasData("20news-nvdm/train.feat"), "the NVDM files are not here"))
    func unsortedIndices() throws {
        let (corpus, text) = try read("20news-nvdm/train.feat")
        #expect(corpus.rowCount == 11_268)
        #expect(
            corpus.matrix.entryCount + corpus.provenance.duplicatesMerged == text.utf8.count { $0 == UInt8(ascii: ":") }
        )
        #expect(corpus.provenance.unsortedRows > 10_000)
        let sum = corpus.matrix.values.reduce(0.0) { $0 + Double($1) }
        let expected = text.split(separator: "\n").reduce(0.0) { total, line in
            line.split(separator: " ").dropFirst().reduce(total) { $0 + (Double($1.split(separator: ":")[1]) ?? .nan) }
        }
        #expect(sum == expected)
        let path = dataFolder.appending(path: "20news-nvdm/vocab.new").path
        let named = try corpus.naming(features: Vocabulary.read(path: path), path: path)
        #expect(named.featureCount == 2000)
        #expect(named.vocabulary?[0] == "who")
    }

    @Test(.enabled(if: hasData("20news-full/train.svm"), "20news-full is not here"))
    func manyFeatures() throws {
        let (corpus, text) = try read(
            "20news-full/train.svm", options: LibSVMOptions(featureCount: 44_253, strict: true))
        #expect(corpus.rowCount == 11_314)
        #expect(corpus.featureCount == 44_253)
        #expect(corpus.matrix.entryCount == text.utf8.count { $0 == UInt8(ascii: ":") })
        #expect(corpus.labels?.names.count == 20)
        let path = NSTemporaryDirectory() + "news-\(UUID().uuidString)"
        defer { unlink(path) }
        try LibSVMWriter.write(corpus, to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
}

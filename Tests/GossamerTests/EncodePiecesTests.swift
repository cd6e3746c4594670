import Autoencoders
import Corpora
import Foundation
import SparseMatrices
import Testing

@testable import Gossamer

/// Codes of a corpus that comes in pieces are bit for bit those of the whole.
@Suite struct EncodePiecesTests {
    private func codes(
        of pieces: CorpusPieces, by model: FeatureModel, withVariance: Bool, threads: Int
    ) throws -> [UInt32] {
        var codes: [UInt32] = []
        try model.encodePieces(
            of: pieces, withVariance: withVariance,
            execution: Execution(parallelism: Parallelism(threads: threads))
        ) { block, rows, count in
            #expect(block.count == count * model.codeWidth(withVariance: withVariance))
            #expect(rows.labels?.count ?? count == count && rows.ids?.count ?? count == count)
            codes += block.map(\.bitPattern)
        }
        return codes
    }

    private func expectSame(_ model: FeatureModel, _ corpus: Corpus, withVariance: Bool) throws {
        let folder = try ScratchFolder()
        let path = folder.path("a.svm")
        try LibSVMWriter.write(corpus, to: path, indexBase: .one)
        let whole = bits(try model.embed(corpus, withVariance: withVariance))
        for (pieceRows, threads) in [(1 << 12, 2), (1, 1), (100, 2), (1500, 7)] {
            var options = model.readingOptions
            options.pieceRows = pieceRows
            let pieces = try CorpusPieces(
                path, options: options, rowMultiple: FeatureModel.rowsPerPiece,
                parallelism: Parallelism(threads: threads))
            #expect(try codes(of: pieces, by: model, withVariance: withVariance, threads: threads) == whole)
        }
        let pieces = CorpusPieces(corpus, rowMultiple: FeatureModel.rowsPerPiece)
        #expect(try codes(of: pieces, by: model, withVariance: withVariance, threads: 2) == whole)
    }

    @Test(arguments: [[], [9]])
    func sparseAutoencoders(hidden: [Int]) throws {
        let corpus = try smallCorpus(documents: 2500)
        let settings = quickSettings(hidden: hidden)
        try expectSame(try FeatureModel.train(on: corpus, settings), corpus, withVariance: false)
    }

    @Test(arguments: [false, true])
    func variationalAutoencoders(withVariance: Bool) throws {
        let corpus = try smallCorpus(documents: 2500)
        try expectSame(
            try FeatureModel.train(on: corpus, quickVariationalSettings(hidden: [33, 17])), corpus,
            withVariance: withVariance)
    }

    @Test func errorsCountRowsFromTheFirst() throws {
        let corpus = try smallCorpus(documents: 60)
        let model = try FeatureModel.train(on: corpus, quickSettings())
        let lines = (0..<3000).map { "1 2:\($0 == 2700 ? -1 : 1)\n" }.joined()
        let folder = try ScratchFolder()
        try Data(lines.utf8).write(to: folder.url.appending(path: "a.svm"))
        let pieces = try CorpusPieces(
            folder.path("a.svm"), options: model.readingOptions, rowMultiple: FeatureModel.rowsPerPiece)
        let error = #expect(throws: WeightingError.self) {
            try codes(of: pieces, by: model, withVariance: false, threads: 1)
        }
        #expect(error?.row == 2700 && error?.column == 1)
    }
}

import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

/// Streaming into a corpus file gives the file, byte for byte, and the errors of reading as a whole.
@Suite struct CorpusImportTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// The bytes of the corpus file, or the error in words.
    private enum Outcome: Equatable {
        case file(Data)
        case error(String)

        init(_ path: String, _ body: () throws -> Void) {
            do {
                try body()
                self = .file(try Data(contentsOf: URL(fileURLWithPath: path)))
            } catch {
                self = .error("\(error)")
            }
        }
    }

    @discardableResult
    private func expectSame(
        _ paths: [String], _ trace: String, sourceLocation: SourceLocation = #_sourceLocation
    ) -> Bool {
        expectSame(paths, CorpusReadingOptions(), trace, sourceLocation: sourceLocation)
    }

    /// Both ways, the stream in pieces of several sizes.
    ///
    /// - Returns: whether a file was written.
    @discardableResult
    private func expectSame(
        _ paths: [String], _ options: CorpusReadingOptions, _ trace: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Bool {
        let out = folder.path("out.safetensors")
        let whole = Outcome(out) {
            try CorpusFileWriter.write(try CorpusReader.read(paths, options: options), to: out)
        }
        for (pieceSize, blockSize, threads) in [(1 << 20, 1 << 20, 1), (1, 1, 2), (40, 16, 2), (100, 1000, 1)] {
            var options = options
            options.pieceSize = pieceSize
            options.libSVM.blockSize = blockSize
            try? FileManager.default.removeItem(atPath: out)
            let streamed = Outcome(out) {
                let parallelism = Parallelism(threads: threads)
                let corpus = try CorpusReader.importCorpus(paths, to: out, options: options, parallelism: parallelism)
                let read = try CorpusReader.read(paths, options: options, parallelism: parallelism)
                // The file has a column for each word, even for those that a docword file does not use.
                let matrix = read.matrix.widened(to: max(read.featureCount, read.vocabulary?.count ?? 0))
                #expect(corpus.matrix == matrix, "\(trace)", sourceLocation: sourceLocation)
                #expect(corpus.provenance == read.provenance, "\(trace)", sourceLocation: sourceLocation)
            }
            #expect(streamed == whole, "\(trace), pieces of \(pieceSize)", sourceLocation: sourceLocation)
        }
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(names?.contains { $0.contains(".spool") || $0.contains(".tmp") } == false, "\(names ?? [])")
        if case .file = whole { return true }
        return false
    }

    @Test func generatedLibSVMFiles() throws {
        var accepted = 0
        for seed in 0..<30 as Range<UInt64> {
            let path = try folder.write(generatedLibSVM(seed: seed), to: "a.svm")
            var options = CorpusReadingOptions(format: .libSVM)
            if expectSame([path], options, "seed \(seed)") { accepted += 1 }
            options.featureCount = 12
            options.isStrict = seed % 2 == 0
            expectSame([path], options, "seed \(seed), 12 features")
        }
        #expect(accepted > 15)
    }

    @Test(arguments: [
        "1 1:1 2:x\n", "1 1:1\n2 0:1\n3 1:1\n", "1 1:1\n2 0:1\n3 2:y\n", "", "# only\n\n",
        "1 3:1\n2 2:1 1:1\n1 2:1 2:4\n",
        "a 1:0\n\n1,2 1:1 # id\nqid:3 4:1\n1 1:3e38 1:3e38\n", "1 1:1\n\u{FEFF}2 1:1\n", "\u{FEFF}2 1:1\n3 2:1",
        "1 4294967295:1\n", "1 0:1 4294967295:1\n", "1\n1\n1 1:1 # ä\n",
    ])
    func oddLibSVMFiles(text: String) throws {
        let path = try folder.write(text, to: "a.svm")
        for strict in [false, true] {
            for base in [IndexBaseRule.auto, .zero, .one] {
                let libSVM = LibSVMOptions(indexBase: base, strict: strict)
                expectSame([path], CorpusReadingOptions(format: .libSVM, libSVM: libSVM), "\(text) \(base) \(strict)")
            }
        }
    }

    @Test func severalFiles() throws {
        let one = try folder.write("1 1:1 # a\n2 5:2\n", to: "one.svm")
        let zero = try folder.write("1 0:1\n3 4:1\n", to: "zero.svm")
        let other = try folder.write("9 0:7 2:1\n", to: "other.svm")
        let ldac = try folder.write("2 0:1 4:2\n0\n1 2:7\n", to: "c.ldac")
        let entries = try folder.write("%%MatrixMarket matrix coordinate real general\n1 5 1\n1 2 3\n", to: "d.mtx")
        #expect(expectSame([one, one], "one and one"))
        #expect(expectSame([zero, other], "zero and zero"))
        #expect(expectSame([zero, ldac, other], "a shift in the middle"))
        #expect(!expectSame([one, zero], "another base"))
        #expect(!expectSame([one, entries], "no base"))
        var options = CorpusReadingOptions()
        options.vocabularyPath = try folder.write("a\nb\nc\nd\ne\nf\n", to: "words.txt")
        #expect(expectSame([one, one], options, "words"))
        options.featureCount = 9
        #expect(!expectSame([one], options, "fewer words than the width"))
        options.vocabularyPath = try folder.write("a\nb\n", to: "few.txt")
        #expect(!expectSame([one], options, "too few words"))
    }

    @Test func listsOfEntries() throws {
        var generator = SplitMix(state: 5)
        for (isSorted, header) in [(true, "general"), (false, "general"), (false, "symmetric")] {
            for _ in 0..<3 {
                let rows = Int.random(in: 1...40, using: &generator)
                var entries = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                    (Int.random(in: 1...rows, using: &generator), Int.random(in: 1...rows, using: &generator))
                }
                if isSorted { entries.sort { $0.0 < $1.0 } }
                let lines = entries.map { "\($0.0) \($0.1) \(Int.random(in: 0...3, using: &generator))\n" }.joined()
                let sizes = "\(rows) \(rows) \(entries.count)\n"
                let banner = "%%MatrixMarket matrix coordinate integer \(header)\n"
                let path = try folder.write(banner + "% c\n" + sizes + lines, to: "a.mtx")
                #expect(expectSame([path], "\(header) \(lines)"))
                if isSorted {
                    try folder.write(lines, to: "words.txt")
                    let docword = try folder.write("\(rows)\n\(rows)\n\(entries.count)\n" + lines, to: "docword.a.txt")
                    #expect(expectSame([docword], "docword \(lines)"))
                }
                let more = try folder.write(banner + sizes + lines + "\(rows) 1 1\n", to: "more.mtx")
                #expect(!expectSame([more], "one too many"))
                let wrong = try folder.write(banner + "\(rows) \(rows) \(entries.count + 1)\n" + lines, to: "less.mtx")
                #expect(!expectSame([wrong], "one too few"))
            }
        }
        let sum = "%%MatrixMarket matrix coordinate real general\n3 1 3\n1 1 1\n2 1 3e38\n2 1 3e38\n"
        #expect(!expectSame([try folder.write(sum, to: "sum.mtx")], "a sum that is too large"))
        try folder.write("a\nb\n", to: "vocab.b.txt")
        #expect(expectSame([try folder.write("2\n2\n1\n2 1 4\n", to: "docword.b.txt")], "words beside"))
        #expect(!expectSame([try folder.write("2\n4\n1\n2 1 4\n", to: "docword.b.txt")], "too few words beside"))
        var options = CorpusReadingOptions()
        options.isTransposed = true
        #expect(expectSame([folder.path("sum.mtx")], options, "transposed") == false)
    }

    @Test func matricesInOneFile() throws {
        let matrix = try generatedMatrix(seed: 3)
        let corpus = Corpus(
            matrix: matrix, labels: RowLabels((0..<matrix.rowCount).map { $0 % 3 == 0 ? nil : "l\($0 % 5)" }),
            ids: (0..<matrix.rowCount).map { "id\($0)" }, provenance: CorpusProvenance(format: "test"))
        for ending in ["npz", "safetensors", "svm"] {
            let path = folder.path("m.\(ending)")
            try CorpusOutputFormat(path: path).write(corpus, to: path)
            #expect(expectSame([path], ending))
            #expect(expectSame([path, path], "\(ending) twice"))
        }
        #expect(!expectSame([folder.path("m.npz"), folder.path("m.svm")], "two formats"))
        var options = CorpusReadingOptions()
        options.isTransposed = true
        #expect(expectSame([folder.path("m.npz")], options, "transposed"))
        options.isTransposed = false
        options.featureCount = matrix.columnCount + 3
        #expect(expectSame([folder.path("m.npz")], options, "wider"))
        options.featureCount = matrix.columnCount - 1
        #expect(!expectSame([folder.path("m.npz")], options, "narrower"))
    }

    @Test func texts() throws {
        let lines = (0..<300).map { "l\($0 % 4)\tid\($0)\tword w\($0 % 7) w\($0 % 11) Größe w\($0 % 7)\n" }.joined()
        let path = try folder.write(lines + "\tlast\t-\n", to: "a.tsv")
        var options = CorpusReadingOptions()
        options.textInput.blockSize = 300
        #expect(expectSame([path], options, "all words"))
        options.text.minDF = .count(40)
        #expect(expectSame([path, path], options, "frequent words"))
        options.vocabularyPath = try folder.write("w1\nw2\nnone\n", to: "words.txt")
        #expect(expectSame([path], options, "given words"))
        options.featureCount = 3
        #expect(expectSame([path], options, "given words and their number"))
        // Columns beyond the words would have none.
        options.featureCount = 5
        #expect(!expectSame([path], options, "fewer words than columns"))
        options.featureCount = nil
        options.vocabularyPath = nil
        options.text.minDF = .count(5000)
        #expect(!expectSame([path], options, "no words"))
        #expect(!expectSame([try folder.write("", to: "empty.txt")], "nothing"))
    }
}

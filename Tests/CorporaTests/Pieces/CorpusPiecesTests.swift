import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

/// Pieces of any size are together what reading as a whole gives, or end in its error.
@Suite struct CorpusPiecesTests {
    let folder: ScratchFolder
    private let words = Vocabulary(words: (0..<12).map { "w\($0)" })

    init() throws { folder = try ScratchFolder() }

    /// What is to be the same.
    private struct Read: Equatable {
        var matrix: CSRMatrix?
        var labels: [String?] = []
        var ids: [String] = []
        var provenance: [String] = []
        var error: String?
    }

    private func options(width: Int = 12, known: Bool = false) -> CorpusReadingOptions {
        var options = CorpusReadingOptions(
            libSVM: LibSVMOptions(indexBase: .one, featureCount: width, excessFeatures: .drop))
        options.isForModel = true
        if known { options.knownWords = words }
        return options
    }

    private func provenance(_ provenance: CorpusProvenance) -> [String] {
        let said = [
            provenance.format, provenance.formatReason ?? "", "\(provenance.indexBase?.rawValue ?? -1)",
            provenance.indexBaseReason ?? "", String(describing: provenance.text),
        ]
        return said + provenance.notes.map(\.description) + provenance.warnings
    }

    private func whole(_ path: String, _ options: CorpusReadingOptions) -> Read {
        do {
            let corpus = try CorpusReader.read(path, options: options)
            return Read(
                matrix: corpus.matrix.widened(to: options.featureCount ?? 0),
                labels: (0..<corpus.rowCount).map { corpus.labels?[$0] },
                ids: corpus.ids ?? corpus.matrix.rowOffsets.dropLast().map { _ in "" },
                provenance: provenance(corpus.provenance))
        } catch {
            return Read(error: "\(error)")
        }
    }

    private func inPieces(
        _ path: String, _ options: CorpusReadingOptions, rowMultiple: Int, threads: Int
    ) -> Read {
        do {
            var read = Read()
            var matrices: [CSRMatrix] = []
            let width = options.featureCount ?? 0
            let pieces = try CorpusPieces(
                path, options: options, rowMultiple: rowMultiple, parallelism: Parallelism(threads: threads))
            var hasEnded = false
            while let piece = try pieces.next() {
                #expect(piece.rowCount > 0 && !hasEnded)
                hasEnded = piece.rowCount % rowMultiple != 0
                matrices.append(piece.matrix.widened(to: width))
                read.labels += (0..<piece.rowCount).map { piece.labels?[$0] }
                read.ids += piece.ids ?? Array(repeating: "", count: piece.rowCount)
                #expect(pieces.rowCount == read.ids.count)
            }
            read.matrix = CSRMatrix(stacking: matrices, columnCount: width)
            read.provenance = provenance(try #require(pieces.provenance))
            #expect(pieces.announcedRowCount ?? pieces.rowCount == pieces.rowCount)
            return read
        } catch {
            return Read(error: "\(error)")
        }
    }

    /// - Returns: whether the corpus could be read.
    @discardableResult
    private func expectSame(
        _ path: String, _ options: CorpusReadingOptions, _ trace: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Bool {
        let expected = whole(path, options)
        for (bytes, rows, multiple, threads) in [
            (1 << 20, 1 << 12, 1, 2), (1, 1, 1, 1), (50, 3, 4, 2), (200, 1, 1, 2), (1 << 20, 5, 7, 1),
        ] {
            var options = options
            (options.pieceSize, options.textInput.blockSize, options.pieceRows) = (bytes, bytes, rows)
            options.libSVM.blockSize = min(bytes, 60)
            let read = inPieces(path, options, rowMultiple: multiple, threads: threads)
            let size = "\(trace), \(bytes) bytes, \(rows) rows, multiples of \(multiple)"
            #expect(read.error == expected.error, "\(size)", sourceLocation: sourceLocation)
            #expect(read.provenance == expected.provenance, "\(size)", sourceLocation: sourceLocation)
            #expect(read == expected, "\(size)", sourceLocation: sourceLocation)
        }
        return expected.error == nil
    }

    private static let odd = """
        1:2 5:1
        # a comment

        7 3:1 2:4 3:2 # first id
        8 13:1 4:0
        9
        cat 40:1 12:2 # b c
        1:1

        """

    @Test(arguments: [false, true])
    func libSVM(known: Bool) throws {
        let path = try folder.write(Self.odd, to: "a.svm")
        #expect(expectSame(path, options(known: known), "odd"))
        var strict = options(known: known)
        strict.isStrict = true
        #expect(!expectSame(path, strict, "strict"))
        var named = options(known: known)
        named.vocabularyPath = try folder.write((0..<40).map { "w\(($0 * 7) % 40)\n" }.joined(), to: "words.txt")
        #expect(expectSame(path, named, "words of its own"))
        var unknown = options(known: known)
        unknown.libSVM.indexBase = .auto
        #expect(expectSame(path, unknown, "base unknown"))
        #expect(expectSame(try folder.write("1 2:1\n1 0:1\n", to: "zero.svm"), unknown, "base zero at the end"))
        for (name, line) in [
            ("value", "1 2:x\n"), ("zero", "1 0:1\n"), ("control", "1 2:\u{1}\n"), ("sum", "1 2:3e38 2:3e38\n"),
        ] {
            let path = try folder.write(Self.odd + line + Self.odd, to: "bad.svm")
            #expect(!expectSame(path, options(known: known), name))
        }
        for text in ["", "\n\n", "# nothing\n"] {
            #expect(!expectSame(try folder.write(text, to: "empty.svm"), options(known: known), "empty"))
        }
    }

    @Test func ldaC() throws {
        let lines = (0..<40).map { $0 % 7 == 0 ? "0\n" : "2 \($0 % 14):1 \(($0 + 3) % 14):2\n" }.joined()
        #expect(expectSame(try folder.write(lines, to: "a.ldac"), options(), "lda-c"))
        var named = options()
        named.format = .ldaC
        #expect(!expectSame(try folder.write(lines + "3 1:1\n" + lines, to: "bad.ldac"), named, "pairs"))
    }

    @Test(arguments: [false, true])
    func listsOfEntries(isUCI: Bool) throws {
        let entries = (0..<60).map { "\($0 / 4 * 2 + 1) \(($0 * 5) % 14 + 1) \($0 % 3)\n" }
        func write(_ entries: [String], named name: String) throws -> String {
            let sizes = ["40", "14", "\(entries.count)"]
            let head =
                isUCI
                ? sizes.joined(separator: "\n")
                : "%%MatrixMarket matrix coordinate real general\n% c\n\(sizes.joined(separator: " "))"
            let file = isUCI ? "docword.\(name).txt" : "\(name).mtx"
            return try folder.write("\(head)\n\(entries.joined())", to: file)
        }
        #expect(expectSame(try write(entries, named: "a"), options(), "by rows"))
        #expect(expectSame(try write(entries + ["2 1 1\n"], named: "b"), options(), "not by rows"))
        #expect(expectSame(try write([], named: "none"), options(), "no entries"))
        #expect(expectSame(try write(entries, named: "wide"), options(width: 30), "wider model"))
        var strict = options()
        strict.isStrict = true
        #expect(!expectSame(try write(entries, named: "strict"), strict, "strict"))
        #expect(!expectSame(try write(entries + ["41 1 1\n"], named: "row"), options(), "a row too many"))
        #expect(!expectSame(try write(entries + ["40 1 x\n"], named: "value"), options(), "no number"))
        if isUCI {
            try folder.write((0..<14).map { "w\(13 - $0)\n" }.joined(), to: "vocab.a.txt")
            #expect(expectSame(folder.path("docword.a.txt"), options(known: true), "words beside it"))
        } else {
            var transposed = options()
            transposed.isTransposed = true
            #expect(expectSame(folder.path("a.mtx"), transposed, "transposed"))
            let symmetric = "%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n2 1 5\n3 3 1\n"
            #expect(expectSame(try folder.write(symmetric, to: "s.mtx"), options(), "symmetric"))
        }
    }

    @Test(arguments: [false, true])
    func corpusFiles(hasWords: Bool) throws {
        var corpus = try LibSVMReader.read(path: try folder.write(Self.odd, to: "a.svm"))
        if hasWords { corpus = corpus.renamed(Vocabulary(words: (0..<40).map { "w\(39 - $0)" })) }
        let path = folder.path("a.safetensors")
        try CorpusFileWriter.write(corpus, to: path)
        #expect(expectSame(path, options(known: hasWords), "corpus"))
        #expect(expectSame(path, options(width: 50), "wider model"))
        var data = try Data(contentsOf: URL(filePath: path))
        // In libsvm it is 40.
        let column = try #require(data.range(of: Data([39, 0, 0, 0])))
        data[column.lowerBound + 1] = 1
        #expect(!expectSame(try folder.write(data, to: "bad.safetensors"), options(), "column out of range"))
        #expect(!expectSame(try folder.write(data.dropLast(30), to: "cut.safetensors"), options(), "cut short"))
    }

    @Test func texts() throws {
        let lines = (0..<120).map { row in
            "\(row % 3 == 0 ? "" : "l\(row % 4)")\t\(row < 30 ? "" : "id\(row)")\tw1 w\(row % 17) w2\n"
        }
        let path = try folder.write(lines.joined(), to: "a.tsv")
        #expect(expectSame(path, options(known: true), "tsv"))
        #expect(!expectSame(path, options(), "no words are known"))
        try folder.write(lines.joined() + "none\n\tx\ty\n", to: "bad.tsv")
        #expect(!expectSame(folder.path("bad.tsv"), options(known: true), "bad"))
        var skipping = options(known: true)
        skipping.textInput.skipBadLines = true
        #expect(expectSame(folder.path("bad.tsv"), skipping, "skipping"))
        #expect(expectSame(try folder.write("w1 w2\n\n\nnothing\n", to: "a.txt"), options(known: true), "lines"))
        #expect(!expectSame(try folder.write("", to: "e.txt"), options(known: true), "empty"))
        let objects = (0..<20).map { #"{"text":"w\#($0)\#($0 > 9 ? #"","id":\#($0)"# : #"""#)}"# + "\n" }
        #expect(expectSame(try folder.write(objects.joined(), to: "a.jsonl"), options(known: true), "jsonl"))
        var given = options(known: true)
        given.vocabularyPath = try folder.write("w2\nw1\nother\n", to: "words.txt")
        #expect(expectSame(path, given, "words of its own"))
        for file in 0..<9 {
            let label = folder.path("posts/l\(file % 2)")
            try FileManager.default.createDirectory(atPath: label, withIntermediateDirectories: true)
            try folder.write("w\(file) w1", to: "posts/l\(file % 2)/\(file).txt")
        }
        #expect(expectSame(folder.path("posts"), options(known: true), "folder"))
    }

    @Test func npz() throws {
        let matrix = try generatedMatrix(seed: 9)
        try SciPyWriter.write(matrix, to: folder.path("a.npz"))
        #expect(expectSame(folder.path("a.npz"), options(width: matrix.columnCount + 1), "npz"))
    }

    @Test func rowsBeforeAFaultAreHandedOut() throws {
        let path = try folder.write("1 1:1\n1 2:1\n1 3:1\n1 x\n", to: "a.svm")
        var options = options()
        options.pieceRows = 2
        let pieces = try CorpusPieces(path, options: options)
        #expect(try pieces.next()?.rowCount == 2)
        expectBadData(saying: ["a.svm:4:3"]) { _ = try pieces.next() }
        #expect(pieces.provenance == nil)
    }
}

import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

@Suite struct LibSVMWriterTests {
    let path = NSTemporaryDirectory() + "written-\(UUID().uuidString).svm"

    func written(_ corpus: Corpus, indexBase: IndexBase = .one) throws -> String {
        defer { unlink(path) }
        try LibSVMWriter.write(corpus, to: path, indexBase: indexBase)
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    /// - Parameter b: what was read again, whose labels are those of `a` as numbers.
    func expectSameContent(_ a: Corpus, _ b: Corpus, _ trace: String) {
        #expect(a.matrix == b.matrix, "\(trace)")
        let texts = a.labels.map { LibSVMWriter.numbers(of: $0).texts } ?? []
        let expected = (0..<a.rowCount).map { row in
            a.labels.flatMap { $0.codes[row] == RowLabels.none ? nil : texts[Int($0.codes[row])] } ?? "0"
        }
        #expect((0..<b.rowCount).map { b.labels?[$0] } == expected, "\(trace)")
        #expect(a.ids == b.ids, "\(trace)")
        #expect(a.qids == b.qids, "\(trace)")
        #expect(a.weights == b.weights, "\(trace)")
    }

    func generatedCorpus(seed: UInt64) throws -> Corpus {
        var g = SplitMix(state: seed)
        let rows = Int.random(in: 0...30, using: &g)
        let columns = Int.random(in: 1...60, using: &g)
        var offsets = [0]
        var indices: [UInt32] = []
        var values: [Float] = []
        for _ in 0..<rows {
            let density = ([0, 0.1, 0.5, 1] as [Double]).randomElement(using: &g) ?? 0
            for column in 0..<columns where g.chance(density) {
                indices.append(UInt32(column))
                let bits = Float(bitPattern: UInt32.random(in: 1..<0x7F80_0000, using: &g))
                let choices = [Float(Int.random(in: 1...20, using: &g)), -0.5, bits, 16_777_218, 3e7]
                values.append(choices.randomElement(using: &g) ?? 1)
            }
            offsets.append(values.count)
        }
        let weighted = g.chance(0.3)
        let names = ["1", "-1", "+1", "1,4", "3.5", "sport", "_x", "über"]
        let labels = (0..<rows).map { _ in weighted || g.chance(0.8) ? names.randomElement(using: &g) : nil }
        let ids = (0..<rows).map {
            g.chance(0.5) ? ["doc \($0)", "#\($0)", "a:b#c", "é\t1"].randomElement(using: &g) ?? "" : ""
        }
        let qids = (0..<rows).map { _ in g.chance(0.5) ? Int.random(in: -9...9, using: &g) : nil }
        return Corpus(
            matrix: try CSRMatrix(
                rowCount: rows, columnCount: columns, rowOffsets: offsets, columnIndices: indices, values: values),
            labels: labels.contains { $0 != nil } ? RowLabels(sets: labels.map { $0.map(LabelSyntax.labels) ?? [] }) : nil,
            ids: ids.contains { !$0.isEmpty } ? ids : nil, qids: qids.contains { $0 != nil } ? qids : nil,
            weights: weighted && rows > 0 ? (0..<rows).map { _ in Float.random(in: 0...2, using: &g) } : nil,
            provenance: CorpusProvenance(format: "generated"))
    }

    @Test func generatedCorporaComeBackAndGiveTheSameBytes() throws {
        for seed in 0..<300 as Range<UInt64> {
            let corpus = try generatedCorpus(seed: seed)
            for base in IndexBase.allCases {
                let options = LibSVMOptions(
                    indexBase: .init(base), featureCount: corpus.featureCount, labelWeights: corpus.weights != nil)
                let text = try written(corpus, indexBase: base)
                let again = try LibSVMReader.read(text: text, options: options)
                expectSameContent(corpus, again, "seed \(seed), base \(base)")
                #expect(try written(again, indexBase: base) == text)
            }
        }
    }

    @Test func whatWasReadComesBack() throws {
        for seed in 0..<100 as Range<UInt64> {
            let first = try LibSVMReader.read(text: generatedLibSVM(seed: seed))
            let base = try #require(first.provenance.indexBase)
            let width = first.featureCount
            let text = try written(first, indexBase: base)
            let options = LibSVMOptions(indexBase: .init(base), featureCount: width)
            let again = try LibSVMReader.read(text: text, options: options)
            expectSameContent(first.widened(to: width), again, "seed \(seed)")
            #expect(try written(again, indexBase: base) == text)
        }
    }

    @Test func writesTheShortestText() throws {
        let values: [Float] = [1, -2, 0.1, 0.33333334, 1e-5, 1e20, 3.4028235e38, .leastNonzeroMagnitude, 123456.79]
        let corpus = Corpus(
            matrix: try CSRMatrix(
                rowCount: 1, columnCount: 9, rowOffsets: [0, 9], columnIndices: Array(0..<9), values: values),
            labels: RowLabels(["+1"]), ids: ["a"], qids: [7], provenance: CorpusProvenance(format: "test"))
        #expect(
            try written(corpus)
                == "+1 qid:7 1:1 2:-2 3:0.1 4:0.33333334 5:1e-05 6:1e+20 7:3.4028235e+38 8:1e-45 9:123456.79 # a\n")
    }

    /// As other programs read the format: a number first, whatever the labels are.
    @Test func everyRowHasALabelThatIsANumber() throws {
        func lines(_ labels: [[String]]?) throws -> String {
            let count = labels?.count ?? 2
            let matrix = try CSRMatrix(
                rowCount: count, columnCount: 3, rowOffsets: Array(0...count),
                columnIndices: (0..<count).map { UInt32($0 % 3) }, values: Array(repeating: 2, count: count))
            return try written(
                Corpus(
                    matrix: matrix, labels: labels.map { RowLabels(sets: $0) },
                    provenance: CorpusProvenance(format: "test")))
        }
        #expect(try lines(nil) == "0 1:2\n0 2:2\n")
        #expect(try lines([["ham"], ["spam"], ["ham"]]) == "1 1:2\n2 2:2\n1 3:2\n")
        #expect(try lines([["ham"], [], ["spam"]]) == "1 1:2\n0 2:2\n2 3:2\n")
        #expect(try lines([["-1"], ["2.5"], []]) == "-1 1:2\n2.5 2:2\n0 3:2\n")
        #expect(try lines([["1", "3"], ["2"], ["3"]]) == "1,3 1:2\n2 2:2\n3 3:2\n")
        #expect(try lines([["a", "b"], ["b"]]) == "1,2 1:2\n2 2:2\n")
        #expect(try lines([["Arts, Crafts"], ["a\nb:#"], ["1,3"]]) == "1 1:2\n2 2:2\n3 3:2\n")
        let numbered = LibSVMWriter.numbers(of: RowLabels(["b", nil, "1,3"])).numbered
        #expect(numbered.map(\.name) == ["b", "1,3"] && numbered.map(\.number) == [1, 2])
    }

    @Test func whatIsWrittenOtherwiseIsSaid() throws {
        let matrix = try CSRMatrix(
            rowCount: 2, columnCount: 3, rowOffsets: [0, 1, 1], columnIndices: [0], values: [1])
        let corpus = Corpus(
            matrix: matrix, labels: RowLabels(["ham", nil]), provenance: CorpusProvenance(format: "test"))
        let changes = CorpusOutputFormat.svm.changes(to: corpus)
        #expect(changes.count == 3 && changes[0].contains("1 row has no label"))
        #expect(changes[1].contains("1 ham") && changes[2].contains("2 of 3 columns are empty"))
        #expect(CorpusOutputFormat.mtx.changes(to: corpus).isEmpty)
    }

    @Test func refusesWhatCannotBeSaid() throws {
        let matrix = try CSRMatrix(rowCount: 2, columnCount: 1, rowOffsets: [0, 0, 0], columnIndices: [], values: [])
        func expectRefusal(labels: [String?]? = nil, ids: [String]? = nil, weights: [Float]? = nil) {
            #expect {
                try LibSVMWriter.write(
                    matrix: matrix, labels: labels.map { RowLabels($0) }, ids: ids, weights: weights, to: path)
            } throws: { error in
                guard case FileError.badData(let problem) = error else { return false }
                return problem.line == 2
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
        for id in ["a\nb", " a", "a ", "\u{0}"] { expectRefusal(ids: ["", id]) }
        expectRefusal(labels: ["1", "1"], weights: [1, -1])
        expectRefusal(labels: ["1", "1"], weights: [1, .nan])
    }
}

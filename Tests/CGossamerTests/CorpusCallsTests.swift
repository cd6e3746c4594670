import CGossamerInterface
import Corpora
import Foundation
import Testing

@Suite struct CorpusCallsTests {
    /// Two rows: columns 2, 0 and 2 again, and a stored zero; then column 1.
    private static let indptr32: [Int32] = [0, 4, 5], indptr64: [Int64] = [0, 4, 5]
    private static let columns: [Int32] = [2, 0, 2, 1, 1]
    private static let values: [Double] = [1.5, 2, 0.25, 0, -3]

    /// Arrays of any type, in any order, give the same rows.
    @Test(arguments: [1, 2] as [Int32], [1, 2, 3] as [Int32]) func arraysOfAnyType(
        indptrType: Int32, indicesType: Int32
    ) throws {
        for dataType in [4, 5] as [Int32] {
            let corpus = try withArrays(indptrType, indicesType, dataType) { matrix in
                try Owned.corpus { gossamer_corpus_from_matrix(matrix, nil, nil, nil, $0, $1) }
            }
            let entries = try corpus.entries
            #expect(entries.indptr == [0, 2, 3])
            #expect(entries.indices == [0, 2, 1])
            #expect(entries.data == [2, 1.75, -3])
        }
    }

    private func withArrays<Result>(
        _ indptrType: Int32, _ indicesType: Int32, _ dataType: Int32,
        _ body: (UnsafePointer<gossamer_matrix>) throws -> Result
    ) rethrows -> Result {
        let wide = Self.columns.map(Int64.init), bits = Self.columns.map(UInt32.init(bitPattern:))
        let floats = Self.values.map(Float.init)
        return try Self.indptr32.withUnsafeBytes { narrow in
            try Self.indptr64.withUnsafeBytes { long in
                try Self.columns.withUnsafeBytes { columns in
                    try wide.withUnsafeBytes { wide in
                        try bits.withUnsafeBytes { bits in
                            try floats.withUnsafeBytes { floats in
                                try Self.values.withUnsafeBytes { values in
                                    var matrix = gossamer_matrix(
                                        rows: 2, columns: 3,
                                        indptr: indptrType == 1 ? narrow.baseAddress : long.baseAddress,
                                        indices: [columns, wide, bits][Int(indicesType) - 1].baseAddress,
                                        data: dataType == 4 ? floats.baseAddress : values.baseAddress,
                                        indptr_type: indptrType, indices_type: indicesType, data_type: dataType)
                                    return try body(&matrix)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Arrays as the engine has them are not copied, and are given back once, when the corpus is freed.
    @Test func suitableArraysAreReadInPlace() throws {
        final class Count { var releases = 0 }
        let count = Count()
        let indptr: [Int32] = [0, 2, 3], indices: [Int32] = [0, 2, 1], data: [Float] = [2, 1.75, -3]
        try indptr.withUnsafeBytes { indptr in
            try indices.withUnsafeBytes { indices in
                try data.withUnsafeBytes { data in
                    var matrix = gossamer_matrix(
                        rows: 2, columns: 3, indptr: indptr.baseAddress, indices: indices.baseAddress,
                        data: data.baseAddress, indptr_type: 1, indices_type: 1, data_type: 4)
                    var corpus: Owned? = try .corpus {
                        gossamer_corpus_from_matrix(
                            &matrix, nil,
                            { context in
                                guard let context else { return }
                                Unmanaged<Count>.fromOpaque(context).takeUnretainedValue().releases += 1
                            }, Unmanaged.passUnretained(count).toOpaque(), $0, $1)
                    }
                    var back = gossamer_matrix()
                    #expect(answer { gossamer_corpus_matrix(corpus?.handle, &back, $0) }.status == 0)
                    #expect(back.data == data.baseAddress)
                    #expect(back.indices == indices.baseAddress)
                    #expect(count.releases == 0)
                    corpus = nil
                    #expect(count.releases == 1)
                }
            }
        }
    }

    /// Texts in memory are counted as those of a file are.
    @Test func textsAreCountedAsFilesAre() throws {
        let folder = try ScratchFolder()
        let texts = (0..<3000).map { "Word\($0 % 70) the été \($0 % 7 == 0 ? "rare\($0)" : "") word\($0 % 70)" }
        try texts.joined(separator: "\n").write(toFile: folder.path("t.txt"), atomically: true, encoding: .utf8)
        var options = CorpusReadingOptions()
        options.text.minDF = .count(2)
        let expected = try CorpusReader.read(folder.path("t.txt"), options: options)
        for threads in [1, 2] as [Int32] {
            let counted = try withTexts(texts) { texts in
                try Owned.corpus { gossamer_corpus_count(texts, #"{"min_df": "2"}"#, nil, threads, $0, $1) }
            }
            let entries = try counted.entries
            #expect(entries.indptr == expected.matrix.rowOffsets)
            #expect(entries.indices == expected.matrix.columnIndices)
            #expect(entries.data == expected.matrix.values)
            var words = gossamer_texts()
            #expect(answer { gossamer_corpus_words(counted.handle, &words, $0) }.status == 0)
            #expect(words.count == Int64(expected.featureCount))
        }
    }

    @Test func aGivenVocabularyKeepsItsColumns() throws {
        let counted = try withTexts(["b a b", "", "c"]) { texts in
            try withTexts(["b", "zz", "a"]) { words in
                try Owned.corpus { gossamer_corpus_count(texts, nil, words, 0, $0, $1) }
            }
        }
        // The default pattern counts words of two letters or more.
        #expect(try counted.entries.indptr == [0, 0, 0, 0])
        let short = try withTexts(["b a b", "", "c"]) { texts in
            try withTexts(["b", "zz", "a"]) { words in
                try Owned.corpus { gossamer_corpus_count(texts, #"{"token_pattern": "\\w+"}"#, words, 0, $0, $1) }
            }
        }
        #expect(try short.entries.indptr == [0, 2, 2, 2])
        #expect(try short.entries.data == [2, 1])
    }
}

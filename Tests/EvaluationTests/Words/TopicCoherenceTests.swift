import Corpora
import FileIO
import Foundation
import RealModule
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct TopicCoherenceTests {
    /// Words 0 and 1 share two of four documents, 1 and 2 one, 0 and 2 none; 3 is in all, 4 in none, 5 stored as zero.
    let documents: CSRMatrix

    init() throws {
        documents = try CSRMatrix(
            rowCount: 4, columnCount: 6, rowOffsets: [0, 4, 7, 10, 11],
            columnIndices: [0, 1, 3, 5, 0, 1, 3, 1, 2, 3, 3], values: [1, 2, 1, 0, 1, 1, 1, 3, 1, 1, 1])
    }

    @Test func agreesWithTheDefinitionByHand() throws {
        // p(0) = 2/4, p(1) = 3/4, p(0,1) = 2/4: ln(4/3)/ln 2. p(1,2) = 1/4 = p(2): ln(4/3)/ln 4.
        let pairs: [Double] = [Double.log(4.0 / 3) / Double.log(2.0), -1, Double.log(4.0 / 3) / Double.log(4.0)]
        let sum = pairs.reduce(0, +)
        let coherence = TopicCoherence(ofLists: [[0, 1, 2], [4, 0], [3], []], in: documents)
        let (all, first) = (try #require(coherence.npmi), try #require(coherence.npmiOfLists[0]))
        #expect(abs(all - (sum - 1) / 4) < 1e-12)
        #expect(abs(first - sum / 3) < 1e-12)
        #expect(coherence.npmiOfLists[1] == -1 && coherence.npmiOfLists[2] == nil && coherence.npmiOfLists[3] == nil)
        #expect(coherence.diversity == 5.0 / 6)
        #expect(
            coherence == TopicCoherence(ofLists: [[0, 1, 2], [4, 0], [3], []], in: documents, parallelism: .serial))
    }

    @Test func wordsOfAllDocumentsGoTogetherAndZerosAreNoOccurrence() throws {
        let ones = try CSRMatrix(
            rowCount: 2, columnCount: 2, rowOffsets: [0, 2, 4], columnIndices: [0, 1, 0, 1], values: [1, 1, 1, 1])
        #expect(TopicCoherence(ofLists: [[0, 1]], in: ones).npmi == 1)
        #expect(TopicCoherence(ofLists: [[3, 5]], in: documents).npmi == -1)
        #expect(TopicCoherence(ofLists: [], in: documents).npmi == nil)
        #expect(TopicCoherence(ofLists: [], in: documents).diversity == nil)
    }

    @Test func onlyTheFirstWordsCount() throws {
        let wide = try CSRMatrix(
            rowCount: 1, columnCount: 40, rowOffsets: [0, 10], columnIndices: (0..<10).map { UInt32($0) },
            values: Array(repeating: 1, count: 10))
        let coherence = TopicCoherence(ofLists: [Array(0..<40), Array(0..<30)], in: wide)
        #expect(coherence.npmi == 1 && coherence.diversity == 0.5)
    }

    func read(_ text: String, vocabulary: Vocabulary?, indexBase: Int = 0) throws -> [[Int]] {
        let url = FileManager.default.temporaryDirectory.appending(path: "lists-\(UUID().uuidString).txt")
        defer { try? FileManager.default.removeItem(at: url) }
        try Data(text.utf8).write(to: url)
        return try WordLists.read(
            path: url.path, vocabulary: vocabulary, featureCount: vocabulary?.count ?? 3, indexBase: indexBase
        ).lists
    }

    @Test func listsAreReadByWordOrByNumber() throws {
        let vocabulary = Vocabulary(words: ["sun", "new york", "moon"])
        #expect(try read("sun moon\r\n\nnew york\tsun\t\n", vocabulary: vocabulary) == [[0, 2], [1, 0]])
        #expect(try read("1 3\n2\n", vocabulary: nil, indexBase: 1) == [[0, 2], [1]])
        for (text, line, column) in [("sun\nmoon mars\n", 2, 6), ("sun sun\n", 1, 5), ("moon new york\n", 1, 6)] {
            let error = #expect(throws: FileError.self) { try read(text, vocabulary: vocabulary) }
            #expect("\(try #require(error))".contains(":\(line):\(column): found '"), "\(text)")
        }
        for text in ["0\n", "4\n", "x\n"] {
            #expect(throws: FileError.self) { try read(text, vocabulary: nil, indexBase: 1) }
        }
    }
}

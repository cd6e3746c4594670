import Autoencoders
import RealModule
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct CoherenceMeasureTests {
    /// Features of each document.
    static func matrix(_ documents: [[Int]], features: Int) throws -> CSRMatrix {
        try CSRMatrix(
            rowCount: documents.count, columnCount: features,
            rowOffsets: documents.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) },
            columnIndices: documents.joined().map { UInt32($0) }, values: documents.joined().map { _ in 1 })
    }

    /// The figures that gensim 4.4.0 gives for 60 documents of up to 24 words, which stand once in each document that
    /// holds them:
    ///
    ///     def holds(d, w):
    ///         if d % 15 == 14: return False
    ///         return w == 0 or (d*(w + 3) + w*w) % 17 < 3 + w % 5 or (d % 4 == w % 4 and (d + w) % 3 == 0)
    ///     texts = [[str(w) for w in range(24) if holds(d, w)] for d in range(60)]
    ///     words = Dictionary([[str(w) for w in range(24)]])
    ///     topics = [[str(w) for w in words_of_list] for words_of_list in lists]
    ///     for measure in ["c_v", "c_uci", "u_mass"]:
    ///         window = {} if measure == "u_mass" else {"window_size": 24}
    ///         model = CoherenceModel(topics=topics, texts=texts, dictionary=words, coherence=measure, **window)
    ///         print(measure, model.get_coherence_per_topic(), model.get_coherence())
    ///
    /// A window as long as the longest document holds a document whole.
    @Test func agreesWithGensim() throws {
        let documents = (0..<60).map { d in
            (0..<24).filter { w in
                d % 15 != 14
                    && (w == 0 || (d * (w + 3) + w * w) % 17 < 3 + w % 5 || (d % 4 == w % 4 && (d + w) % 3 == 0))
            }
        }
        // No document holds both words of the last two lists.
        let lists = [Array(0..<10), Array((14..<24).reversed()), [3, 7, 11, 15, 19, 23], [11, 4], [4, 11]]
        let coherence = TopicCoherence(ofLists: lists, in: try Self.matrix(documents, features: 24))
        let figures: [(measure: ListMeasure, ofLists: [Double], mean: Double)] = [
            (
                coherence.cV,
                [
                    0.3778462200966112, 0.2772100923117188, 0.5657210760663355, 0.04069798531376801,
                    0.04069798531376801,
                ], 0.26043467182044033
            ),
            (
                coherence.cUCI,
                [
                    -0.03469486288286804, -0.5759469643723786, 0.12117165276046367, -25.46819796530966,
                    -25.46819796530966,
                ], -10.28517322102282
            ),
            (
                coherence.uMass,
                [
                    -1.1013533955572672, -2.04542951174318, -0.9565150210153994, -26.42704831160261,
                    -26.672170769635596,
                ], -11.440503401910812
            ),
        ]
        for figure in figures {
            #expect(try abs(#require(figure.measure.mean) - figure.mean) < 1e-9)
            for (list, expected) in figure.ofLists.enumerated() {
                #expect(try abs(#require(figure.measure.ofLists[list]) - expected) < 1e-9, "list \(list)")
            }
        }
    }

    /// The definitions word for word, on sets of documents; words that no document holds count as 0.
    struct PlainMeasures {
        let documents: [Set<Int>]
        let list: [Int]
        let epsilon = 1e-12

        func share(_ words: Int...) -> Double {
            Double(documents.count { $0.isSuperset(of: words) }) / Double(documents.count)
        }

        func pmi(_ a: Int, _ b: Int) -> Double {
            share(a) == 0 || share(b) == 0 ? 0 : Double.log((share(a, b) + epsilon) / (share(a) * share(b)))
        }

        var pairs: [(weaker: Int, stronger: Int)] {
            list.indices.flatMap { i in (0..<i).map { (list[i], list[$0]) } }
        }

        var cUCI: Double { pairs.map { pmi($0.weaker, $0.stronger) }.mean }

        var uMass: Double {
            pairs.map {
                share($0.stronger) == 0 ? 0 : Double.log((share($0.weaker, $0.stronger) + epsilon) / share($0.stronger))
            }
            .mean
        }

        var cV: Double {
            func vector(_ words: [Int]) -> [Double] {
                list.map { b in words.reduce(0) { $0 + pmi($1, b) / -Double.log(share($1, b) + epsilon) } }
            }
            func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
            let whole = vector(list)
            return list.map { word in
                let own = vector([word])
                let lengths = (dot(own, own) * dot(whole, whole)).squareRoot()
                return lengths > 0 ? dot(own, whole) / lengths : 0
            }.mean
        }
    }

    /// Thousands of documents take several blocks; words stand on several lists, and some in no document.
    @Test func agreesWithPlainMeasures() throws {
        var generator = RandomGenerator(seed: 8, stream: 1)
        let documents = (0..<2500).map { _ in
            let theme = Int.random(in: 0..<4, using: &generator)
            return (0..<35).filter { generator.nextUniform() < ($0 % 4 == theme ? 0.3 : 0.02) }
        }
        let lists = (0..<20).map { Array((0..<40).shuffled(using: &generator).prefix($0 % 4 == 3 ? $0 / 4 : 10)) }
        let matrix = try Self.matrix(documents, features: 40)
        let coherence = TopicCoherence(ofLists: lists, in: matrix, parallelism: Parallelism(threads: 3))
        #expect(coherence == TopicCoherence(ofLists: lists, in: matrix, parallelism: .serial))
        #expect(lists.joined().contains { $0 >= 35 })
        let sets = documents.map { Set($0) }
        for (list, words) in lists.enumerated() {
            guard words.count >= 2 else {
                #expect(coherence.cV.ofLists[list] == nil && coherence.cUCI.ofLists[list] == nil)
                #expect(coherence.uMass.ofLists[list] == nil)
                continue
            }
            let plain = PlainMeasures(documents: sets, list: words)
            #expect(try abs(#require(coherence.cV.ofLists[list]) - plain.cV) < 1e-9)
            #expect(try abs(#require(coherence.cUCI.ofLists[list]) - plain.cUCI) < 1e-9)
            #expect(try abs(#require(coherence.uMass.ofLists[list]) - plain.uMass) < 1e-9)
        }
    }

    @Test func limitsAreThoseOfWordsThatAlwaysOrNeverGoTogether() throws {
        let documents = (0..<12).map { $0 % 2 == 0 ? [0, 1, 2] : [3] }
        let coherence = TopicCoherence(
            ofLists: [[0, 1, 2], [0, 3], [5, 6], [0]], in: try Self.matrix(documents, features: 7))
        let cV = coherence.cV.ofLists.map { $0 ?? -1 }
        #expect(abs(cV[0] - 1) < 1e-9 && cV[1] < 0.1 && cV[2] == 0 && cV[3] == -1)
        #expect(abs((coherence.cUCI.ofLists[0] ?? 0) - Double.log(2.0)) < 1e-9)
        #expect(abs(coherence.uMass.ofLists[0] ?? 1) < 1e-9 && coherence.uMass.ofLists[2] == 0)
        #expect((coherence.cUCI.ofLists[1] ?? 0) < -20 && (coherence.uMass.ofLists[1] ?? 0) < -20)
        let nothing = TopicCoherence(ofLists: [[0, 1], [2]], in: try Self.matrix([], features: 3))
        #expect(nothing.cV.mean == 0 && nothing.cUCI.mean == 0 && nothing.uMass.mean == 0)
        #expect(nothing.cV.standardError == nil)
        let none = TopicCoherence(ofLists: [], in: try Self.matrix([], features: 0))
        #expect(none.cV.mean == nil && none.invertedRBO == nil)
    }
}

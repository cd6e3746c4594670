import Corpora
import Foundation
import Gossamer
import RealModule
import SparseMatrices
import Testing

@testable import Report

@Suite struct WordTests {
    /// Whatever λ is, the words that are left have the most relevant of all.
    @Test(arguments: [1, 4, 15])
    func theMostRelevantWordsAreKept(count: Int) {
        let weights = randomNumbers(3000, stream: 4).map { Float(max(0, $0 * $0 * $0)) }
        let sum = weights.reduce(0, +)
        let probabilities = weights.map { $0 / sum }
        let others = randomNumbers(3000, stream: 5).map { abs($0) + 1e-3 }
        let marginal = zip(probabilities, others).map { 0.1 * Double($0) + 0.9 * $1 / others.reduce(0, +) }
        let words = probabilities.withUnsafeBufferPointer { RelevantWords($0, marginal: marginal, count: count) }
        #expect(words.words.count < 400)
        for lambda in stride(from: 0.0, through: 1.0, by: 0.05) {
            let relevance = probabilities.indices.map { feature -> Double in
                if probabilities[feature] == 0 { return -.infinity }
                let p = Double.log(Double(probabilities[feature]))
                return lambda * p + (1 - lambda) * (p - Double.log(marginal[feature]))
            }
            let expected = relevance.sorted(by: >).prefix(count)
            let found = words.ranked(lambda: lambda, count: count).map { $0.relevance(lambda: lambda) }
            #expect(found.count == count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-9 })
        }
    }

    /// Ties are no reason to keep more words.
    @Test func tiesKeepNoMoreWords() {
        let probabilities = [Float](repeating: 1 / 1000, count: 1000)
        let marginal = [Double](repeating: 1 / 1000, count: 1000)
        let words = probabilities.withUnsafeBufferPointer { RelevantWords($0, marginal: marginal, count: 15) }
        #expect(words.words.map(\.feature) == Array(0..<15))
    }

    @Test func unitsAreDistributionsOfWords() throws {
        let corpus = try subjects()
        for model in [
            try sparseModel(on: corpus), try variationalModel(.multinomial, on: corpus),
            try variationalModel(.topicMixture, on: corpus), try variationalModel(.poisson, on: corpus),
        ] {
            let shares = (0..<model.latentWidth).map { Double($0 + 1) }
            let total = shares.reduce(0, +)
            let distributions = UnitDistributions(model, shares: shares.map { $0 / total }, parallelism: .serial)
            // Rounding of as many Floats as there are features.
            let tolerance = Double(model.featureCount) * Double(Float.ulpOfOne)
            #expect(abs(distributions.marginal.reduce(0, +) - 1) < tolerance)
            distributions.forEachBlock(parallelism: .serial) { units, probabilities in
                for i in 0..<units.count {
                    let row = UnsafeBufferPointer(
                        start: probabilities + i * model.featureCount, count: model.featureCount)
                    #expect(row.allSatisfy { $0 >= 0 } && abs(row.reduce(0.0) { $0 + Double($1) } - 1) < tolerance)
                }
            }
        }
    }

    @Test func drivingWordsAreTheEncodersParts() throws {
        let corpus = try subjects()
        let model = try sparseModel(on: corpus)
        let inputs = try model.inputs(from: corpus)
        let document = KeptDocument(corpus, inputs, at: 7, row: 7)
        let words = try DrivingWords(model, execution: Execution()).words(
            of: [DrivingWords.Request(document: document, units: Array(0..<12))], count: 3)
        let (columns, values) = inputs.row(7)
        for unit in 0..<12 {
            let parts = zip(columns, values).map { $1 * model.encoder.input.weights[Int($0), unit] }
            let expected = parts.filter { $0 > 0 }.sorted(by: >).prefix(3)
            #expect(words[0][unit].map(\.part) == Array(expected))
        }
    }

    /// Through a hidden layer a word's part is what is lost without it.
    @Test func drivingWordsOfDeepModelsAreOccluded() throws {
        let corpus = try subjects()
        let model = try variationalModel(.multinomial, on: corpus)
        let inputs = try model.inputs(from: corpus)
        let document = KeptDocument(corpus, inputs, at: 3, row: 3)
        let request = DrivingWords.Request(document: document, units: [0, 4])
        let words = try DrivingWords(model, execution: Execution()).words(of: [request, request], count: 4)
        #expect(words[0] == words[1] && words[0].contains { !$0.isEmpty })
        let whole = try model.embed(corpus.rows([3]))
        for (unit, found) in zip([0, 4], words[0]) {
            for word in found {
                let (columns, values) = corpus.matrix.row(3)
                let left = zip(columns, values).filter { Int($0.0) != word.feature }
                let matrix = try CSRMatrix(
                    rowCount: 1, columnCount: corpus.featureCount, rowOffsets: [0, left.count],
                    columnIndices: left.map(\.0), values: left.map(\.1))
                let code = try model.embed(Corpus(matrix: matrix, provenance: corpus.provenance))
                #expect(abs(whole[0, unit] - code[0, unit] - word.part) <= 1e-5 * (1 + abs(whole[0, unit])))
            }
        }
    }

    @Test func featuresAreFoundInTexts() throws {
        var options = TextOptions()
        options.stem = true
        let finder = try TextFeatureFinder(options, vocabulary: Vocabulary(words: ["pawn", "größ", "king"]))
        let text = "Pawns!\n king's  GRÖSSE größe"
        let places = finder.places(in: text).map { place in
            (place.feature, String(decoding: Array(text.utf8)[place.bytes], as: UTF8.self))
        }
        #expect(places.first?.0 == 0 && places.first?.1 == "Pawns")
        #expect(places.contains { $0.0 == 2 && $0.1 == "king" })
    }

    /// Marks are counted in UTF-16 units, and the window is where the marked words are.
    @Test func excerptsMarkTheirWords() throws {
        let finder = try TextFeatureFinder(TextOptions(), vocabulary: Vocabulary(words: ["pawn", "king", "moon"]))
        let text =
            String(repeating: "😀 nothing here\t\u{7} ", count: 40) + "the 👑 Pawn takes <b>king</b> "
            + String(repeating: "ü and more ", count: 40)
        let words = [DrivingWords.Word(feature: 0, part: 1), DrivingWords.Word(feature: 1, part: 0.5)]
        let excerpt = Excerpt(of: text, words, finder: finder, mostBytes: 100)
        let units = Array(excerpt.text.utf16)
        let marked = excerpt.marks.map { String(decoding: units[$0.start..<$0.start + $0.length], as: UTF16.self) }
        #expect(marked == ["Pawn", "king"] && excerpt.marks.map(\.strength) == [3, 2])
        #expect(excerpt.text.hasPrefix("… ") && excerpt.text.hasSuffix(" …") && excerpt.text.utf8.count < 120)
        #expect(!excerpt.text.unicodeScalars.contains { $0.properties.generalCategory == .control })
        let short = Excerpt(of: "a\nb", [], finder: finder, mostBytes: 100)
        #expect(short.text == "a b" && short.marks.isEmpty)
        #expect(Excerpt(of: "", words, finder: finder, mostBytes: 60).text == "")
        // A word with no blank near it stays in its window, whole.
        let dense = String(repeating: "-", count: 300) + "pawn" + String(repeating: "-", count: 300)
        for most in [30, 60, 200] {
            let found = Excerpt(of: dense, words, finder: finder, mostBytes: most)
            #expect(found.marks.count == 1 && found.text.contains("pawn") && found.text.utf8.count <= most + 8)
        }
        let end = Excerpt(of: String(repeating: "x ", count: 100) + "pawn/king", words, finder: finder, mostBytes: 24)
        #expect(end.marks.count == 2)
        // Nowhere a blank to cut at.
        let run = Excerpt(of: String(repeating: "é", count: 300), words, finder: finder, mostBytes: 61)
        #expect(!run.text.contains("\u{FFFD}"))
    }
}

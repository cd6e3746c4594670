import RealModule
import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct GenerationDrawTests {
    /// What a draw makes of the same means many times: the mean of every feature, and all documents.
    private func draws(
        _ draw: some EntryDraw, _ means: [Float], count: Int = 20_000
    ) -> (mean: [Double], documents: [DocumentEntries]) {
        var generator = RandomGenerator(seed: 5)
        let documents = (0..<count).map { _ in
            means.withUnsafeBufferPointer { draw.entries(given: FeatureConditions(means: $0), using: &generator) }
        }
        var sums = [Double](repeating: 0, count: means.count)
        for document in documents {
            #expect(zip(document.columns, document.columns.dropFirst()).allSatisfy { $0 < $1 })
            for (column, value) in zip(document.columns, document.values) { sums[Int(column)] += Double(value) }
        }
        return (sums.map { $0 / Double(count) }, documents)
    }

    private let means: [Float] = [0.5, 0.25, 0, 0.125, 0.125]

    private func expect(_ found: [Double], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation) {
        for (found, expected) in zip(found, expected) {
            #expect(abs(found - expected) < 0.02 + 0.03 * expected, sourceLocation: sourceLocation)
        }
    }

    @Test func wordsComeInProportion() {
        let (mean, documents) = draws(WordDraws { _ in 8 }, means)
        expect(mean, means.map { 8 * Double($0) })
        #expect(mean[2] == 0 && documents.allSatisfy { $0.values.reduce(0, +) == 8 })
        let none = draws(WordDraws { _ in 8 }, [0, 0], count: 3).documents
        #expect(none.allSatisfy { $0 == DocumentEntries() })
    }

    /// The counts of a word have the mean N·p and the variance N·p·(1 − p)·(N + s)/(1 + s), in short documents and in
    /// documents of more words than are drawn singly.
    @Test(arguments: [(2, 12), (40, 12), (5, 100_000)] as [(Double, Int)])
    func wordsComeInBursts(concentration: Double, length: Int) {
        let count = 20_000
        var generator = RandomGenerator(seed: 6)
        var (sums, squares) = ([0.0, 0, 0, 0, 0], [0.0, 0, 0, 0, 0])
        let logarithm = Float(Double.log(concentration))
        for _ in 0..<count {
            let document = means.withUnsafeBufferPointer { means in
                withUnsafePointer(to: logarithm) {
                    WordDraws { _ in length }.entries(
                        given: FeatureConditions(means: means, dispersions: UnsafeBufferPointer(start: $0, count: 1)),
                        using: &generator)
                }
            }
            #expect(document.values.reduce(0, +) == Float(length))
            for (column, value) in zip(document.columns, document.values) {
                sums[Int(column)] += Double(value)
                squares[Int(column)] += Double(value) * Double(value)
            }
        }
        let n = Double(length)
        for (word, p) in means.map(Double.init).enumerated() {
            let mean = sums[word] / Double(count), variance = squares[word] / Double(count) - mean * mean
            let expected = n * p * (1 - p) * (n + concentration) / (1 + concentration)
            #expect(abs(mean - n * p) <= 5 * (expected / Double(count)).squareRoot(), "word \(word): \(mean)")
            // Fourth moments of such counts are below ten times the squared variance here.
            #expect(
                abs(variance - expected) <= 5 * 3 * expected / Double(count).squareRoot(), "\(variance), \(expected)")
        }
    }

    /// Mean and variance of a Poisson variable are its rate, and those of different features have no covariance.
    @Test func ratesAreThoseOfPoissonVariables() {
        let rates: [Float] = [3, 0.5, 0, 1.25]
        let (mean, documents) = draws(PoissonDraws(), rates)
        expect(mean, rates.map(Double.init))
        let counts = documents.map { document in
            rates.indices.map { feature in
                Double(document.columns.firstIndex(of: UInt32(feature)).map { document.values[$0] } ?? 0)
            }
        }
        func covariance(_ a: Int, _ b: Int) -> Double {
            counts.reduce(0) { $0 + ($1[a] - mean[a]) * ($1[b] - mean[b]) } / Double(counts.count)
        }
        for (feature, rate) in rates.enumerated() {
            #expect(abs(covariance(feature, feature) - Double(rate)) < 0.05 * Double(rate) + 0.02)
        }
        #expect(abs(covariance(0, 3)) < 0.06)
        let wild = draws(PoissonDraws(), [1e30, 1], count: 1).documents[0]
        #expect(wild.values.reduce(0, +) == Float(PoissonDraws.mostWords))
    }

    /// Beyond some number of words a document is divided among features: the counts are multinomial all the same.
    @Test func manyWordsAreDividedInProportion() {
        let words = 1_000_000
        let (mean, documents) = draws(WordDraws { _ in words }, means, count: 400)
        #expect(documents.allSatisfy { $0.values.reduce(0) { $0 + Int($1) } == words })
        for (feature, share) in means.map(Double.init).enumerated() {
            let counts = documents.map { document in
                Double(document.columns.firstIndex(of: UInt32(feature)).map { document.values[$0] } ?? 0)
            }
            let variance = Double(words) * share * (1 - share)
            let found = counts.reduce(0) { $0 + ($1 - mean[feature]) * ($1 - mean[feature]) } / 399
            // Five standard errors of a mean and of a variance.
            #expect(abs(mean[feature] - Double(words) * share) <= 5 * (variance / 400).squareRoot())
            #expect(abs(found - variance) <= 5 * variance * (2.0 / 399).squareRoot())
        }
    }

    /// Neither counts that no memory holds word by word, nor rates beyond the finite numbers take long.
    @Test func countsBeyondAllMeasureAreDrawnAtOnce() {
        let features = [Float](repeating: 1, count: 1000)
        let billions = draws(WordDraws { _ in 4_000_000_000 }, features, count: 20).documents
        #expect(billions.allSatisfy { abs($0.values.reduce(0.0) { $0 + Double($1) } - 4e9) < 1000 * 0.5 })
        #expect(billions.allSatisfy { $0.columns.count == 1000 })
        for rates: [Float] in [[.infinity, 1], [.nan, .infinity], [3e38, 3e38, 3e38]] {
            let document = draws(PoissonDraws(), rates, count: 1).documents[0]
            #expect(document.values.reduce(0.0) { $0 + Double($1) } == Double(PoissonDraws.mostWords) + 1)
        }
        #expect(draws(PoissonDraws(), [.nan, .nan], count: 1).documents == [DocumentEntries()])
    }

    @Test func presenceIsOneWithItsProbability() {
        let (mean, documents) = draws(PresenceDraws(), means + [1])
        expect(mean, (means + [1]).map(Double.init))
        #expect(mean[2] == 0 && mean[5] == 1 && documents.allSatisfy { $0.values.allSatisfy { $0 == 1 } })
    }

    @Test func theLargestAreKept() {
        func largest(_ count: Int, _ row: [Float], keepsNegatives: Bool = false) -> DocumentEntries {
            DocumentEntries(largest: count, of: row, keepsNegatives: keepsNegatives)
        }
        #expect(largest(2, [3, -9, 1, 2]) == DocumentEntries(columns: [0, 3], values: [3, 2]))
        #expect(largest(9, [3, -9, 0, 2]) == DocumentEntries(columns: [0, 3], values: [3, 2]))
        #expect(largest(2, [3, -9, 1, 2], keepsNegatives: true) == DocumentEntries(columns: [0, 1], values: [3, -9]))
        #expect(largest(1, [2, 2, 2]) == DocumentEntries(columns: [0], values: [2]))
        #expect(largest(0, [2, 2]) == DocumentEntries())
    }

    @Test func normalNumbersHaveTheirMomentsAndNoNoiseWithoutVariances() {
        let means: [Float] = [5, -5], logVariances: [Float] = [0, 2 * Float.log(2)]
        var generator = RandomGenerator(seed: 5)
        means.withUnsafeBufferPointer { means in
            #expect(FeatureConditions(means: means).normalNumbers(using: &generator) == [5, -5])
            logVariances.withUnsafeBufferPointer { logVariances in
                let conditions = FeatureConditions(means: means, dispersions: logVariances)
                let numbers = (0..<20_000).map { _ in conditions.normalNumbers(using: &generator) }
                for (feature, deviation) in [1, 2].enumerated() {
                    let mean = numbers.reduce(0.0) { $0 + Double($1[feature]) } / 20_000
                    let square = numbers.reduce(0.0) { $0 + Double($1[feature] * $1[feature]) } / 20_000
                    #expect(abs(mean - Double(means[feature])) < 0.05)
                    #expect(abs((square - mean * mean).squareRoot() - Double(deviation)) < 0.05)
                }
            }
        }
    }

    @Test func meansAreThoseOfTheirLinks() throws {
        let decoder = LinearDecoder(
            weights: DenseMatrix(rowCount: 3, columnCount: 2, elements: [1, 0, 0.5, -1, 0, 2]), bias: [0.1, 0, -0.2])
        let z: [Float] = [0.3, -0.7]
        let logits: [Float] = [0.4, 0.85, -1.6]
        func means(_ link: FeatureMeans.Link) -> [Float] {
            let block = ScratchMatrix()
            var z = z
            FeatureMeans(decoder, link).fill(block, of: &z, rows: 1)
            return (0..<3).map { block.elements[$0] }
        }
        func expect(_ found: [Float], _ expected: [Float], sourceLocation: SourceLocation = #_sourceLocation) {
            for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-5, sourceLocation: sourceLocation) }
        }
        expect(means(.identity), logits)
        expect(means(.rate), logits.map { Float.exp($0) })
        expect(means(.presence), logits.map { 1 / (1 + Float.exp(-$0)) })
        for temperature: Float in [1, 0.5, 3] {
            let weights = logits.map { Float.exp($0 / temperature) }
            expect(means(.shares(temperature: temperature)), weights.map { $0 / weights.reduce(0, +) })
        }
        let block = ScratchMatrix()
        var mixed: [Float] = [1, 1]
        FeatureMeans(mixing: DenseMatrix(rowCount: 3, columnCount: 2, elements: [0.5, 0, 0.5, 0.25, 0, 0.75]))
            .fill(block, of: &mixed, rows: 1)
        expect((0..<3).map { block.elements[$0] }, [0.25, 0.375, 0.375])
    }

    /// With a decoder that has no weights, every document is drawn from softmax(c), whatever its z.
    @Test func wordsComeAsOftenAsTheModelSays() {
        let decoder = LinearDecoder(
            weights: DenseMatrix(rowCount: 5, columnCount: 3), bias: means.map { $0 == 0 ? -1e4 : 7 + Float.log($0) })
        let documents = DocumentGenerator(
            FeatureMeans(decoder, .shares(temperature: 1)), from: .prior(width: 3, spread: 1),
            WordDraws { _ in 100 }, seed: 1, reference: .prior(width: 3, spread: 1)
        ).documents(400)
        var sums = [Float](repeating: 0, count: 5)
        let matrix = documents.matrix
        for (column, value) in zip(matrix.columnIndices, matrix.values) { sums[Int(column)] += value }
        #expect(sums.reduce(0, +) == 40_000 && sums[2] == 0)
        for (sum, share) in zip(sums, means) { #expect(abs(sum / 40_000 - share) < 0.01) }
        // What is as likely in every document is salient in none.
        #expect(documents.salience.allSatisfy { abs($0 - 1) < 1e-3 })
    }
}

@Suite struct LatentSourceTests {
    private func draws(_ source: LatentSource, _ document: Int, count: Int = 4000) -> [[Float]] {
        var generator = RandomGenerator(seed: 9)
        return (0..<count).map { _ in source.draw(document, using: &generator) }
    }

    private func moments(_ values: [Float]) -> (mean: Float, deviation: Float) {
        let mean = values.reduce(0, +) / Float(values.count)
        return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)).squareRoot())
    }

    @Test func spreadScalesDeviations() {
        let rows = GaussianRows(
            means: DenseMatrix(rowCount: 2, columnCount: 1, elements: [4, -3]),
            logVariances: DenseMatrix(rowCount: 2, columnCount: 1, elements: [0, 2 * Float.log(0.5)]))
        for spread: Float in [0, 1, 2] {
            let prior = moments(draws(.prior(width: 1, spread: spread), 0).map { $0[0] })
            #expect(abs(prior.mean) < 0.1 && abs(prior.deviation - spread) < 0.1)
            // In turn: the fourth document is near the second row.
            let near = moments(draws(.posteriors(rows, spread: spread, inTurn: true), 3).map { $0[0] })
            #expect(abs(near.mean + 3) < 0.1 && abs(near.deviation - 0.5 * spread) < 0.05)
            let any = moments(draws(.posteriors(rows, spread: spread, inTurn: false), 3).map { $0[0] })
            #expect(abs(any.mean - 0.5) < 0.2 && any.deviation > 3.4)
        }
    }

    @Test func codesKeepTheirPatternAndRange() {
        let codes = DenseMatrix(rowCount: 3, columnCount: 3, elements: [0.1, 0, 2, 0, 0, 0.5, 1, 0, 0])
        let smoothed = SmoothedCodes(codes: codes, reference: codes, activation: .relu, spread: 2, inTurn: true)
        let all = draws(.codes(smoothed), 3)
        #expect(all.allSatisfy { $0[1] == 0 && $0.allSatisfy { $0 >= 0 } })
        // σ of the last unit is that of 2 and 0.5.
        let last = moments(all.map { $0[2] })
        #expect(abs(last.mean - 2) < 0.05 && abs(last.deviation - 2 * 0.2 * 0.75) < 0.03)
        let any = draws(.codes(SmoothedCodes(codes: codes, reference: codes, activation: .relu)), 0)
        #expect(any.count { $0[0] == 0 && $0[2] > 0 } > 1000 && any.count { $0[0] > 0.5 } > 1000)
        let exact = SmoothedCodes(codes: codes, reference: codes, activation: .relu, spread: 0, inTurn: true)
        #expect((0..<5).map { draws(.codes(exact), $0, count: 1)[0] } == [0, 1, 2, 0, 1].map(codes.row))
    }

    @Test func clippingGivesWhatTheActivationCan() {
        func clipped(_ activation: Activation) -> [Float] {
            var code: [Float] = [-2, 0.5, 3, 1.5]
            activation.clip(&code)
            return code
        }
        #expect(clipped(.linear) == [-2, 0.5, 3, 1.5])
        #expect(clipped(.relu) == [0, 0.5, 3, 1.5])
        #expect(clipped(.sigmoid) == [0, 0.5, 1, 1])
        #expect(clipped(.tanh) == [-1, 0.5, 1, 1])
        #expect(clipped(.topK(2)) == [0, 0, 3, 1.5])
    }

    @Test func linesAreStraight() {
        let line = LatentLine(from: [1, 0], to: [3, -4], count: 5)
        #expect((0..<5).map(line.point) == [[1, 0], [1.5, -1], [2, -2], [2.5, -3], [3, -4]])
        let codes = LatentLine(from: [1, 0, 2, 0], to: [0, 3, 0, 1], count: 3, activation: .topK(2))
        #expect((0..<3).map(codes.point) == [[1, 0, 2, 0], [0, 1.5, 1, 0], [0, 3, 0, 1]])
    }
}

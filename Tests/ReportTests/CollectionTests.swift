import Autoencoders
import Corpora
import Gossamer
import SparseMatrices
import Testing

@testable import Report

@Suite struct CollectionTests {
    @Test func histogramsGrowWithTheirNumbers() {
        let numbers = randomNumbers(500, stream: 3).map { Float($0 * $0 * $0) } + [0, 0, .nan, .infinity, -12.5]
        var histogram = ActivationHistogram()
        for number in numbers { histogram.add(number) }
        let (start, width, counts) = histogram.occupied
        #expect(histogram.zeros == 2 && counts.reduce(0, +) == 501)
        for (bin, count) in counts.enumerated() {
            let low = start + Float(bin) * width
            #expect(count == numbers.count { $0 != 0 && $0.isFinite && $0 >= low && $0 < low + width })
        }
        #expect(counts.count <= 128 && counts.count > 32)
        #expect(ActivationHistogram().occupied.counts.isEmpty)
    }

    @Test func samplesDependOnRowsAlone() {
        func sample(_ count: Int, of rows: some Sequence<Int>) -> [Int] {
            var sample = DocumentSample(count: count, seed: 5)
            for row in rows {
                let code = [Float(row)]
                code.withUnsafeBufferPointer { sample.add(row: row, code: $0) { KeptDocument(remembered: row) } }
            }
            let (documents, codes) = sample.sorted(width: 1)
            #expect(documents.indices.allSatisfy { codes[$0, 0] == Float(documents[$0].row) })
            return documents.map(\.row)
        }
        let rows = sample(200, of: 0..<10_000)
        #expect(rows.count == 200 && rows == rows.sorted() && rows == sample(200, of: (0..<10_000).reversed()))
        // Of a uniform sample about half is in each half; 5 standard deviations of the binomial are 35.
        #expect(abs(rows.count { $0 < 5000 } - 100) < 36)
        #expect(sample(50, of: 0..<20) == Array(0..<20))
    }

    @Test func theFiguresAreThoseOfTheCorpus() throws {
        let corpus = try subjects()
        let model = try sparseModel(on: corpus)
        let report = try makeReport(model, on: corpus)
        let matrix = corpus.matrix
        #expect(report.figures.documents == 400 && report.figures.entries == matrix.entryCount)
        #expect(report.figures.tokens == matrix.values.reduce(0) { $0 + Double($1) })
        #expect(report.figures.documentsPerFeature == model.observed?.documentsPerFeature)
        #expect(report.figures.documentsOfLength.values.reduce(0, +) == 400)
        #expect(report.labels.map(\.documents).reduce(0, +) == 400 && report.labels.count == 8)
        #expect(report.documents.map(\.row) == Array(0..<400))
        // From what the model remembers.
        let alone = try makeReport(model, on: nil)
        #expect(alone.figures.documents == 400 && alone.figures.documentsOfLength == report.figures.documentsOfLength)
        #expect(alone.labels.isEmpty && alone.documents.allSatisfy { $0.excerpt == nil && $0.id == nil })
        #expect(alone.corpus == nil && report.corpus?.name == "subjects")
        #expect(alone.documentsAreRemembered && !report.documentsAreRemembered)
        #expect(alone.documents[4].name == "sample 5" && report.documents[4].name == corpus.ids?[4])
    }

    /// A model that went on learning remembers the documents of all trainings.
    @Test func continuedModelsCountAllTheirDocuments() throws {
        let corpus = try subjects()
        let model = try sparseModel(on: corpus.rows(Array(0..<250)))
        var training = TrainingSettings()
        training.epochs = 1
        let continued = try model.continued(on: corpus.rows(Array(250..<400)), training: training)
        let figures = try makeReport(continued, on: nil).figures
        #expect(figures.documents == 400 && figures.entries == corpus.matrix.entryCount)
        #expect(figures.documentsOfLength.values.reduce(0, +) == 400)
        let facts = try makeReport(continued, on: nil).facts
        #expect(
            facts.contains { $0.name == "Training documents" && $0.text == "400, 250 of them in earlier trainings" })
    }

    @Test func bandsHoldAllDocuments() {
        let lengths = [3, 3, 4, 9, 12, 12, 12, 40, 1000]
        let bands = CountBands(of: lengths, most: 4).bands
        #expect(bands.first?.low == 3 && bands.last?.high == 1000)
        for band in bands { #expect(band.documents == lengths.count { (band.low...band.high).contains($0) }) }
        #expect(zip(bands, bands.dropFirst()).allSatisfy { $0.high + 1 == $1.low })
        // Few distinct values have a band each, and one extreme value does not make the others one bar.
        #expect(CountBands(of: [2, 3, 3, 5], most: 20).bands.map(\.documents) == [1, 2, 0, 1])
        let long = CountBands([10: 600, 20: 400, 100_000: 1], most: 5).bands
        #expect(long.count == 4 && long.last?.documents == 401)
        #expect(CountBands([:], most: 5).bands.isEmpty && CountBands([7: 2], most: 5).bands.count == 1)
    }
}

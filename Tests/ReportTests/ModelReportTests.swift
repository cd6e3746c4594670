import Corpora
import Evaluation
import Foundation
import Gossamer
import SparseMatrices
import Testing

@testable import Report

@Suite struct ModelReportTests {
    @Test func theSameSeedGivesTheSameReport() throws {
        let corpus = try subjects()
        let model = try sparseModel(on: corpus)
        var settings = ReportSettings()
        settings.documents = 100
        settings.hasLDAvis = true
        let one = try makeReport(model, on: corpus, settings, threads: 1)
        #expect(one == (try makeReport(model, on: corpus, settings, threads: 2)))
        #expect(one.documents.count == 100 && one.figures.documents == 400)
        #expect(try ReportPage(one, title: "a").html == ReportPage(one, title: "a").html)
    }

    @Test func unitsAreToldAsFeaturesTellsThem() throws {
        let corpus = try subjects()
        let model = try sparseModel(on: corpus)
        let report = try makeReport(model, on: corpus)
        for unit in try model.units(in: corpus) {
            let card = report.units[unit.unit]
            #expect(abs(card.importance - unit.importance) < 1e-9 && card.density == unit.density)
            #expect(abs(card.norm - unit.norm) < 1e-9)
            #expect(card.top.prefix(5).map(\.row) == unit.documents.map(\.row))
            #expect(card.top.prefix(5).map(\.activity) == unit.documents.map(\.activity))
            #expect(card.nearest.prefix(3).map(\.unit) == unit.nearest.map(\.unit))
            #expect(Array(card.words.prefix(10)) == unit.words && card.words.count == 15)
            #expect(card.labels.allSatisfy { $0.lift > 1 && $0.share > 0 && $0.share <= 1 })
            #expect(card.top.allSatisfy { !$0.words.isEmpty && $0.excerpt?.marks.isEmpty == false })
            let half = Double(card.largest) / 2
            let tops = Set(card.top.map(\.row))
            #expect(card.middle.count == 3 && card.middle.allSatisfy { !tops.contains($0.row) })
            #expect(card.middle.map { abs(Double($0.activity) - half) }.max() ?? 0 <= half)
        }
    }

    @Test func sharesOfWordsSumToOne() throws {
        let corpus = try subjects()
        let model = try sparseModel(units: 3, on: corpus)
        let report = try makeReport(model, on: corpus)
        let adding = report.words.words.filter { $0.units.count == 3 }
        #expect(!adding.isEmpty)
        for word in adding { #expect(abs(word.units.reduce(0) { $0 + $1.share } - 1) < 1e-6) }
        for word in report.words.words {
            #expect(word.name == model.vocabulary?[word.feature])
            #expect(word.documents == Int(report.figures.documentsPerFeature[word.feature]))
        }
    }

    @Test func variationalModelsTellTheirBound() throws {
        let corpus = try subjects()
        for likelihood in [LikelihoodKind.multinomial, .topicMixture] {
            let model = try variationalModel(likelihood, on: corpus)
            let report = try makeReport(model, on: corpus)
            let quality = report.quality
            let divergence = try #require(quality.divergence), reconstruction = try #require(quality.reconstruction)
            #expect(divergence > 0 && reconstruction > 0 && quality.documents == 400)
            #expect(abs(report.units.reduce(0) { $0 + ($1.divergence ?? 0) } - divergence) < 1e-9 * (1 + divergence))
            #expect(abs(report.units.reduce(0) { $0 + $1.importance } - 1) < 1e-9)
            #expect(report.isMixture == (likelihood == .topicMixture))
            #expect(report.history.count == 2)
        }
    }

    /// Data without words, labels or counts.
    @Test func measurementsHaveAReport() throws {
        let numbers = randomNumbers(60 * 16, stream: 9).map { Float($0) }
        let matrix = try CSRMatrix(
            rowCount: 60, columnCount: 16, rowOffsets: (0...60).map { $0 * 16 },
            columnIndices: (0..<960).map { UInt32($0 % 16) }, values: numbers)
        let corpus = Corpus(matrix: matrix, provenance: CorpusProvenance(format: "libsvm", indexBase: .one))
        let model = try sparseModel(units: 4, on: corpus)
        var settings = ReportSettings()
        settings.imageShape = ImageShape(height: 4, width: 4)
        let report = try makeReport(model, on: corpus, settings)
        #expect(report.words.words.allSatisfy { $0.name == "feature \($0.feature + 1)" })
        let pictures = try #require(report.pictures)
        #expect(pictures.units.count == 4 && pictures.documents.count == 60)
        #expect(pictures.unitsLeftOut == 0 && pictures.documentsLeftOut == 0)
        let inputs = try model.inputs(from: corpus)
        let (values, code) = (inputs.row(5).values, try model.embed(corpus.rows([5])).row(0))
        let reconstruction = (0..<16).map { feature in
            zip(code, 0..<4).reduce(model.decoder.bias[feature]) {
                $0 + $1.0 * model.decoder.weights[feature, $1.1]
            }
        }
        let (low, high) = (min(0, values.min() ?? 0), values.max() ?? 0)
        let shown = try #require(pictures.documents[5])
        for (numbers, pixels) in [(values, shown.pixels), (reconstruction, shown.reconstruction)] {
            for (number, pixel) in zip(numbers, pixels) {
                // Half a shade, and the rounding of a product of four.
                #expect(abs(max(0, min(1, (number - low) / (high - low))) * 255 - Float(pixel)) <= 0.501)
            }
        }
        #expect(pictures.units[0]?.contains { $0 == 1 || $0 == 255 } == true)
        #expect(try ReportPage(report, title: "x").html.contains("</html>"))
        // As many as fit: of four units two, and of the documents those that activate units most.
        settings.pictureBytes = 16 * 4
        let few = try #require(try makeReport(model, on: corpus, settings).pictures)
        #expect(few.units.count == 2 && few.unitsLeftOut == 2)
        #expect(few.documents.count == 1 && few.documentsLeftOut == 59)
        let most = try #require(report.units.max { ($0.importance, $1.unit) < ($1.importance, $0.unit) })
        #expect(few.units[most.unit] != nil && few.documents[most.top[0].row] != nil)
    }

    /// A topic's importance is its share of documents, in `features` as in the report.
    @Test func topicsAreAsImportantAsTheirShares() throws {
        let corpus = try subjects()
        let model = try variationalModel(.topicMixture, on: corpus)
        let shares = try model.embed(corpus, asMixture: true)
        let report = try makeReport(model, on: corpus)
        for unit in try model.units(in: corpus) {
            let mean = (0..<400).reduce(0.0) { $0 + Double(shares[$1, unit.unit]) } / 400
            // Each share is rounded to Float, and their sums are near 1.
            #expect(abs(unit.importance - mean) < 1e-5 && report.units[unit.unit].importance == unit.importance)
        }
    }

    /// JSON has no numbers that are not finite; those are left out, for a dash, and not taken for zero.
    @Test func whatIsNoNumberIsNotZero() {
        #expect(Double.nan.significant(3) == nil && Double.infinity.significant(3) == nil && 0.0.significant(3) == 0)
        #expect(12345.0.significant(3) == 12300)
    }

    @Test func whateverStandsInTextsIsNoMarkup() throws {
        let hostile = "</script><script>alert(1)</script><!-- \u{2028} & \" ' {{title}}"
        let folder = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let lines = (0..<30).map { "\"<b>\($0 % 3)\"\t\(hostile) word\($0 % 5) other\($0 % 7)" }
        let path = folder.appending(path: "hostile.tsv").path
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
        var options = CorpusReadingOptions()
        options.textInput.keptBytes = 2048
        let corpus = try CorpusReader.read([path], options: options)
        let report = try makeReport(try sparseModel(units: 3, on: corpus), on: corpus)
        let html = try ReportPage(report, title: "<i>\(hostile)</i>").html
        #expect(!html.contains("<i>") && !html.contains("alert(1)</script>") && !html.contains("<b>"))
        #expect(
            html.components(separatedBy: "<script").count == 3 && html.components(separatedBy: "</script").count == 3)
        #expect(report.labels.map(\.name).contains("\"<b>1\""))
    }

    @Test func theFileOfLDAvisIsComplete() throws {
        let corpus = try subjects()
        let model = try sparseModel(on: corpus)
        var settings = ReportSettings()
        settings.hasLDAvis = true
        let data = try #require(try makeReport(model, on: corpus, settings).ldavis)
        #expect(data.order.sorted() == Array(1...12) && data.coordinates.topics == Array(1...12))
        #expect(data.coordinates.frequencies == data.coordinates.frequencies.sorted(by: >))
        #expect(abs(data.coordinates.frequencies.reduce(0, +) - 100) < 1e-9)
        #expect(data.terms.categories.count { $0 == "Default" } == 30)
        #expect(data.terms.terms.count == data.terms.logLifts.count)
        #expect(
            data.tokens.terms.count == data.tokens.shares.count
                && data.tokens.topics.allSatisfy { (1...12).contains($0) })
    }
}

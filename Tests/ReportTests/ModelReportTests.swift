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
        #expect(
            report.units.allSatisfy { $0.image?.count == 16 } && report.documents.allSatisfy { $0.image?.count == 16 })
        #expect(report.documents[5].image == Array(try model.inputs(from: corpus).row(5).values))
        #expect(try ReportPage(report, title: "x").html.contains("</html>"))
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

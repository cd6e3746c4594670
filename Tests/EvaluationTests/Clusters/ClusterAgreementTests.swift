import Autoencoders
import Corpora
import Gossamer
import RealModule
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct ClusterAgreementTests {
    /// The definitions word for word.
    func plainAgreement(_ clusters: [Int], _ classes: [Int]) -> (purity: Double, nmi: Double) {
        let n = Double(clusters.count)
        func both(_ k: Int, _ c: Int) -> Double { Double(zip(clusters, classes).count { $0.0 == k && $0.1 == c }) }
        func count(_ numbers: [Int], _ number: Int) -> Double { Double(numbers.count { $0 == number }) }
        func entropy(_ numbers: [Int]) -> Double {
            -Set(numbers).reduce(0) { $0 + count(numbers, $1) / n * Double.log(count(numbers, $1) / n) }
        }
        var (purity, information) = (0.0, 0.0)
        for k in Set(clusters) {
            purity += Set(classes).map { both(k, $0) }.max() ?? 0
            for c in Set(classes) where both(k, c) > 0 {
                information += both(k, c) / n * Double.log(n * both(k, c) / (count(clusters, k) * count(classes, c)))
            }
        }
        return (purity / n, 2 * information / (entropy(clusters) + entropy(classes)))
    }

    @Test func agreesWithTheDefinition() throws {
        var generator = RandomGenerator(seed: 5, stream: 1)
        let classes = (0..<200).map { _ in Int.random(in: 0..<5, using: &generator) }
        let clusters = classes.map {
            $0 < 3 && generator.nextUniform() < 0.7 ? $0 + 10 : Int.random(in: 8..<14, using: &generator)
        }
        let agreement = try #require(ClusterAgreement(of: clusters, with: classes))
        let plain = plainAgreement(clusters, classes)
        #expect(abs(agreement.purity - plain.purity) < 1e-12 && abs(agreement.nmi - plain.nmi) < 1e-12)
        #expect(agreement.purity > 0.4 && agreement.nmi > 0.1 && agreement.nmi < 0.9)
    }

    @Test func limitsAreThoseOfPerfectAndOfUselessClusters() throws {
        let classes = (0..<90).map { $0 % 3 }
        let perfect = try #require(ClusterAgreement(of: classes.map { 7 - 2 * $0 }, with: classes))
        #expect(perfect.purity == 1 && abs(perfect.nmi - 1) < 1e-12)
        let one = try #require(ClusterAgreement(of: classes.map { _ in 4 }, with: classes))
        #expect(one.purity == 1.0 / 3 && one.nmi == 0)
        let independent = try #require(ClusterAgreement(of: (0..<90).map { $0 / 3 % 2 }, with: classes))
        #expect(abs(independent.purity - 1.0 / 3) < 1e-12 && independent.nmi < 1e-12)
        let own = try #require(ClusterAgreement(of: Array(0..<90), with: classes))
        #expect(own.purity == 1 && own.nmi < 0.5)
        #expect(ClusterAgreement(of: [1, 1], with: [2, 2])?.nmi == 1)
        #expect(ClusterAgreement(of: [], with: []) == nil)
    }

    @Test func theStrongestUnitIsTheFirstOfEqualOnesAndOfZerosNone() {
        let codes = DenseMatrix(rowCount: 4, columnCount: 3, elements: [0, 2, 2, -1, -2, -3, 0, 0, 0, -1, 0, 0])
        #expect(codes.strongestColumns == [1, 0, 3, 1])
    }

    /// The report of a model is that of its codes; who has no label takes no part.
    @Test func reportsModelsOfLabelledDocuments() throws {
        let model = try sparseModel()
        let all = try topicalCorpus(300, stream: 2)
        let names = try #require(all.labels)
        let labels = (0..<300).map { $0 % 9 == 8 ? nil : names[$0] }
        let corpus = Corpus(
            matrix: all.matrix, labels: RowLabels(labels), provenance: CorpusProvenance(format: "generated"))
        let report = try #require(try model.evaluateClusters(of: corpus, seed: 2))
        let rows = labels.indices.filter { labels[$0] != nil }
        let classes = rows.compactMap { labels[$0].flatMap { Int($0) } }
        let codes = try model.embed(corpus).rows(rows)
        var settings = KMeans.Settings()
        settings.seed = 2
        let clusters = KMeans(of: codes, count: 4, settings, parallelism: .serial).clusters
        let byMeans = try #require(ClusterAgreement(of: clusters, with: classes))
        let byUnit = try #require(ClusterAgreement(of: codes.strongestColumns, with: classes))
        #expect(
            report
                == ClusterReport(
                    classes: 4, purity: byMeans.purity, nmi: byMeans.nmi, unitPurity: byUnit.purity, unitNMI: byUnit.nmi
                ))
        #expect(report.purity > 0.9)
        let serial = try model.evaluateClusters(of: corpus, seed: 2, execution: Execution(parallelism: .serial))
        #expect(serial == report)
    }

    @Test func labelsThatAreNoClassesGiveNoReport() throws {
        let model = try sparseModel()
        let all = try topicalCorpus(30, stream: 2)
        let several = RowLabels(sets: (0..<30).map { $0 % 2 == 0 ? ["a"] : ["a", "b"] })
        for labels in [nil, RowLabels((0..<30).map { "\($0)" }), RowLabels((0..<30).map { _ in "a" }), several] {
            let corpus = Corpus(matrix: all.matrix, labels: labels, provenance: CorpusProvenance(format: "generated"))
            #expect(try model.evaluateClusters(of: corpus) == nil)
        }
    }
}

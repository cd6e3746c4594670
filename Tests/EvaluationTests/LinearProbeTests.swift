import Autoencoders
import Corpora
import Foundation
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct LinearProbeTests {
    /// Codes around a center for each class.
    func clusters(
        rows: Int, noise: Float, stream: UInt64, scales: [Float] = [1, 1000, 0.001, 1]
    ) -> (codes: DenseMatrix, labels: ClassLabels) {
        var generator = RandomGenerator(seed: 1, stream: stream)
        var elements: [Float] = []
        for row in 0..<rows {
            for column in 0..<4 {
                let center: Float = column == row % 3 ? 1 : 0
                elements.append((center + noise * generator.nextNormal()) * scales[column])
            }
            // A unit that is never active.
            elements.append(0)
        }
        return (
            DenseMatrix(rowCount: rows, columnCount: 5, elements: elements),
            ClassLabels(classCount: 3, rows: (0..<rows).map { [$0 % 3] })
        )
    }

    @Test func tellsClassesApartWhateverTheScales() throws {
        let (train, labels) = clusters(rows: 300, noise: 0.1, stream: 1)
        let (test, testLabels) = clusters(rows: 90, noise: 0.1, stream: 2)
        let report = try #require(LinearProbe().score(train: train, labels, test: test, testLabels))
        #expect(report.score == 1 && report.validationScore == 1 && report.isConverged)
        #expect(report.classes == 3 && report.trainingDocuments == 300 && report.testDocuments == 90)
        // Of strengths that do equally well, the smallest.
        #expect(report.strength == 0.001)
    }

    @Test func threadsDoNotMatter() throws {
        let (train, labels) = clusters(rows: 1500, noise: 1, stream: 1)
        let (test, testLabels) = clusters(rows: 700, noise: 1, stream: 2)
        let reports = [1, 2].map {
            LinearProbe().score(
                train: train, labels, test: test, testLabels, parallelism: Parallelism(threads: $0))
        }
        #expect(reports[0] == reports[1])
        #expect((0.4...0.8).contains(try #require(reports[0]).score))
    }

    @Test func severalLabelsADocumentGiveMicroF1() throws {
        let (train, single) = clusters(rows: 300, noise: 0.1, stream: 1)
        let labels = ClassLabels(classCount: 3, rows: single.rows.map { $0 == [0] ? [] : $0 == [1] ? [0, 1] : [2] })
        var probe = LinearProbe()
        probe.strengths = [1]
        let report = try #require(
            probe.score(train: train, labels, test: train, labels, isMultilabel: true))
        #expect(report.isMultilabel && report.score == 1)
        // Two hits, one false, two missed.
        let truth = ClassLabels(classCount: 3, rows: [[0, 1], [2], []])
        #expect(agreement([[0], [1, 2], []], truth, isMultilabel: true) == 4.0 / 6)
        #expect(agreement([[], []], ClassLabels(classCount: 3, rows: [[], []]), isMultilabel: true) == 0)
    }

    @Test func whatCannotBeProbedGivesNothing() {
        let (codes, labels) = clusters(rows: 30, noise: 0.1, stream: 1)
        let probe = LinearProbe()
        let none = DenseMatrix(rowCount: 0, columnCount: 5)
        #expect(probe.score(train: codes, labels, test: none, ClassLabels(classCount: 3, rows: [])) == nil)
        #expect(probe.score(train: none, ClassLabels(classCount: 3, rows: []), test: codes, labels) == nil)
        var bad = codes
        bad[3, 2] = .nan
        #expect(probe.score(train: bad, labels, test: codes, labels) == nil)
        let one = ClassLabels(classCount: 1, rows: Array(repeating: [0], count: 30))
        #expect(probe.score(train: codes, one, test: codes, one) == nil)
    }

    /// What scikit-learn's StratifiedKFold(3) gives.
    @Test func foldsAreThoseOfScikitLearn() {
        let labels = [2, 0, 1, 0, 0, 2, 1, 1, 0, 0, 2, 1, 0]
        let folds = stratifiedFolds(ClassLabels(classCount: 3, rows: labels.map { [$0] }), count: 3)
        #expect(folds == [0, 0, 0, 0, 1, 1, 0, 1, 1, 2, 2, 2, 2])
    }

    @Test func labelsThatAreTheSameNumberAreTheSameClass() {
        let names = ClassNames(RowLabels(["+1", "-1", "1", nil, "1.0"]))
        #expect(names.names == ["+1", "-1"] && !names.isMultilabel)
        let classes = names.classes(of: RowLabels(["-1.0", "1", "7"]), rows: [0, 1, 2])
        #expect(classes.rows == [[1], [0], [2]])
        #expect(names.areClasses(of: 6) && !names.areClasses(of: 5))
        let several = ClassNames(RowLabels(sets: [["a", "b"], ["b"], []]))
        #expect(several.names == ["a", "b"] && several.isMultilabel)
        #expect(
            several.classes(of: RowLabels(sets: [["b", "a"], [], ["c"]]), rows: [2, 1, 0]).rows == [[2], [], [0, 1]])
    }

    @Test func aCommaWithinALabelMakesNoTwo() {
        let names = ClassNames(RowLabels(["Arts, Crafts", "Sports", "Arts, Crafts"]))
        #expect(names.names == ["Arts, Crafts", "Sports"] && !names.isMultilabel)
        #expect(names.classes(of: RowLabels(["Arts, Crafts", "Arts"]), rows: [0, 1]).rows == [[0], [2]])
    }

    @Test(arguments: [1, 4, 10, 700], [1, 2]) func retrievalIsThatOfAPlainSearch(count: Int, threads: Int) throws {
        let scales = [Float](repeating: 1, count: 4)
        let (codes, labels) = clusters(rows: 600, noise: 0.7, stream: 1, scales: scales)
        var (queries, queryLabels) = clusters(rows: 75, noise: 0.7, stream: 2, scales: scales)
        for unit in 0..<5 { queries[7, unit] = 0 }
        func cosine(_ a: [Float], _ b: [Float]) -> Double {
            func dot(_ a: [Float], _ b: [Float]) -> Double {
                zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            }
            let lengths = (dot(a, a) * dot(b, b)).squareRoot()
            return lengths > 0 ? dot(a, b) / lengths : 0
        }
        var sum = 0.0
        for query in 0..<75 {
            let similarities = (0..<600).map { cosine(queries.row(query), codes.row($0)) }
            let nearest = similarities.indices.sorted { (similarities[$1], $0) < (similarities[$0], $1) }.prefix(count)
            sum += Double(nearest.count { labels.rows[$0] == queryLabels.rows[query] }) / Double(nearest.count)
        }
        let precision = try #require(
            retrievalPrecision(
                among: codes, labels, for: queries, queryLabels, count: count,
                parallelism: Parallelism(threads: threads)))
        #expect(abs(precision - sum / 75) < 1e-3)
        #expect(
            retrievalPrecision(
                among: codes, labels, for: DenseMatrix(rowCount: 0, columnCount: 5),
                ClassLabels(classCount: 3, rows: [])) == nil)
    }
}

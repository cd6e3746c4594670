import Autoencoders
import RealModule
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct LogisticRegressionTests {
    let design: DenseMatrix
    let single: ClassLabels
    let several: ClassLabels

    /// Forty rows of three columns and the intercept's, three classes that overlap.
    init() {
        var generator = RandomGenerator(seed: 2, stream: 1)
        var elements: [Float] = []
        var classes: [[Int]] = []
        var sets: [[Int]] = []
        for row in 0..<40 {
            let label = row % 3
            elements += (0..<3).map { generator.nextNormal() + ($0 == label ? 1 : 0) } + [1]
            classes.append([label])
            sets.append((0..<3).filter { $0 == label || generator.nextUniform() < 0.2 }.filter { _ in row % 7 != 0 })
        }
        design = DenseMatrix(rowCount: 40, columnCount: 4, elements: elements)
        single = ClassLabels(classCount: 3, rows: classes)
        several = ClassLabels(classCount: 3, rows: sets)
    }

    func objective(isMultilabel: Bool, threads: Int = 1) -> LogisticObjective {
        LogisticObjective(
            design: design, labels: isMultilabel ? several : single, isMultilabel: isMultilabel,
            parallelism: Parallelism(threads: threads))
    }

    @Test(arguments: [false, true]) func gradientIsThatOfTheValue(isMultilabel: Bool) {
        let objective = objective(isMultilabel: isMultilabel)
        var generator = RandomGenerator(seed: 3, stream: 1)
        let point = (0..<12).map { _ in Double(generator.nextNormal()) }
        var gradient = [Double](repeating: 0, count: 12), other = gradient
        _ = objective.evaluate(point, penalty: 0.3, gradient: &gradient)
        for i in point.indices {
            var (low, high) = (point, point)
            low[i] -= 1e-2
            high[i] += 1e-2
            let above = objective.evaluate(high, penalty: 0.3, gradient: &other)
            let below = objective.evaluate(low, penalty: 0.3, gradient: &other)
            #expect(abs((above - below) / 2e-2 - gradient[i]) < 1e-4, "parameter \(i)")
        }
    }

    /// The definition word for word, in Double.
    func plainGradient(_ w: [Double], penalty: Double, isMultilabel: Bool) -> [Double] {
        var gradient = w.enumerated().map { $0.offset % 4 == 3 ? 0 : penalty * $0.element }
        let labels = isMultilabel ? several : single
        for row in 0..<40 {
            let x = design.row(row).map { Double($0) }
            let logits: [Double] = (0..<3).map { k in
                (0..<4).reduce(0.0) { $0 + w[4 * k + $1] * x[$1] }
            }
            let exponentials = logits.map { Double.exp($0) }
            let sum = exponentials.reduce(0, +)
            for k in 0..<3 {
                let p = isMultilabel ? exponentials[k] / (1 + exponentials[k]) : exponentials[k] / sum
                let residual = (p - (labels.rows[row].contains(k) ? 1 : 0)) / 40
                for column in 0..<4 { gradient[4 * k + column] += residual * x[column] }
            }
        }
        return gradient
    }

    @Test(arguments: [false, true], [0.01, 1]) func findsWhatPlainDescentFinds(isMultilabel: Bool, strength: Double) {
        let penalty = 1 / (40 * strength)
        var point = [Double](repeating: 0, count: 12)
        // The penalty's curvature is at least 1/40, so this leaves e⁻²⁰ of the distance.
        for _ in 0..<4_000 {
            let gradient = plainGradient(point, penalty: penalty, isMultilabel: isMultilabel)
            for i in point.indices { point[i] -= 0.2 * gradient[i] }
        }
        let models = LogisticRegression.path(objective(isMultilabel: isMultilabel), strengths: [strength])
        #expect(models.count == 1 && models[0].isConverged && models[0].iterations < 60)
        // The intercepts of a softmax are free up to a common shift, which both solvers leave at zero.
        for (found, expected) in zip(models[0].weights, point) { #expect(abs(Double(found) - expected) < 2e-3) }
    }

    @Test func aPathEndsWhereALoneFitEnds() {
        let objective = objective(isMultilabel: false)
        let path = LogisticRegression.path(objective, strengths: [0.01, 0.1, 1])
        let alone = LogisticRegression.path(objective, strengths: [1])
        for (a, b) in zip(path[2].weights, alone[0].weights) { #expect(abs(a - b) < 2e-3) }
    }

    @Test func threadsDoNotMatter() {
        // More rows than one part holds.
        let rows = (0..<2000).map { $0 % 40 }
        let models = [1, 2, 3].map { threads in
            LogisticRegression.path(
                LogisticObjective(
                    design: design.rows(rows), labels: single.selecting(rows), isMultilabel: false,
                    parallelism: Parallelism(threads: threads)), strengths: [0.1])[0]
        }
        #expect(models[0].weights == models[1].weights && models[1].weights == models[2].weights)
    }

    @Test func minimisesAQuadraticAtOnceWithItsOwnInverse() {
        let diagonal = [1.0, 100, 0.01]
        let outcome = LBFGS(tolerance: 1e-12, valueNoise: 0).minimize(
            from: [0, 0, 0], precondition: { v in for i in v.indices { v[i] /= diagonal[i] } },
            { x, gradient in
                for i in x.indices { gradient[i] = diagonal[i] * (x[i] - 1) }
                return zip(x, diagonal).reduce(0) { $0 + 0.5 * $1.1 * ($1.0 - 1) * ($1.0 - 1) }
            })
        #expect(outcome.isConverged && outcome.iterations == 1 && outcome.point.allSatisfy { abs($0 - 1) < 1e-9 })
    }

    @Test func minimisesRosenbrocksValley() {
        let outcome = LBFGS(tolerance: 1e-8, valueNoise: 0).minimize(
            from: [-1.2, 1], precondition: { _ in },
            { x, gradient in
                let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
                gradient = [-2 * a - 400 * x[0] * b, 200 * b]
                return a * a + 100 * b * b
            })
        #expect(outcome.isConverged && outcome.point.allSatisfy { abs($0 - 1) < 1e-6 })
    }
}

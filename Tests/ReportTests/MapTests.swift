import Autoencoders
import Gossamer
import RealModule
import SparseMatrices
import Testing

@testable import Report

@Suite struct MapTests {
    /// A matrix made of known eigenvectors.
    @Test func axesAreTheLeadingEigenvectors() {
        let n = 40
        let random = randomNumbers(n * n, stream: 1)
        var matrix = [Double](repeating: 0, count: n * n)
        multiply(random, random, transposeA: true, m: n, n: n, k: n, into: &matrix, parallelism: .serial)
        let axes = PrincipalAxes(of: matrix, n: n, count: 5, parallelism: .serial)
        let all = JacobiEigenvectors(of: matrix, n: n)
        for axis in 0..<5 {
            #expect(abs(axes.values[axis] - all.values[axis]) < 1e-6 * all.values[0])
            let vector = (0..<n).map { axes.vectors[$0 * 5 + axis] }
            #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-9)
            for row in 0..<n {
                let product = (0..<n).reduce(0) { $0 + matrix[row * n + $1] * vector[$1] }
                #expect(abs(product - axes.values[axis] * vector[row]) < 1e-3 * all.values[0])
            }
        }
        #expect(all.values == all.values.sorted(by: >))
        #expect(
            abs(all.values.reduce(0, +) - (0..<n).reduce(0) { $0 + matrix[$1 * n + $1] }) < 1e-8 * all.values[0]
                * Double(n))
    }

    /// Directions in a plane have distances that two coordinates tell exactly.
    @Test func scalingKeepsDistancesOfAPlane() {
        let angles = (0..<9).map { Double($0 * $0) * 0.07 }
        let n = angles.count
        let cosines = (0..<n * n).map { Double.cos(angles[$0 / n] - angles[$0 % n]) }
        let points = PlanePoints(scaling: cosines, n: n, parallelism: .serial)
        for i in 0..<n {
            for j in 0..<n {
                let (dx, dy) = (Double(points.x[i] - points.x[j]), Double(points.y[i] - points.y[j]))
                #expect(abs((dx * dx + dy * dy).squareRoot() - max(0, 2 - 2 * cosines[i * n + j]).squareRoot()) < 1e-4)
            }
        }
    }

    /// The divergence of distributions without a common word is ln 2, and of equal ones 0.
    @Test func divergencesAreJensenShannons() throws {
        let corpus = try subjects()
        let model = try variationalModel(.topicMixture, on: corpus)
        let n = model.latentWidth
        let distributions = UnitDistributions(
            model, shares: Array(repeating: 1 / Double(n), count: n), parallelism: .serial)
        var rows: [[Double]] = []
        distributions.forEachBlock(parallelism: .serial) { units, p in
            for i in 0..<units.count {
                rows.append((0..<model.featureCount).map { Double(p[i * model.featureCount + $0]) })
            }
        }
        let found = distributions.jensenShannonDivergences(parallelism: Parallelism(threads: 2))
        for i in 0..<n {
            for j in 0..<n {
                let expected = zip(rows[i], rows[j]).reduce(0.0) { sum, pair in
                    let m = (pair.0 + pair.1) / 2
                    return sum + [pair.0, pair.1].reduce(0) { $0 + ($1 > 0 ? 0.5 * $1 * Double.log($1 / m) : 0) }
                }
                #expect(abs(found[i * n + j] - expected) < 1e-12 && found[i * n + j] <= Double.log(2) + 1e-6)
            }
        }
    }

    /// Three groups of directions: neighbours are of the same group, and near on the map.
    @Test func neighboursAreNearOnTheMap() {
        let (rows, n) = groupedRows()
        let reduced = ReducedRows(rows, count: 6, parallelism: .serial)
        let graph = NeighbourGraph(of: reduced, count: 5, parallelism: Parallelism(threads: 2))
        for (point, near) in graph.neighbours.enumerated() {
            #expect(near.count == 5 && near.allSatisfy { $0.point % 3 == point % 3 })
            #expect(near.map(\.distance) == near.map(\.distance).sorted())
        }
        #expect(graph.edges.allSatisfy { $0.from < $0.to && $0.weight > 0 && $0.weight <= 1 })
        let map = PlanePoints(neighbours: graph, start: reduced.plane, seed: 3)
        #expect(map == PlanePoints(neighbours: graph, start: reduced.plane, seed: 3))
        let centres = (0..<3).map { group -> (Float, Float) in
            let members = (0..<n).filter { $0 % 3 == group }
            return (
                members.reduce(0) { $0 + map.x[$1] } / Float(members.count),
                members.reduce(0) { $0 + map.y[$1] } / Float(members.count)
            )
        }
        for point in 0..<n {
            let distances = centres.map {
                ($0.0 - map.x[point]) * ($0.0 - map.x[point]) + ($0.1 - map.y[point]) * ($0.1 - map.y[point])
            }
            #expect(distances[point % 3] == distances.min())
        }
    }

    @Test func fewPointsHaveMaps() {
        for n in 0..<4 {
            let rows = DenseMatrix(rowCount: n, columnCount: 2, repeating: 1)
            let reduced = ReducedRows(rows, count: 50, parallelism: .serial)
            let graph = NeighbourGraph(of: reduced, count: 15, parallelism: .serial)
            let map = PlanePoints(neighbours: graph, start: reduced.plane, seed: 0)
            #expect(map.count == n && map.x.allSatisfy(\.isFinite) && map.y.allSatisfy(\.isFinite))
        }
    }

    private func groupedRows() -> (DenseMatrix, Int) {
        let n = 60, width = 8
        let noise = randomNumbers(n * width, stream: 2)
        let elements = (0..<n * width).map { i in
            Float(noise[i] * 0.1 + (i % width == (i / width) % 3 ? 2 : 0))
        }
        return (DenseMatrix(rowCount: n, columnCount: width, elements: elements), n)
    }
}

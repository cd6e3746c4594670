import Autoencoders
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct KMeansTests {
    /// Rows around corners, far from the origin.
    func rows(_ count: Int, corners: Int, noise: Float, stream: UInt64) -> DenseMatrix {
        var generator = RandomGenerator(seed: 6, stream: stream)
        var elements: [Float] = []
        for row in 0..<count {
            for column in 0..<6 {
                elements.append(50 + (((row % corners) >> column) & 1 == 1 ? 1 : 0) + noise * generator.nextNormal())
            }
        }
        return DenseMatrix(rowCount: count, columnCount: 6, elements: elements)
    }

    /// The same runs in Double, one distance at a time.
    struct PlainKMeans {
        var clusters: [Int] = []
        var inertia = Double.infinity

        init(_ matrix: DenseMatrix, _ count: Int, seed: UInt64) {
            let settings = KMeans.Settings()
            let rows = (0..<matrix.rowCount).map { matrix.row($0).map { Double($0) } }
            let mean = Self.mean(rows)
            let variance = rows.reduce(0) { $0 + Self.square($1, mean) } / Double(rows.count * mean.count)
            for restart in 0..<settings.restarts {
                var generator = RandomGenerator(seed: seed, stream: 0x6b6d_6e73, UInt64(restart))
                var centres = [rows[Int.random(in: rows.indices, using: &generator)]]
                while centres.count < count {
                    let distances = rows.map { row in centres.map { Self.square(row, $0) }.min() ?? 0 }
                    var rest = Double(generator.nextUniform()) * distances.reduce(0, +)
                    let next = distances.firstIndex { distance in
                        defer { rest -= distance }
                        return rest < distance
                    }
                    centres.append(rows[next ?? rows.count - 1])
                }
                var nearest = Self.assign(rows, centres)
                for _ in 0..<settings.mostIterations {
                    let moved = centres.indices.map { centre in
                        Self.mean(rows.indices.filter { nearest[$0] == centre }.map { rows[$0] })
                    }
                    let distance = zip(moved, centres).reduce(0) { $0 + Self.square($1.0, $1.1) }
                    let next = Self.assign(rows, moved)
                    let isDone = distance <= settings.tolerance * variance || next == nearest
                    (centres, nearest) = (moved, next)
                    if isDone { break }
                }
                let sum = zip(rows, nearest).reduce(0) { $0 + Self.square($1.0, centres[$1.1]) }
                if sum < inertia { (clusters, inertia) = (nearest, sum) }
            }
        }

        static func square(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }

        static func mean(_ rows: [[Double]]) -> [Double] {
            rows[0].indices.map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
        }

        static func assign(_ rows: [[Double]], _ centres: [[Double]]) -> [Int] {
            rows.map { row in
                let distances = centres.map { square(row, $0) }
                return distances.firstIndex(of: distances.min() ?? 0) ?? 0
            }
        }
    }

    @Test(arguments: [1, 2, 3])
    func agreesWithPlainRuns(threads: Int) {
        let rows = rows(400, corners: 8, noise: 0.3, stream: 1)
        var settings = KMeans.Settings()
        settings.seed = 9
        let found = KMeans(of: rows, count: 8, settings, parallelism: Parallelism(threads: threads))
        let plain = PlainKMeans(rows, 8, seed: 9)
        #expect(found.clusters == plain.clusters)
        #expect(abs(found.inertia - plain.inertia) < 1e-4 * plain.inertia)
    }

    @Test func findsGroupsThatLieApart() {
        let rows = rows(240, corners: 8, noise: 0.01, stream: 2)
        let clusters = KMeans(of: rows, count: 8, parallelism: .serial).clusters
        #expect(ClusterAgreement(of: clusters, with: (0..<240).map { $0 % 8 })?.purity == 1)
        #expect(Set(clusters).count == 8)
    }

    /// More rows than the centres are sought among are assigned all the same.
    @Test func aSampleStandsForManyRows() {
        let rows = rows(900, corners: 5, noise: 0.01, stream: 3)
        var settings = KMeans.Settings()
        settings.mostRows = 101
        let found = KMeans(of: rows, count: 5, settings, parallelism: .serial)
        #expect(ClusterAgreement(of: found.clusters, with: (0..<900).map { $0 % 5 })?.purity == 1)
        #expect(found.inertia > 0 && found.inertia < 1)
    }

    @Test func fewerDistinctRowsThanClustersAreNoTrouble() {
        let rows = rows(40, corners: 3, noise: 0, stream: 4)
        let found = KMeans(of: rows, count: 7, parallelism: .serial)
        #expect(ClusterAgreement(of: found.clusters, with: (0..<40).map { $0 % 3 })?.purity == 1)
        #expect(found.inertia == 0)
        let none = KMeans(of: DenseMatrix(rowCount: 0, columnCount: 3), count: 2, parallelism: .serial)
        #expect(none.clusters == [] && none.inertia == 0)
    }
}

import Autoencoders
import SparseMatrices

/// Rows in groups around centres, so that Σ‖x − c‖² to the nearest centre is small: Lloyd's algorithm ("Least Squares
/// Quantization in PCM", IEEE Trans. Inf. Theory 1982) from the starts of k-means++ (Arthur & Vassilvitskii,
/// "k-means++: The Advantages of Careful Seeding", SODA 2007), the best of several runs.
///
/// Numbers are drawn from the seed alone, blocks of rows do not depend on the threads, and sums are in the order of
/// rows; so are the bytes.
struct KMeans {
    struct Settings {
        var restarts = 10
        var mostIterations = 300
        /// A run ends when the centres' squared movements add up to less than this share of the columns' mean variance.
        var tolerance = 1e-4
        /// The centres are those of as many rows at equal distances, if there are more; all rows are then assigned.
        var mostRows = 20_000
        var seed: UInt64 = 0
    }

    /// Of each row, from 0; of equally near centres the first.
    let clusters: [Int]
    /// Σ‖x − c‖² over all rows.
    let inertia: Double

    /// - Parameters:
    ///   - rows: finite.
    ///   - count: how many centres; some stay without rows if fewer rows are distinct.
    /// - Complexity: O(restarts·iterations·rows·count·columns); memory O((rows + count)·columns).
    init(of rows: DenseMatrix, count: Int, _ settings: Settings = Settings(), parallelism: Parallelism) {
        precondition(count > 0 && settings.restarts > 0, "\(count) clusters of \(settings.restarts) runs")
        let all = CentredRows(rows)
        let asked = min(rows.rowCount, settings.mostRows)
        let sample =
            asked == rows.rowCount ? all : all.selecting((0..<asked).map { $0 * rows.rowCount / asked })
        var best: (centres: CentredRows, inertia: Double)?
        for restart in 0..<settings.restarts where asked > 0 {
            var generator = RandomGenerator(seed: settings.seed, stream: 0x6b6d_6e73, UInt64(restart))
            let run = Self.run(sample, count, settings, &generator, parallelism)
            if best.map({ run.inertia < $0.inertia }) ?? true { best = run }
        }
        let assignment = best.map { all.assign(to: $0.centres, parallelism: parallelism) }
        clusters = assignment?.clusters ?? []
        inertia = assignment?.inertia ?? 0
    }

    private static func run(
        _ rows: CentredRows, _ count: Int, _ settings: Settings, _ generator: inout RandomGenerator,
        _ parallelism: Parallelism
    ) -> (centres: CentredRows, inertia: Double) {
        var centres = rows.selecting(rows.spread(count, &generator, parallelism: parallelism))
        var assignment = rows.assign(to: centres, parallelism: parallelism)
        let enough = settings.tolerance * rows.meanVariance
        for _ in 0..<settings.mostIterations {
            let moved = rows.means(of: assignment, centres, parallelism: parallelism)
            let next = rows.assign(to: moved.centres, parallelism: parallelism)
            let isDone = moved.squares <= enough || next.clusters == assignment.clusters
            (centres, assignment) = (moved.centres, next)
            if isDone { break }
        }
        return (centres, assignment.inertia)
    }
}

/// Which centre each row is nearest to, and how far.
private struct Assignment {
    let clusters: [Int]
    let squares: [Double]
    var inertia: Double { squares.reduce(0, +) }
}

/// Rows whose columns have the mean 0, so that distances far from the origin lose no digits, and their squared lengths.
private struct CentredRows {
    private let rows: DenseMatrix
    private let squares: [Float]
    /// Of the columns, on average.
    var meanVariance: Double {
        squares.reduce(0) { $0 + Double($1) } / Double(max(1, rows.rowCount * rows.columnCount))
    }

    private static let rowsPerBlock = 128

    init(_ rows: DenseMatrix) {
        let width = rows.columnCount
        let means = ColumnMoments(of: rows).means
        var centred = rows
        centred.withUnsafeMutableElements { x in
            for row in 0..<rows.rowCount {
                for column in 0..<width {
                    x[row * width + column] = Float(Double(x[row * width + column]) - means[column])
                }
            }
        }
        self.init(centred: centred)
    }

    private init(centred rows: DenseMatrix) {
        self.rows = rows
        let width = rows.columnCount
        squares = rows.withUnsafeElements { x in
            (0..<rows.rowCount).map { kernels.dot(count: width, x: x + $0 * width, y: x + $0 * width) }
        }
    }

    func selecting(_ selection: [Int]) -> CentredRows { CentredRows(centred: rows.rows(selection)) }

    /// The numbers of rows far from each other: the first drawn from all, each further one with a probability
    /// proportional to its squared distance to the nearest before.
    func spread(_ count: Int, _ generator: inout RandomGenerator, parallelism: Parallelism) -> [Int] {
        var chosen = [Int.random(in: 0..<rows.rowCount, using: &generator)]
        var distances = [Double](repeating: .infinity, count: rows.rowCount)
        while chosen.count < count {
            lower(&distances, to: chosen[chosen.count - 1], parallelism: parallelism)
            var rest = Double(generator.nextUniform()) * distances.reduce(0, +)
            // The last row that can be chosen, in case rounding leaves a rest; any, if all rows are centres already.
            var next = distances.lastIndex { $0 > 0 } ?? Int.random(in: 0..<rows.rowCount, using: &generator)
            for (row, distance) in distances.enumerated() where distance > 0 {
                if rest < distance {
                    next = row
                    break
                }
                rest -= distance
            }
            chosen.append(next)
        }
        return chosen
    }

    /// Lowers each row's distance to that of one row, if that is nearer.
    private func lower(_ distances: inout [Double], to centre: Int, parallelism: Parallelism) {
        let width = rows.columnCount
        distances.withUnsafeMutableBufferPointer { distances in
            rows.withUnsafeElements { x in
                // Each block writes to places of its own.
                nonisolated(unsafe) let (distances, x) = (distances, x)
                parallelism.forEachRange(of: rows.rowCount, blockSize: Self.rowsPerBlock) { block in
                    for row in block {
                        let product = kernels.dot(count: width, x: x + row * width, y: x + centre * width)
                        let square = squares[row] + squares[centre] - 2 * product
                        distances[row] = min(distances[row], max(0, Double(square)))
                    }
                }
            }
        }
    }

    /// The nearest centre of each row, the first of equally near ones.
    func assign(to centres: CentredRows, parallelism: Parallelism) -> Assignment {
        var clusters = [Int](repeating: 0, count: rows.rowCount)
        var nearest = [Double](repeating: 0, count: rows.rowCount)
        clusters.withUnsafeMutableBufferPointer { clusters in
            nearest.withUnsafeMutableBufferPointer { nearest in
                // Each block writes to places of its own.
                nonisolated(unsafe) let (clusters, nearest) = (clusters, nearest)
                parallelism.forEachRange(of: rows.rowCount, blockSize: Self.rowsPerBlock) { block in
                    let products = products(of: block, with: centres)
                    let count = centres.squares.count
                    for (i, row) in block.enumerated() {
                        var (best, least) = (0, Float.infinity)
                        for centre in 0..<count {
                            let square = centres.squares[centre] - 2 * products[i * count + centre]
                            if square < least { (best, least) = (centre, square) }
                        }
                        clusters[row] = best
                        nearest[row] = max(0, Double(squares[row] + least))
                    }
                }
            }
        }
        return Assignment(clusters: clusters, squares: nearest)
    }

    private func products(of block: Range<Int>, with centres: CentredRows) -> [Float] {
        let (width, count) = (rows.columnCount, centres.rows.rowCount)
        return [Float](unsafeUninitializedCapacity: block.count * count) { products, filled in
            filled = block.count * count
            rows.withUnsafeElements { x in
                centres.rows.withUnsafeElements { c in
                    guard let products = products.baseAddress else { return }
                    DenseProducts.multiplyBlock(
                        x + block.lowerBound * width, strideA: width, c, strideB: width, transposeB: true,
                        m: block.count, n: count, k: width, beta: 0, into: products, strideC: count)
                }
            }
        }
    }

    /// The means of each cluster's rows, and how far they are from the centres in all. A cluster without rows gets one
    /// of those that are farthest from their centres.
    func means(
        of assignment: Assignment, _ centres: CentredRows, parallelism: Parallelism
    ) -> (centres: CentredRows, squares: Double) {
        let (width, count) = (rows.columnCount, centres.rows.rowCount)
        var members = [[Int]](repeating: [], count: count)
        for (row, cluster) in assignment.clusters.enumerated() { members[cluster].append(row) }
        var farthest = TopEntries(members.count(where: \.isEmpty), of: assignment.squares).sorted.map(\.index)[...]
        for cluster in 0..<count where members[cluster].isEmpty {
            if let row = farthest.popFirst() { members[cluster] = [row] }
        }
        var means = centres.rows
        var moved = [Double](repeating: 0, count: count)
        means.withUnsafeMutableElements { means in
            moved.withUnsafeMutableBufferPointer { moved in
                // Each cluster has a place of its own.
                nonisolated(unsafe) let (means, moved) = (means, moved)
                parallelism.forEach(block: count) { cluster in
                    moved[cluster] = move(means + cluster * width, to: members[cluster])
                }
            }
        }
        return (CentredRows(centred: means), moved.reduce(0, +))
    }

    /// Replaces a centre by the mean of rows, and returns its squared distance from where it was.
    private func move(_ centre: UnsafeMutablePointer<Float>, to members: [Int]) -> Double {
        if members.isEmpty { return 0 }
        let width = rows.columnCount
        var sums = [Double](repeating: 0, count: width)
        rows.withUnsafeElements { x in
            for row in members {
                for column in 0..<width { sums[column] += Double(x[row * width + column]) }
            }
        }
        var moved = 0.0
        for column in 0..<width {
            let mean = Float(sums[column] / Double(members.count))
            let distance = Double(mean) - Double(centre[column])
            moved += distance * distance
            centre[column] = mean
        }
        return moved
    }
}

import RealModule
import SparseMatrices

/// The nearest neighbours of every point, with distances.
struct NeighbourGraph {
    struct Neighbour: Sendable {
        let point: Int
        let distance: Float
    }

    /// Of each point, the nearest first.
    let neighbours: [[Neighbour]]

    /// By Euclidean distance; among equally near ones the first.
    ///
    /// - Complexity: O(n²·dimensions).
    init(of rows: ReducedRows, count: Int, parallelism: Parallelism) {
        let (n, width) = (rows.rowCount, rows.count)
        let squares = (0..<n).map { row in
            (row * width..<(row + 1) * width).reduce(Float(0)) { $0 + rows.coordinates[$1] * rows.coordinates[$1] }
        }
        let blockSize = 64
        let blocks = parallelism.map((n + blockSize - 1) / blockSize) { block -> [[Neighbour]] in
            let range = block * blockSize..<min(n, (block + 1) * blockSize)
            let products = Self.products(rows.coordinates, of: range, rows: n, width: width)
            return range.map { row in
                var nearest = TopEntries(count: count)
                let start = (row - range.lowerBound) * n
                for other in 0..<n where other != row {
                    nearest.add(other, Double(2 * products[start + other] - squares[other]))
                }
                return nearest.sorted.map {
                    Neighbour(point: $0.index, distance: max(0, squares[row] - Float($0.value)).squareRoot())
                }
            }
        }
        neighbours = blocks.flatMap { $0 }
    }

    /// By cosine: distances √(2 − 2·cos).
    init(cosines: [Double], n: Int, count: Int, parallelism: Parallelism) {
        neighbours = parallelism.map(n) { row in
            var nearest = TopEntries(count: count)
            for other in 0..<n where other != row { nearest.add(other, cosines[row * n + other]) }
            return nearest.sorted.map {
                Neighbour(point: $0.index, distance: Float(max(0, 2 - 2 * $0.value).squareRoot()))
            }
        }
    }

    private static func products(_ rows: [Float], of range: Range<Int>, rows n: Int, width: Int) -> [Float] {
        var products = [Float](repeating: 0, count: range.count * n)
        rows.withUnsafeBufferPointer { rows in
            products.withUnsafeMutableBufferPointer { products in
                guard let rows = rows.baseAddress, let products = products.baseAddress, width > 0 else { return }
                DenseProducts.multiplyBlock(
                    rows + range.lowerBound * width, strideA: width, rows, strideB: width, transposeB: true,
                    m: range.count, n: n, k: width, beta: 0, into: products, strideC: n)
            }
        }
        return products
    }
}

extension NeighbourGraph {
    struct Edge: Sendable {
        let from: Int
        let to: Int
        /// In (0, 1].
        let weight: Float
    }

    /// The fuzzy union of all points' neighbourhoods: with w = exp(−max(0, d − ρ)/σ), ρ the distance of the nearest
    /// other point and σ such that a point's weights sum to log₂ k, an edge weighs w + w' − w·w' (McInnes, Healy &
    /// Melville, "UMAP", 2018).
    var edges: [Edge] {
        var weights: [Int: [Int: Float]] = [:]
        for (point, near) in neighbours.enumerated() {
            for (neighbour, weight) in zip(near, Self.weights(near.map(\.distance))) where weight > 0 {
                weights[min(point, neighbour.point), default: [:]][max(point, neighbour.point), default: 0].unite(
                    weight)
            }
        }
        return weights.keys.sorted().flatMap { from in
            (weights[from] ?? [:]).sorted { $0.key < $1.key }.map { Edge(from: from, to: $0.key, weight: $0.value) }
        }
    }

    private static func weights(_ distances: [Float]) -> [Float] {
        guard let nearest = distances.first(where: { $0 > 0 }) else { return distances.map { _ in 1 } }
        let target = Double.log2(Double(max(2, distances.count)))
        func weights(_ sigma: Double) -> [Double] {
            distances.map { Double.exp(-Double(max(0, $0 - nearest)) / sigma) }
        }
        var (low, high) = (1e-6, 1e3)
        for _ in 0..<50 {
            let middle = (low * high).squareRoot()
            if weights(middle).reduce(0, +) > target { high = middle } else { low = middle }
        }
        return weights(low).map { Float($0) }
    }
}

extension Float {
    fileprivate mutating func unite(_ other: Float) { self = self + other - self * other }
}

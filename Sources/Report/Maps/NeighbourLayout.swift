import Autoencoders
import RealModule

extension PlanePoints {
    /// A map on which neighbours are near: points are moved by gradient steps so that pairs of the graph attract and
    /// randomly drawn pairs repel each other, with the probability of an edge 1/(1 + a·d²) at distance d (Tang, Liu,
    /// Zhang & Mei, "Visualizing Large-scale and High-dimensional Data", WWW 2016; McInnes, Healy & Melville, "UMAP",
    /// 2018). What is near on the map is alike; how far apart groups are says little.
    ///
    /// Steps follow one another on one thread, so the map depends on the seed alone.
    ///
    /// - Parameter start: where points start, such as their classical scaling.
    /// - Complexity: O(epochs·edges).
    init(neighbours graph: NeighbourGraph, start: PlanePoints, seed: UInt64) {
        var layout = NeighbourLayout(start: start, seed: seed)
        let edges = graph.edges
        let epochs = start.count > 5000 ? 200 : 400
        for epoch in 0..<epochs {
            layout.step(edges, rate: 1 - Float(epoch) / Float(epochs))
        }
        self.init(interleaved: layout.places)
    }
}

private struct NeighbourLayout {
    /// x and y of each point.
    private(set) var places: [Float]
    private var generator: RandomGenerator
    private let count: Int
    private static let a: Float = 1.6
    private static let repulsions = 5
    private static let gravity: Float = 0.01
    /// No step is longer, in each direction.
    private static let longest: Float = 4

    init(start: PlanePoints, seed: UInt64) {
        generator = RandomGenerator(seed: seed, stream: 0x6c61_796f)
        count = start.count
        let extent = (start.x + start.y).reduce(0) { max($0, abs($1)) }
        let scale = extent > 0 ? 10 / extent : 0
        places = zip(start.x, start.y).flatMap { [$0 * scale, $1 * scale] }
        // Points that start at one place could never part.
        for i in places.indices { places[i] += 0.01 * (generator.nextUniform() - 0.5) }
    }

    /// Visits each edge with a probability of its weight. Small groups that nothing ties to the others would drift away
    /// for ever, so everything is drawn a little to the middle.
    mutating func step(_ edges: [NeighbourGraph.Edge], rate: Float) {
        if count < 3 { return }
        for i in places.indices { places[i] *= 1 - Self.gravity * rate }
        for edge in edges where generator.nextUniform() < edge.weight {
            attract(edge.from, edge.to, rate: rate)
            for end in [edge.from, edge.to] {
                for _ in 0..<Self.repulsions / 2 {
                    let other = Int(generator.next() % UInt64(count))
                    if other != end { repel(end, from: other, rate: rate) }
                }
            }
        }
    }

    private mutating func attract(_ i: Int, _ j: Int, rate: Float) {
        let (dx, dy) = difference(i, j)
        let squared = dx * dx + dy * dy
        let pull = -2 * Self.a / (1 + Self.a * squared)
        let (sx, sy) = (Self.limited(pull * dx) * rate, Self.limited(pull * dy) * rate)
        places[2 * i] += sx
        places[2 * i + 1] += sy
        places[2 * j] -= sx
        places[2 * j + 1] -= sy
    }

    private mutating func repel(_ i: Int, from j: Int, rate: Float) {
        let (dx, dy) = difference(i, j)
        let squared = dx * dx + dy * dy
        let push = 2 / ((0.001 + squared) * (1 + Self.a * squared))
        places[2 * i] += Self.limited(push * dx) * rate
        places[2 * i + 1] += Self.limited(push * dy) * rate
    }

    private func difference(_ i: Int, _ j: Int) -> (Float, Float) {
        (places[2 * i] - places[2 * j], places[2 * i + 1] - places[2 * j + 1])
    }

    private static func limited(_ step: Float) -> Float { max(-longest, min(longest, step)) }
}

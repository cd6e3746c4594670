import Autoencoders
import SparseMatrices

/// Points of a map, x and y of each.
public struct PlanePoints: Sendable, Equatable {
    public let x: [Float]
    public let y: [Float]

    public var count: Int { x.count }

    init(x: [Float], y: [Float]) {
        (self.x, self.y) = (x, y)
    }

    /// - Parameter coordinates: of each point one after another, x first.
    init(interleaved coordinates: [Float]) {
        let count = coordinates.count / 2
        self.init(x: (0..<count).map { coordinates[2 * $0] }, y: (0..<count).map { coordinates[2 * $0 + 1] })
    }
}

/// Rows of numbers, reduced to the directions in which their directions differ most.
///
/// Rows are scaled to length 1, so that their Euclidean distances are those of the cosine, and centred; the coordinates
/// are the leading principal components, which are the points of classical scaling of these distances (Torgerson,
/// Psychometrika 1952; Gower, Biometrika 1966).
struct ReducedRows {
    /// rows × count, row-major.
    let coordinates: [Float]
    let rowCount: Int
    let count: Int

    /// - Parameter rows: n × width; a row of zeros stays one.
    /// - Complexity: O(n·width²).
    init(_ rows: DenseMatrix, count: Int, parallelism: Parallelism) {
        let (n, width) = (rows.rowCount, rows.columnCount)
        let unit = rows.withUnsafeElements { Self.directions($0, rows: n, width: width) }
        let centred = Self.centred(unit, rows: n, width: width)
        var covariance = [Double](repeating: 0, count: width * width)
        for start in stride(from: 0, to: n, by: 4096) {
            let block = centred[start * width..<min(n, start + 4096) * width].map(Double.init)
            var part = [Double](repeating: 0, count: width * width)
            multiply(
                block, block, transposeA: true, m: width, n: width, k: block.count / max(1, width), into: &part,
                parallelism: parallelism)
            for i in covariance.indices { covariance[i] += part[i] }
        }
        let axes = PrincipalAxes(of: covariance, n: width, count: count, parallelism: parallelism)
        self.count = axes.count
        rowCount = n
        coordinates = Self.project(centred, rows: n, width: width, axes, parallelism: parallelism)
    }

    /// The first two coordinates; zeros for those there are not.
    var plane: PlanePoints {
        func coordinate(_ index: Int) -> [Float] {
            (0..<rowCount).map { index < count ? coordinates[$0 * count + index] : 0 }
        }
        return PlanePoints(x: coordinate(0), y: coordinate(1))
    }

    private static func directions(_ rows: UnsafePointer<Float>, rows n: Int, width: Int) -> [Float] {
        var result = [Float](repeating: 0, count: n * width)
        for row in 0..<n {
            let start = row * width
            let length = (0..<width).reduce(0.0) { $0 + Double(rows[start + $1]) * Double(rows[start + $1]) }
                .squareRoot()
            guard length > 0, length.isFinite else { continue }
            for i in start..<start + width { result[i] = Float(Double(rows[i]) / length) }
        }
        return result
    }

    private static func centred(_ rows: [Float], rows n: Int, width: Int) -> [Float] {
        var means = [Double](repeating: 0, count: width)
        for i in rows.indices { means[i % width] += Double(rows[i]) }
        let centre = means.map { Float($0 / Double(max(1, n))) }
        return rows.indices.map { rows[$0] - centre[$0 % width] }
    }

    private static func project(
        _ rows: [Float], rows n: Int, width: Int, _ axes: PrincipalAxes, parallelism: Parallelism
    ) -> [Float] {
        let vectors = axes.vectors.map { Float($0) }
        var result = [Float](repeating: 0, count: n * axes.count)
        if result.isEmpty { return result }
        rows.withUnsafeBufferPointer { rows in
            vectors.withUnsafeBufferPointer { vectors in
                result.withUnsafeMutableBufferPointer { result in
                    guard let rows = rows.baseAddress, let vectors = vectors.baseAddress,
                        let result = result.baseAddress
                    else { return }
                    DenseProducts.multiply(
                        rows, vectors, m: n, n: axes.count, k: width, into: result, parallelism: parallelism)
                }
            }
        }
        return result
    }
}

extension PlanePoints {
    /// Classical scaling of distances d with d_ij² = c_ii + c_jj − 2·c_ij, such as √(2 − 2·cos) for cosines: with
    /// J = I − 11ᵀ/n, the coordinates are √λ·v of the two largest eigenvalues λ of J·C·J and their vectors v.
    ///
    /// - Parameter cosines: C, n × n, symmetric, row-major.
    init(scaling cosines: [Double], n: Int, parallelism: Parallelism) {
        let means = (0..<n).map { row in
            cosines[row * n..<(row + 1) * n].reduce(0, +) / Double(max(1, n))
        }
        let mean = means.reduce(0, +) / Double(max(1, n))
        var centred = cosines
        for row in 0..<n { for column in 0..<n { centred[row * n + column] += mean - means[row] - means[column] } }
        let axes = PrincipalAxes(of: centred, n: n, count: 2, tolerance: 1e-13, parallelism: parallelism)
        func coordinate(_ axis: Int) -> [Float] {
            (0..<n).map {
                axis < axes.count ? Float(axes.values[axis].squareRoot() * axes.vectors[$0 * axes.count + axis]) : 0
            }
        }
        self.init(x: coordinate(0), y: coordinate(1))
    }
}

import Autoencoders
import Gossamer
import SparseMatrices

/// How active units are over some documents.
package struct UnitActivity: Sendable {
    package private(set) var documents = 0
    /// Σ h² of each unit.
    package private(set) var squares: [Double]
    /// Σ h of each unit.
    package private(set) var sums: [Double]
    /// How many documents activate each unit.
    private var active: [Int]

    package init(width: Int) {
        squares = Array(repeating: 0, count: width)
        sums = squares
        active = Array(repeating: 0, count: width)
    }

    /// - Parameter codes: of documents of a model, one a row, which may be wider than a code; nil takes all units for
    ///   equally active.
    package init(of model: FeatureModel, remembering codes: DenseMatrix?) {
        self.init(width: model.latentWidth)
        guard let codes else {
            squares = Array(repeating: 1, count: model.latentWidth)
            sums = squares
            return
        }
        codes.withUnsafeElements { c in
            for row in 0..<codes.rowCount { add(c + row * codes.columnCount, asMixture: model.isMixture) }
        }
    }

    /// - Parameter asMixture: whether the code stands for the shares softmax(code).
    mutating func add(_ code: UnsafePointer<Float>, asMixture: Bool) {
        guard asMixture else { return add(code) }
        var shares = Array(UnsafeBufferPointer(start: code, count: squares.count))
        shares.withUnsafeMutableBufferPointer { shares in
            guard let start = shares.baseAddress else { return }
            softmax(count: shares.count, x: start)
            add(start)
        }
    }

    mutating func add(_ code: UnsafePointer<Float>) {
        documents += 1
        for unit in squares.indices where code[unit] != 0 {
            sums[unit] += Double(code[unit])
            squares[unit] += Double(code[unit]) * Double(code[unit])
            active[unit] += 1
        }
    }

    /// - Parameter codes: of `count` documents, one after the other.
    package mutating func add(_ codes: UnsafePointer<Float>, count: Int) {
        for row in 0..<count { add(codes + row * squares.count) }
    }

    package func density(of unit: Int) -> Double { Double(active[unit]) / Double(max(1, documents)) }

    /// Units active in a document, on average.
    package var mean: Double { Double(active.reduce(0, +)) / Double(max(1, documents)) }

    /// The share of units that no document activates.
    package var deadFraction: Double { Double(active.count { $0 == 0 }) / Double(max(1, active.count)) }

    package var frequencies: UnitFrequencies {
        // In whole numbers, so that a share on a border falls on the side where it belongs.
        let bands = active.map { active in
            active == 0 || 1000 * active < documents
                ? 0 : 100 * active < documents ? 1 : 10 * active < documents ? 2 : 2 * active <= documents ? 3 : 4
        }
        return UnitFrequencies(counts: (0..<UnitFrequencies.names.count).map { band in bands.count { $0 == band } })
    }
}

/// How many units are active on which share of documents.
public struct UnitFrequencies: Sendable, Equatable {
    /// Of the bands in `names`: below 0.1 %, from there below 1 %, from there below 10 %, from there to 50 %, above. Units
    /// that are never active are in the first.
    public let counts: [Int]

    package static let names = ["<0.1 %", "0.1–1 %", "1–10 %", "10–50 %", ">50 %"]
}

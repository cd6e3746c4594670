import RealModule
import SparseMatrices

/// The documents that activate each unit most: one in two hundred of all, at least 20 and at most 1,000, with an
/// activity above zero.
package struct LeadingDocuments {
    private var leaders: [TopEntries]

    /// - Parameter documents: how many there are in all.
    package init(of documents: Int, width: Int) {
        leaders = Array(repeating: TopEntries(count: min(1000, max(20, documents / 200))), count: width)
    }

    /// - Parameter code: of one document, a number a unit.
    package mutating func add(_ code: UnsafePointer<Float>, row: Int) {
        for unit in leaders.indices where code[unit] > 0 && code[unit].isFinite {
            leaders[unit].add(row, Double(code[unit]))
        }
    }

    /// The documents of a unit, the most active first, each with its row and its activity.
    package func documents(of unit: Int) -> [(row: Int, activity: Double)] {
        leaders[unit].sorted.map { ($0.index, $0.value) }
    }

    /// The features that set each unit's leading documents apart from all documents.
    ///
    /// P_v is the share of the leading documents that hold feature v, each document counting by how active the unit is;
    /// p_v is the share of all documents. The features of largest P_v·ln(P_v/p_v) come first, the part that each has in
    /// the Kullback–Leibler divergence of the two, so that neither rare nor common words win by being rare or common.
    /// Features that fewer than a quarter of the leading documents hold come after all others, since they may be chance,
    /// and those that one document holds not at all.
    ///
    /// - Parameters:
    ///   - matrix: all documents, before weighting.
    ///   - documentsPerFeature: how many of them hold each feature.
    ///   - count: how many features of each unit.
    /// - Complexity: O(entries of the leading documents).
    package func words(
        in matrix: CSRMatrix, documentsPerFeature: [UInt32], count: Int, parallelism: Parallelism
    ) -> UnitWords {
        var result = [[FeatureLift]](repeating: [], count: leaders.count)
        result.withUnsafeMutableBufferPointer { result in
            // Each unit has a place of its own.
            nonisolated(unsafe) let result = result
            parallelism.forEach(block: leaders.count) { unit in
                result[unit] = words(of: unit, in: matrix, documentsPerFeature, count: count)
            }
        }
        return UnitWords(units: result)
    }

    private func words(
        of unit: Int, in matrix: CSRMatrix, _ documentsPerFeature: [UInt32], count: Int
    ) -> [FeatureLift] {
        let documents = documents(of: unit)
        let total = documents.reduce(0) { $0 + $1.activity }
        var holding: [Int: (documents: Int, activity: Double)] = [:]
        matrix.withUnsafeView { view in
            for (row, activity) in documents {
                for entry in view.entries(ofRow: row) where view.values[entry] != 0 {
                    let sum = holding[Int(view.columnIndices[entry]), default: (0, 0)]
                    holding[Int(view.columnIndices[entry])] = (sum.documents + 1, sum.activity + activity)
                }
            }
        }
        func lift(_ feature: Int) -> FeatureLift {
            let share = (holding[feature]?.activity ?? 0) / total
            let expected = Double(documentsPerFeature[feature]) / Double(matrix.rowCount)
            return FeatureLift(feature: feature, lift: share / expected, share: share)
        }
        var (common, rare) = (TopEntries(count: count), TopEntries(count: count))
        for (feature, sum) in holding where sum.documents > 1 {
            let word = lift(feature)
            let gain = word.share * Double.log(word.lift)
            if gain <= 0 { continue }
            if 4 * sum.documents >= documents.count { common.add(feature, gain) } else { rare.add(feature, gain) }
        }
        return (common.sorted + rare.sorted).prefix(count).map { lift($0.index) }
    }
}

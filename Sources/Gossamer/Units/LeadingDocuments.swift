import Autoencoders
import Corpora
import Gossamer
import RealModule
import SparseMatrices

/// The documents that activate each unit most: a hundredth of all, at least 20 and at most 1,000, with an activity
/// above zero.
struct LeadingDocuments {
    private(set) var activity: UnitActivity
    /// Of each unit, the most active first.
    private var rowsOfUnits: [[UnitReport.Activation]]
    private let matrix: CSRMatrix
    /// How many documents hold each feature.
    private let documentsPerFeature: [Int]

    /// - Parameter corpus: before weighting.
    init(of model: FeatureModel, in corpus: Corpus, execution: Execution) throws {
        matrix = corpus.widened(to: model.featureCount).matrix
        let width = model.latentWidth
        var activity = UnitActivity(width: width)
        var leaders = Array(
            repeating: TopEntries(count: min(1000, max(20, corpus.rowCount / 100))), count: width)
        try model.encodeBlocks(of: model.inputs(from: corpus), execution: execution) { codes, rows in
            for (i, row) in rows.enumerated() {
                let code = codes + i * width
                activity.add(code)
                for unit in 0..<width where code[unit] > 0 {
                    leaders[unit].add(row, Double(code[unit]))
                }
            }
        }
        try execution.checkBackend()
        self.activity = activity
        rowsOfUnits = leaders.map { leaders in
            leaders.sorted.map { UnitReport.Activation(row: $0.index, activity: Float($0.value)) }
        }
        var counts = [Int](repeating: 0, count: matrix.columnCount)
        matrix.withUnsafeView { view in
            for entry in view.columnIndices.indices where view.values[entry] != 0 {
                counts[Int(view.columnIndices[entry])] += 1
            }
        }
        documentsPerFeature = counts
    }

    func leading(_ unit: Int, count: Int) -> [UnitReport.Activation] { Array(rowsOfUnits[unit].prefix(count)) }

    /// The features that set each unit's leading documents apart: with the share P of those that hold a feature and the
    /// share p of all documents, the features of largest P·ln(P/p), the part that each has in the Kullback–Leibler
    /// divergence of the two, so that neither rare nor common words win by being rare or common. One document is not
    /// enough.
    ///
    /// - Complexity: O(entries of the leading documents).
    func lifted(count: Int, parallelism: Parallelism) -> [[UnitReport.FeatureLift]] {
        var result = [[UnitReport.FeatureLift]](repeating: [], count: rowsOfUnits.count)
        result.withUnsafeMutableBufferPointer { result in
            // Each unit has a place of its own.
            nonisolated(unsafe) let result = result
            parallelism.forEach(block: rowsOfUnits.count) { unit in
                result[unit] = lifted(rowsOfUnits[unit].map(\.row), count: count)
            }
        }
        return result
    }

    private func lifted(_ rows: [Int], count: Int) -> [UnitReport.FeatureLift] {
        var holding: [Int: Int] = [:]
        matrix.withUnsafeView { view in
            for row in rows {
                for entry in view.entries(ofRow: row) where view.values[entry] != 0 {
                    holding[Int(view.columnIndices[entry]), default: 0] += 1
                }
            }
        }
        let all = Double(matrix.rowCount)
        func share(_ feature: Int) -> Double { Double(holding[feature] ?? 0) / Double(rows.count) }
        func lift(_ feature: Int) -> Double { share(feature) / (Double(documentsPerFeature[feature]) / all) }
        var leaders = TopEntries(count: count)
        for (feature, number) in holding where number > 1 {
            let gain = share(feature) * Double.log(lift(feature))
            if gain > 0 { leaders.add(feature, gain) }
        }
        return leaders.sorted.map {
            UnitReport.FeatureLift(feature: $0.index, lift: lift($0.index), share: share($0.index))
        }
    }
}

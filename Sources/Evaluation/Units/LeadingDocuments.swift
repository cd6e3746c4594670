import Autoencoders
import Corpora
import Foundation
import Gossamer
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
            repeating: TopActivations(count: min(1000, max(20, corpus.rowCount / 100))), count: width)
        try model.encodeBlocks(of: model.inputs(from: corpus), execution: execution) { codes, rows in
            for (i, row) in rows.enumerated() {
                let code = codes + i * width
                activity.add(code)
                for unit in 0..<width where code[unit] > 0 {
                    leaders[unit].add(UnitReport.Activation(row: row, activity: code[unit]))
                }
            }
        }
        try execution.checkBackend()
        self.activity = activity
        rowsOfUnits = leaders.map(\.sorted)
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
        let candidates = holding.filter { $0.value > 1 }.map { feature, number in
            let share = Double(number) / Double(rows.count)
            let lift = share / (Double(documentsPerFeature[feature]) / all)
            return (gain: share * log(lift), UnitReport.FeatureLift(feature: feature, lift: lift, share: share))
        }
        return candidates.filter { $0.gain > 0 }
            .sorted { ($1.gain, $0.1.feature) < ($0.gain, $1.1.feature) }.prefix(count).map(\.1)
    }
}

/// The largest activities of those that come by; of equal ones the first.
private struct TopActivations {
    private let count: Int
    /// A heap with the weakest on top.
    private var heap: [UnitReport.Activation] = []

    init(count: Int) { self.count = count }

    var sorted: [UnitReport.Activation] { heap.sorted { Self.isWeaker($1, $0) } }

    mutating func add(_ activation: UnitReport.Activation) {
        if heap.count < count {
            heap.append(activation)
            siftUp()
        } else if let weakest = heap.first, Self.isWeaker(weakest, activation) {
            heap[0] = activation
            siftDown()
        }
    }

    private static func isWeaker(_ a: UnitReport.Activation, _ b: UnitReport.Activation) -> Bool {
        a.activity != b.activity ? a.activity < b.activity : a.row > b.row
    }

    private mutating func siftUp() {
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard Self.isWeaker(heap[child], heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
            guard let weakest = children.min(by: { Self.isWeaker(heap[$0], heap[$1]) }),
                Self.isWeaker(heap[weakest], heap[parent])
            else { return }
            heap.swapAt(parent, weakest)
            parent = weakest
        }
    }
}

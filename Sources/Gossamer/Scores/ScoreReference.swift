import Autoencoders
import Corpora
import FileIO
import SparseMatrices
import TensorFiles

/// What losses are usual for documents of a size, learned from documents that are held to be normal.
///
/// A model accounts for some sizes of documents better than for others: a few words are easily told or easily missed,
/// many words average out. Training documents in the order of their number of stored entries are cut into up to 20
/// groups of about the same size, at least 50 documents each, and each group's mean and standard deviation of the loss
/// are what a document of its size is held against. The documents themselves are held against the others of their
/// group, as a new one is against all of it.
///
/// A model accounts better for the documents it learned from than for others, so those make a reference under which
/// too many new documents look odd. Training keeps some documents out of learning for this (a split conformal
/// prediction; Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World, 2005): of n of them, a new document of
/// the same kind has a tail of at most p with a probability of about p, within √(p·(1 − p)/n).
public struct ScoreReference: Sendable, Equatable {
    private struct Group: Equatable {
        /// Of the largest document.
        let mostEntries: Int
        let count: Double
        let mean: Double
        /// Σ(loss − mean)².
        let squares: Double

        func standardized(_ loss: Double) -> Double { ratio(loss - mean, squares / count) }

        /// Of one of the group's own losses, by the mean and the squares of the others.
        func standardized(own loss: Double) -> Double {
            if count < 2 { return 0 }
            let difference = loss - mean
            let others = squares - difference * difference * count / (count - 1)
            return ratio(difference * count / (count - 1), others / (count - 1))
        }

        /// Losses are kept as 32-bit numbers: what is less than their rounding is no difference.
        private func ratio(_ difference: Double, _ variance: Double) -> Double {
            let rounding = abs(mean) * Double(Float.ulpOfOne)
            if abs(difference) <= rounding { return 0 }
            let deviation = max(0, variance).squareRoot()
            return difference / (deviation > rounding ? deviation : 1)
        }
    }

    /// Each document's stored entries, and its loss.
    let sizes: [Int]
    let losses: [Double]
    private var groups: [Group] = []
    /// The documents' own standardised losses, rising.
    private var standardized: [Double] = []

    /// How many rows of a corpus training keeps out of learning unless told otherwise: one in twenty, at most a
    /// thousand; of fewer than two thousand rows none, which can ill spare them.
    public static func suitableRows(of rowCount: Int) -> Int { rowCount < 2_000 ? 0 : min(1_000, rowCount / 20) }

    private static let mostGroups = 20
    private static let leastPerGroup = 50

    /// - Parameters:
    ///   - model: scores the documents by `settings` without a reference.
    ///   - documents: normal ones, before weighting, that the model did not learn from.
    ///   - settings: how the documents are scored; their reference is not used.
    ///   - execution: how products are computed, and on how many threads.
    /// - Throws: `WeightingError`, `LikelihoodError`, `SparseBackendFailure`.
    public init(
        _ model: FeatureModel, on documents: Corpus, _ settings: ScoreSettings = ScoreSettings(),
        execution: Execution = Execution()
    ) throws {
        self.init(model, onInputs: try model.inputs(from: documents), settings, execution: execution)
        try execution.checkBackend()
    }

    init(_ model: FeatureModel, onInputs inputs: CSRMatrix, _ settings: ScoreSettings, execution: Execution) {
        var settings = settings
        settings.featureCount = 0
        settings.reference = nil
        var sizes: [Int] = [], losses: [Double] = []
        model.scoreBlocks(ofInputs: inputs, settings, execution: execution) { scores in
            for score in scores where !score.saysNothing && Float(score.score).isFinite {
                sizes.append(score.entries)
                losses.append(score.score)
            }
        }
        self.init(sizes: sizes, losses: losses)
    }

    /// - Parameters:
    ///   - sizes: each document's stored entries.
    ///   - losses: each document's, finite as 32-bit numbers, to which they are rounded.
    /// - Complexity: O(documents·log documents).
    public init(sizes: [Int], losses: [Double]) {
        precondition(sizes.count == losses.count, "\(sizes.count) sizes for \(losses.count) losses")
        // As a model file keeps them, so that a model that was saved and read again is the same.
        let losses = losses.map { Double(Float($0)) }
        (self.sizes, self.losses) = (sizes, losses)
        let order = sizes.indices.sorted { (sizes[$0], $0) < (sizes[$1], $1) }
        let wanted = max(1, min(Self.mostGroups, order.count / Self.leastPerGroup))
        var start = 0
        for group in 0..<wanted {
            var end = order.count * (group + 1) / wanted
            // Documents of one size are in one group.
            while end > start, end < order.count, sizes[order[end]] == sizes[order[end - 1]] { end += 1 }
            if end <= start { continue }
            groups.append(Self.group(order[start..<end], sizes, losses))
            start = end
        }
        standardized = sizes.indices.map { group(of: sizes[$0])?.standardized(own: losses[$0]) ?? losses[$0] }.sorted()
    }

    private static func group(_ documents: ArraySlice<Int>, _ sizes: [Int], _ losses: [Double]) -> Group {
        let count = Double(documents.count)
        let mean = documents.reduce(0) { $0 + losses[$1] } / count
        return Group(
            mostEntries: documents.last.map { sizes[$0] } ?? 0, count: count, mean: mean,
            squares: documents.reduce(0) { $0 + (losses[$1] - mean) * (losses[$1] - mean) })
    }

    /// How many standard deviations a loss is above the mean of documents of about this size.
    public func standardized(_ loss: Double, size: Int) -> Double {
        group(of: size)?.standardized(Double(Float(loss))) ?? loss
    }

    private func group(of size: Int) -> Group? { groups.first { size <= $0.mostEntries } ?? groups.last }

    /// The share of the documents whose standardised loss is at least as high; 1 without documents.
    public func tail(_ score: Double) -> Double {
        if standardized.isEmpty { return 1 }
        var (low, high) = (0, standardized.count)
        while low < high {
            let middle = (low + high) / 2
            if standardized[middle] < score { low = middle + 1 } else { high = middle }
        }
        return Double(standardized.count - low) / Double(standardized.count)
    }
}

/// The reference of `score` in the model file: two tensors, absent where training kept no documents out of learning.
extension ScoreReference {
    private static let sizesName = "reference.entries"
    private static let lossesName = "reference.losses"

    var contents: [String: TensorContent] {
        [Self.sizesName: .counts(sizes.map { UInt32($0) }), Self.lossesName: .vector(losses.map { Float($0) })]
    }

    /// - Returns: nil if the file holds none.
    init?(_ reader: ModelReader) throws(FileError) {
        guard let tensor = reader.file.tensor(named: Self.sizesName) else { return nil }
        let sizes = try reader.file.array(named: Self.sizesName, of: UInt32.self)
        guard tensor.shape == [sizes.count], !sizes.isEmpty else {
            throw reader.bad(found: "an odd tensor \(Self.sizesName)", expected: "one number a document, at least one")
        }
        self.init(
            sizes: sizes.map { Int($0) },
            losses: try reader.vector(Self.lossesName, count: sizes.count).map { Double($0) })
    }
}

extension FeatureModel {
    /// The same model with the losses of the rows of its training corpus that it did not learn from, in row order;
    /// without those that are beyond 32-bit numbers.
    ///
    /// - Parameter inputs: the whole corpus, weighted, with all its columns.
    func rememberingLosses(of inputs: WeightedRows, execution: Execution) -> FeatureModel {
        let (rows, training) = record.training.split(rowCount: inputs.rowCount)
        if rows.isEmpty { return self }
        var settings = ScoreSettings()
        settings.seed = record.training.seed
        // Features that no learned row has say as little of these documents as unknown ones of others.
        let known = inputs.rowCountsOfColumns(in: training).map { $0 > 0 }
        let reference = ScoreReference(
            self, onInputs: inputs.rows(rows, withColumnsWhere: { known[$0] }), settings, execution: execution)
        if reference.losses.isEmpty { return self }
        var model = self
        model.reference = reference
        return model
    }
}

import Autoencoders
import Corpora
import FileIO
import SparseMatrices
import TensorFiles

/// The distribution of losses by document size, from documents that are assumed to be normal.
///
/// The loss of a model depends on the size of a document: a few words are predicted easily or missed easily, while many
/// words average out. The documents are sorted by their number of stored entries and cut into up to 20 groups of about
/// the same size, of at least 50 documents each; a document is compared with the mean and the standard deviation of the
/// loss in the group for its size. The reference's own documents are compared with the other documents of their group,
/// a new document with the whole group.
///
/// A model has lower losses on the documents it learned from than on others, so with these as a reference too many new
/// documents would look unusual. Training therefore keeps some documents out of learning (split conformal prediction;
/// Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World, 2005): with n such documents, the probability that
/// a new document of the same kind has a tail of at most p is about p, within √(p·(1 − p)/n).
public struct ScoreReference: Sendable, Equatable {
    private struct Group: Equatable {
        /// The number of entries of the largest document in the group.
        let mostEntries: Int
        let count: Double
        let mean: Double
        /// Σ(loss − mean)².
        let squares: Double

        func standardized(_ loss: Double) -> Double { ratio(loss - mean, squares / count) }

        /// The standardised value of one of the group's own losses, by the mean and the squares of the other losses.
        func standardized(own loss: Double) -> Double {
            if count < 2 { return 0 }
            let difference = loss - mean
            let others = squares - difference * difference * count / (count - 1)
            return ratio(difference * count / (count - 1), others / (count - 1))
        }

        /// Losses are stored as 32-bit numbers; differences below their rounding error count as zero.
        private func ratio(_ difference: Double, _ variance: Double) -> Double {
            let rounding = abs(mean) * Double(Float.ulpOfOne)
            if abs(difference) <= rounding { return 0 }
            let deviation = max(0, variance).squareRoot()
            return difference / (deviation > rounding ? deviation : 1)
        }
    }

    /// The number of stored entries of each document, and its loss.
    let sizes: [Int]
    let losses: [Double]
    private var groups: [Group] = []
    /// The documents' own standardised losses, in ascending order.
    private var standardized: [Double] = []

    /// The default number of rows that training keeps out of learning: a twentieth of the rows, at most a thousand;
    /// none if there are fewer than two thousand rows.
    public static func suitableRows(of rowCount: Int) -> Int { rowCount < 2_000 ? 0 : min(1_000, rowCount / 20) }

    private static let mostGroups = 20
    private static let leastPerGroup = 50

    /// - Parameters:
    ///   - model: the model that scores the documents by `settings`, without a reference.
    ///   - documents: normal documents, before weighting, that the model did not learn from.
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
    ///   - sizes: the number of stored entries of each document.
    ///   - losses: the loss of each document, finite as a 32-bit number, to which it is rounded.
    /// - Complexity: O(documents·log documents).
    public init(sizes: [Int], losses: [Double]) {
        precondition(sizes.count == losses.count, "\(sizes.count) sizes for \(losses.count) losses")
        // Losses are rounded as in a model file, so that a model is the same after it was saved and read again.
        let losses = losses.map { Double(Float($0)) }
        (self.sizes, self.losses) = (sizes, losses)
        let order = sizes.indices.sorted { (sizes[$0], $0) < (sizes[$1], $1) }
        let wanted = max(1, min(Self.mostGroups, order.count / Self.leastPerGroup))
        var start = 0
        for group in 0..<wanted {
            var end = order.count * (group + 1) / wanted
            // Documents of the same size belong to the same group.
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

    /// The number of standard deviations by which a loss is above the mean of documents of about this size.
    public func standardized(_ loss: Double, size: Int) -> Double {
        group(of: size)?.standardized(Double(Float(loss))) ?? loss
    }

    private func group(of size: Int) -> Group? { groups.first { size <= $0.mostEntries } ?? groups.last }

    /// The fraction of the documents whose standardised loss is at least as high; 1 without documents.
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

/// The reference in the model file: two tensors, absent if training kept no documents out of learning.
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
    /// The same model with the losses of the rows of its training corpus that it did not learn from, in row order.
    /// Losses that are not finite as 32-bit numbers are left out.
    ///
    /// - Parameters:
    ///   - inputs: the whole corpus, weighted, with all its columns.
    ///   - rows: those that the model did not learn from, and the others.
    func rememberingLosses(
        of inputs: WeightedRows, rows: (heldOut: [Int], training: [Int]), execution: Execution
    ) -> FeatureModel {
        let (rows, training) = rows
        if rows.isEmpty { return self }
        var settings = ScoreSettings()
        settings.seed = record.training.seed
        // Features that occur in no learned row are ignored, as unknown features of later documents are.
        let known = inputs.rowCountsOfColumns(in: training).map { $0 > 0 }
        let reference = ScoreReference(
            self, onInputs: inputs.rows(rows, withColumnsWhere: { known[$0] }), settings, execution: execution)
        if reference.losses.isEmpty { return self }
        var model = self
        model.reference = reference
        return model
    }
}

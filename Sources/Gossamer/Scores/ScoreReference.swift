import Autoencoders
import Corpora
import Gossamer

/// What losses are usual for documents of a size, learned from documents that are held to be normal.
///
/// A model accounts for some sizes of documents better than for others: a few words are easily told or easily missed,
/// many words average out. Training documents in the order of their number of stored entries are cut into up to 20
/// groups of about the same size, at least 50 documents each, and each group's mean and standard deviation of the loss
/// are what a document of its size is held against.
public struct ScoreReference: Sendable, Equatable {
    private struct Group: Equatable {
        /// Of the largest document.
        let mostEntries: Int
        let mean: Double
        let deviation: Double
    }

    private var groups: [Group] = []
    /// The documents' own standardised losses, rising.
    private var standardized: [Double] = []

    private static let mostGroups = 20
    private static let leastPerGroup = 50

    /// - Parameters:
    ///   - model: scores the documents by `settings` without a reference.
    ///   - documents: normal ones, before weighting, best those that the model was trained on.
    /// - Throws: `WeightingError`, `LikelihoodError`.
    public init(
        _ model: FeatureModel, on documents: Corpus, _ settings: ScoreSettings = ScoreSettings(),
        execution: Execution = Execution()
    ) throws {
        var settings = settings
        settings.featureCount = 0
        settings.reference = nil
        var sizes: [Int] = [], losses: [Double] = []
        try model.scoreBlocks(of: documents, settings, execution: execution) { scores in
            for score in scores where score.score.isFinite {
                sizes.append(score.entries)
                losses.append(score.score)
            }
        }
        self.init(sizes: sizes, losses: losses)
    }

    /// - Parameters:
    ///   - sizes: each document's stored entries.
    ///   - losses: each document's, finite.
    /// - Complexity: O(documents·log documents).
    public init(sizes: [Int], losses: [Double]) {
        precondition(sizes.count == losses.count, "\(sizes.count) sizes for \(losses.count) losses")
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
        standardized = sizes.indices.map { self.standardized(losses[$0], size: sizes[$0]) }.sorted()
    }

    private static func group(_ documents: ArraySlice<Int>, _ sizes: [Int], _ losses: [Double]) -> Group {
        let count = Double(documents.count)
        let mean = documents.reduce(0) { $0 + losses[$1] } / count
        let variance = documents.reduce(0) { $0 + (losses[$1] - mean) * (losses[$1] - mean) } / count
        return Group(
            mostEntries: documents.last.map { sizes[$0] } ?? 0, mean: mean,
            deviation: variance > 0 ? variance.squareRoot() : 1)
    }

    /// How many standard deviations a loss is above the mean of documents of about this size.
    public func standardized(_ loss: Double, size: Int) -> Double {
        guard let group = groups.first(where: { size <= $0.mostEntries }) ?? groups.last else { return loss }
        return (loss - group.mean) / group.deviation
    }

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

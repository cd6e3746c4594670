import Autoencoders
import Corpora
import Gossamer
import SparseMatrices

/// How well documents that lie together by their codes agree with their classes.
public struct ClusterReport: Sendable, Equatable {
    /// Of labels, and of the clusters of k-means.
    public let classes: Int
    /// Of k-means; see `ClusterAgreement`.
    public let purity: Double
    /// Normalised mutual information of k-means; see `ClusterAgreement`.
    public let nmi: Double
    /// The same with the strongest unit of a document for its cluster.
    public let unitPurity: Double
    public let unitNMI: Double
}

extension FeatureModel {
    /// Clusters the codes of labelled documents, which takes nothing but these (the protocol of Zhao, Phung, Huynh, Le &
    /// Buntine, "Neural Topic Model via Optimal Transport", ICLR 2021): by k-means with as many clusters as there are
    /// classes, and by the unit of largest code, the first of equal ones; documents whose code is all zeros are a
    /// cluster by themselves.
    ///
    /// Documents without a label take no part. Labels count as classes as for `evaluateCodes`.
    /// - Parameters:
    ///   - documents: before weighting.
    ///   - seed: of the starts of k-means.
    ///   - execution: how products are computed, and on how many threads.
    /// - Returns: nil if the documents have no labels, several each, or labels that are no classes, or if a code is not
    ///   finite.
    /// - Throws: `WeightingError`, `LikelihoodError`.
    /// - Complexity: that of `KMeans`.
    public func evaluateClusters(
        of documents: Corpus, seed: UInt64 = 0, execution: Execution = Execution()
    ) throws -> ClusterReport? {
        guard let labels = documents.labels else { return nil }
        let names = ClassNames(labels)
        let rows = labels.labelledRows(orAll: false)
        guard !names.isMultilabel, names.areClasses(of: rows.count) else { return nil }
        let codes = try embed(documents, execution: execution).rows(rows)
        guard codes.isFinite else { return nil }
        let classes = names.classes(of: labels, rows: rows).rows.map { $0[0] }
        var settings = KMeans.Settings()
        settings.seed = seed
        let clusters = KMeans(of: codes, count: names.count, settings, parallelism: execution.parallelism).clusters
        guard let byMeans = ClusterAgreement(of: clusters, with: classes),
            let byUnit = ClusterAgreement(of: codes.strongestColumns, with: classes)
        else { return nil }
        return ClusterReport(
            classes: names.count, purity: byMeans.purity, nmi: byMeans.nmi, unitPurity: byUnit.purity,
            unitNMI: byUnit.nmi)
    }
}

extension DenseMatrix {
    /// The column of each row's largest element, the first of equal ones; of a row of zeros the number of columns.
    var strongestColumns: [Int] {
        withUnsafeElements { x in
            (0..<rowCount).map { row in
                let elements = UnsafeBufferPointer(start: x + row * columnCount, count: columnCount)
                guard elements.contains(where: { $0 != 0 }) else { return columnCount }
                var best = 0
                for column in elements.indices where elements[column] > elements[best] { best = column }
                return best
            }
        }
    }
}

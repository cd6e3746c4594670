import Autoencoders
import Corpora
import FileIO
import SparseMatrices
import TensorFiles

/// A feature that sets the documents apart that activate a unit most.
public struct FeatureLift: Sendable, Equatable {
    /// From 0.
    public let feature: Int
    /// P/p: how many times more often than in all documents the feature occurs; see `LeadingDocuments.words`.
    public let lift: Double
    /// P: the share of the unit's leading documents that hold it, each counting by how active the unit is.
    public let share: Double

    package init(feature: Int, lift: Double, share: Double) {
        self.feature = feature
        self.lift = lift
        self.share = share
    }
}

/// The features that set the training documents apart that activate each unit most, the clearest first: lists that are
/// more coherent than those of the largest decoder weights, which know nothing of which features occur together.
public struct UnitWords: Sendable, Equatable {
    /// Of each unit; shorter lists where fewer features set its documents apart.
    public let units: [[FeatureLift]]

    package init(units: [[FeatureLift]]) { self.units = units }

    /// How many features of each unit are stored with a model.
    package static let most = 30
}

extension FeatureModel {
    /// The same model with the words of its units, found in its training documents.
    ///
    /// - Parameters:
    ///   - matrix: the documents before weighting.
    ///   - inputs: the same documents as the network sees them.
    /// - Complexity: O(nnz·H).
    func rememberingWords(of matrix: CSRMatrix, _ inputs: WeightedRows, execution: Execution) -> FeatureModel {
        guard let observed else { return self }
        var leading = LeadingDocuments(of: inputs.rowCount, width: latentWidth)
        let width = codeWidth(withVariance: false)
        // Rows are copied when they are weighted; memory is not to follow their number.
        let rowsAtOnce = 4 * Self.rowsPerPiece
        for start in stride(from: 0, to: inputs.rowCount, by: rowsAtOnce) {
            let piece = inputs.rows(start..<min(inputs.rowCount, start + rowsAtOnce))
            encodeBlocks(of: piece, execution: execution) { codes, rows in
                for row in rows { leading.add(codes + (row - rows.lowerBound) * width, row: start + row) }
            }
        }
        var model = self
        model.words = leading.words(
            in: matrix, documentsPerFeature: observed.documentsPerFeature, count: UnitWords.most,
            parallelism: execution.parallelism)
        return model
    }
}

extension UnitWords {
    private static let featuresName = "units.words"
    private static let liftsName = "units.words.lift"
    private static let sharesName = "units.words.share"
    /// Stands where a unit's list has ended.
    private static let none = UInt32.max

    /// The tensors as they are stored in the model file: units × words.
    var contents: [String: TensorContent] {
        let longest = units.map(\.count).max() ?? 0
        guard longest > 0 else { return [:] }
        func padded<Element>(_ element: (FeatureLift) -> Element, _ padding: Element) -> [Element] {
            units.flatMap { $0.map(element) + Array(repeating: padding, count: longest - $0.count) }
        }
        func matrix(_ elements: [Float]) -> TensorContent {
            .matrix(DenseMatrix(rowCount: units.count, columnCount: longest, elements: elements))
        }
        return [
            Self.featuresName: .table(padded({ UInt32($0.feature) }, Self.none), columns: longest),
            Self.liftsName: matrix(padded({ Float($0.lift) }, 0)),
            Self.sharesName: matrix(padded({ Float($0.share) }, 0)),
        ]
    }

    /// - Returns: nil if the file holds none, as is the case for older files.
    init?(_ reader: ModelReader, units count: Int, features: Int) throws(FileError) {
        guard let shape = reader.file.tensor(named: Self.featuresName)?.shape else { return nil }
        guard shape.count == 2, shape[0] == count else {
            throw reader.bad(found: "an odd tensor \(Self.featuresName)", expected: "a row for each of \(count) units")
        }
        let numbers = try reader.file.array(named: Self.featuresName, of: UInt32.self, shape: shape)
        let lifts = try reader.matrix(Self.liftsName, rows: count, columns: shape[1])
        let shares = try reader.matrix(Self.sharesName, rows: count, columns: shape[1])
        guard numbers.allSatisfy({ $0 == Self.none || $0 < features }) else {
            throw reader.bad(found: "an odd tensor \(Self.featuresName)", expected: "features below \(features)")
        }
        units = (0..<count).map { unit in
            (0..<shape[1]).compactMap { place in
                let feature = numbers[unit * shape[1] + place]
                if feature == Self.none { return nil }
                return FeatureLift(
                    feature: Int(feature), lift: Double(lifts[unit, place]), share: Double(shares[unit, place]))
            }
        }
    }
}

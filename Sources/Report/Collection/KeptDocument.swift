import Corpora
import SparseMatrices

/// A document of the corpus that may be shown: what is needed of it once the pass over the corpus has gone on.
public final class KeptDocument: Sendable {
    /// From 0: the row in the corpus or, of a remembered document, its place among the remembered ones.
    public let row: Int
    /// Whether only the code is known, as a model remembers it, and neither the row nor what the document holds.
    public let isRemembered: Bool
    /// nil if it has none.
    public let id: String?
    /// As in the corpus, several separated by commas; nil if it has none.
    public let label: String?
    /// The beginning of its text, if the corpus is text.
    public let text: String?
    /// Its entries as input of the model, in the order of features.
    let features: [UInt32]
    let values: [Float]

    init(
        row: Int, isRemembered: Bool = false, id: String?, label: String?, text: String?, features: [UInt32],
        values: [Float]
    ) {
        self.row = row
        self.isRemembered = isRemembered
        self.id = id.flatMap { $0.isEmpty ? nil : $0 }
        self.label = label
        self.text = text
        self.features = features
        self.values = values
    }

    /// - Parameters:
    ///   - index: the row in the piece.
    ///   - row: the row in the corpus.
    convenience init(_ piece: Corpus, _ inputs: CSRMatrix, at index: Int, row: Int) {
        let entries = inputs.row(index)
        self.init(
            row: row, id: piece.ids?[index], label: piece.labels?[index], text: piece.texts?[index],
            features: entries.columnIndices, values: entries.values)
    }

    /// A document of which only the code is remembered.
    convenience init(remembered place: Int) {
        self.init(row: place, isRemembered: true, id: nil, label: nil, text: nil, features: [], values: [])
    }

    /// Its id or, without one, its row or its place among the remembered documents, counted from 1.
    public var name: String { id ?? "\(isRemembered ? "sample" : "row") \(row + 1)" }
}

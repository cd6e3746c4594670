import FileIO

/// Writes what the TensorFlow Projector shows beside vectors in `.tsv`: a line a document, in the order of the rows,
/// ids and labels as columns.
///
/// By the Projector's rule there is a header only if there are several columns. It passes over empty lines, so a
/// document without an id is named by its row, counted from 0, and one without a label by `(none)`; tabs and line ends
/// become `_`.
///
/// - Parameter path: `-` is standard output.
/// - Throws: `FileError.cannotCreate` or `.writeFailed`.
/// - Precondition: there are as many labels and ids as rows, if any.
public func writeProjectorMetadata(path: String, rowCount: Int, metadata: RowMetadata) throws(FileError) {
    for count in [metadata.ids?.count, metadata.labels?.count] {
        precondition(count ?? rowCount == rowCount, "\(count ?? 0) texts for \(rowCount) rows")
    }
    func field(_ text: String, else name: String) -> String { text.isEmpty ? name : singleField(text) }
    let file = try AtomicFile(path: path)
    let hasIDs = metadata.ids != nil || metadata.labels == nil
    if hasIDs, metadata.labels != nil { try file.write("id\tlabel\n") }
    for row in 0..<rowCount {
        var fields: [String] = []
        if hasIDs { fields.append(field(metadata.ids?[row] ?? "", else: String(row))) }
        if let labels = metadata.labels { fields.append(field(labels[row], else: "(none)")) }
        try file.write(fields.joined(separator: "\t") + "\n")
    }
    try file.commit()
}

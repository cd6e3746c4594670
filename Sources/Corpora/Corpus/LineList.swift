import FileIO

/// Texts of a corpus as a plain list, one a line, for other programs.
enum LineList {
    /// - Parameter what: what a text is called in messages.
    /// - Throws: `FileError.badData` for a text with a line end, which would become two; `FileError` of writing.
    static func write(_ texts: some Sequence<String>, to path: String, what: String) throws(FileError) {
        let file = try AtomicFile(path: path)
        var lines: [UInt8] = []
        for (row, text) in texts.enumerated() {
            guard !text.utf8.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) else {
                throw .badData(
                    BadData(
                        path: path, line: row + 1, found: "a \(what) with a line end, \(text.debugDescription)",
                        expected: "\(what)s that stand on one line",
                        advice: "the corpus file (.safetensors) keeps it; a list of lines cannot"))
            }
            lines.append(contentsOf: text.utf8)
            lines.append(UInt8(ascii: "\n"))
            if lines.count >= 1 << 16 {
                try file.write(lines)
                lines.removeAll(keepingCapacity: true)
            }
        }
        try file.write(lines)
        try file.commit()
    }
}

extension Corpus {
    /// Writes the features' names, one a line in column order.
    ///
    /// - Precondition: there are names.
    public func writeVocabulary(to path: String) throws(FileError) {
        guard let vocabulary else { preconditionFailure("the corpus has no vocabulary") }
        try LineList.write(vocabulary.words.prefix(featureCount), to: path, what: "word")
    }

    /// Writes the documents' labels, one line a row: several of a row with commas between, none as an empty line.
    ///
    /// - Throws: `FileError.badData` for a row of several labels of which one holds a comma.
    public func writeLabels(to path: String) throws(FileError) {
        if let labels, let set = labels.sets.firstIndex(where: { $0.count > 1 && $0.contains { $0.utf8.contains(0x2C) } }) {
            throw .badData(
                BadData(
                    path: path, line: (labels.codes.firstIndex(of: UInt32(set)) ?? 0) + 1,
                    found: "several labels, of which one holds a comma: \(labels.sets[set])",
                    expected: "labels that commas can separate", advice: "rename the label; a corpus file keeps it"))
        }
        try LineList.write((0..<rowCount).map { labels?[$0] ?? "" }, to: path, what: "label")
    }

    /// Writes the documents' ids, one line a row; where there are none at all, the rows' numbers from 1.
    public func writeIDs(to path: String) throws(FileError) {
        try LineList.write((0..<rowCount).map { ids?[$0] ?? String($0 + 1) }, to: path, what: "id")
    }
}

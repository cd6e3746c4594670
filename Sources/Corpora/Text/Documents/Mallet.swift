import FileIO

/// Lines of MALLET: `id label text`, separated by blanks.
enum Mallet: TextFormat {
    static let endings = [".mallet"]

    /// - Throws: `FileError.badData` for MALLET's binary file of Java objects.
    static func refuseContradiction(in head: HeadShape, reason: String) throws(FileError) {
        guard head.bytes.starts(with: [0xAC, 0xED]) else { return }
        throw head.bad(
            line: 1, "an instance list of MALLET, which holds Java objects",
            "lines of id, label and text, since \(reason)",
            "give the text file that `mallet import-file` has read")
    }

    static func layout(
        of first: [UInt8], options: TextInputOptions, name: String
    ) throws(FileError) -> DecidedLayout {
        DecidedLayout(layout: Layout(), columns: "id 1, label 2, text 3")
    }

    private struct Layout: DocumentLayout {
        func forEachDocument(
            in bytes: UnsafeBufferPointer<UInt8>, of name: String, _ options: TextInputOptions,
            _ body: (TextDocument) -> Void
        ) -> LineTally {
            LineTally(bytes, skippingBad: options.skipBadLines) { line throws(BadData) in
                func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
                let id = line.drop(while: isBlank).prefix { !isBlank($0) }
                let label = line[id.endIndex...].drop(while: isBlank).prefix { !isBlank($0) }
                guard !label.isEmpty else {
                    throw BadData(
                        path: name, column: line.count + 1, found: "1 field", expected: "id label text",
                        advice: "give every line an id and a label; text alone is read as txt, a document a line")
                }
                try TextDocument.requireLabel(UnsafeBufferPointer(rebasing: label), path: name)
                body(
                    TextDocument(
                        label: UnsafeBufferPointer(rebasing: label), id: UnsafeBufferPointer(rebasing: id),
                        text: UnsafeBufferPointer(rebasing: line[label.endIndex...].drop(while: isBlank))))
            }
        }
    }
}

import FileIO

/// fastText's labelled text: one document per line, with any number of `__label__NAME` before its words.
enum FastText: TextFormat {
    static let endings = [".fasttext", ".ft"]
    private static let prefix = Array("__label__".utf8)

    static func shape(of head: HeadShape) -> (reason: String, hint: String?)? {
        let lines = head.lines.filter { !$0.isEmpty }
        guard !lines.isEmpty, lines.allSatisfy({ $0[0].starts(with: prefix) }) else { return nil }
        return ("its lines begin with __label__", nil)
    }

    static func layout(
        of first: [UInt8], options: TextInputOptions, name: String
    ) throws(FileError) -> DecidedLayout { DecidedLayout(layout: Layout()) }

    private struct Layout: DocumentLayout {
        func forEachDocument(
            in bytes: UnsafeBufferPointer<UInt8>, of name: String, _ options: TextInputOptions,
            _ body: (TextDocument) -> Void
        ) -> LineTally {
            let labels = GrowingBuffer<UInt8>()
            return LineTally(bytes, skippingBad: options.skipBadLines) { line throws(BadData) in
                let text = try split(line, labels, path: name)
                body(TextDocument(label: UnsafeBufferPointer(labels.elements), id: .none, text: text))
            }
        }

        /// - Returns: the text after the labels.
        /// - Throws: `BadData` without a line number for a label without a name, or with bytes that are not allowed in
        ///   text.
        private func split(
            _ line: UnsafeBufferPointer<UInt8>, _ labels: GrowingBuffer<UInt8>, path: String
        ) throws(BadData) -> UnsafeBufferPointer<UInt8> {
            labels.removeAll()
            var rest = line[...]
            while true {
                rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
                guard rest.starts(with: FastText.prefix) else { return UnsafeBufferPointer(rebasing: rest) }
                let label = rest.dropFirst(FastText.prefix.count).prefix { $0 != 0x20 && $0 != 0x09 }
                guard !label.isEmpty else {
                    throw BadData(
                        path: path, column: rest.startIndex + 1, found: "__label__ without a name",
                        expected: "the label's name right after it", advice: "name the label, or remove it")
                }
                try TextDocument.requireLabel(UnsafeBufferPointer(rebasing: label), path: path)
                if !labels.elements.isEmpty { labels.append(TextDocument.labelSeparator) }
                labels.append(UnsafeBufferPointer(rebasing: label))
                rest = rest[label.endIndex...]
            }
        }
    }
}

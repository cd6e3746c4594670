import FileIO

/// Looks at the first lines of labelled text for signs that its columns are not what they are taken for.
///
/// Labels are few and repeat, ids and texts differ, and texts have more words than labels. Where that is turned round,
/// counting would go on with labels for words, and nothing later would tell.
struct TableSigns {
    private let lines: [[ArraySlice<UInt8>]]
    private let fieldCount: Int

    /// - Parameter fields: 2 or 3, as labelled text has.
    init(_ lines: [ArraySlice<UInt8>], fields: Int) {
        fieldCount = fields
        self.lines = lines.map {
            $0.split(separator: UInt8(ascii: "\t"), maxSplits: fields - 1, omittingEmptySubsequences: false)
        }.filter { $0.count == fields }
    }

    /// What is certainly wrong, in words; nil if nothing is.
    var contradiction: String? {
        let (labels, texts) = (distinct(0), distinct(fieldCount - 1))
        if rowCount >= 6, 2 * texts <= rowCount, labels > texts {
            return "\(texts) distinct texts and \(labels) distinct labels on \(rowCount) lines"
        }
        let labelsAreTexts = words(0) > words(fieldCount - 1)
        if labelsDiffer, labelsAreTexts {
            return "\(labels) distinct labels on \(rowCount) lines, with more words than the texts have"
        }
        if idsRepeat, labels == rowCount, labelsAreTexts {
            return "ids that repeat, and labels that all differ and have more words than the texts"
        }
        if fieldCount == 3, rowCount >= 2, distinct(2) == rowCount, words(2) == rowCount, words(1) >= 3 * rowCount {
            return "texts of a single word that all differ, after ids of several words"
        }
        return nil
    }

    /// What may be wrong, in sentences.
    var doubts: [Message] {
        var doubts: [Message] = []
        if labelsDiffer {
            doubts.append(
                """
                of the first \(rowCount) lines \(distinct(0)) have labels of their own: if column 1 is no label, \
                choose with \(setting: "labelColumn") and \(setting: "textColumn")
                """)
        }
        if idsRepeat {
            doubts.append(
                """
                column 2, taken for ids, repeats: if it is something else, choose with \(setting: "labelColumn"), \
                \(setting: "idColumn") and \(setting: "textColumn")
                """)
        }
        if looksLikeHeader {
            doubts.append(
                """
                the first line looks like names of columns and was read as a document: give \(setting: "header") if \
                it is none
                """)
        }
        return doubts
    }

    private var rowCount: Int { lines.count }
    private var labelsDiffer: Bool { rowCount >= 10 && 10 * distinct(0) >= 9 * rowCount }
    private var idsRepeat: Bool { fieldCount == 3 && rowCount >= 2 && 2 * distinct(1) <= rowCount }

    private func distinct(_ field: Int) -> Int { Set(lines.map { $0[field] }).count }

    /// Words of a field in all lines.
    private func words(_ field: Int) -> Int {
        lines.reduce(0) { $0 + $1[field].split { $0 == 0x20 || $0 == 0x0D }.count }
    }

    private var looksLikeHeader: Bool {
        guard rowCount >= 2, let first = lines.first else { return false }
        return first.allSatisfy { field in
            let name = String(decoding: field, as: UTF8.self).lowercased().filter { !$0.isWhitespace }
            return Self.usualNames.contains(name)
        }
    }

    private static let usualNames: Set<String> = [
        "label", "labels", "class", "category", "target", "topic", "sentiment", "id", "docid", "doc_id", "name",
        "split",
        "text", "texts", "sentence", "document", "content", "body", "title", "message", "review", "comment", "tweet",
    ]
}

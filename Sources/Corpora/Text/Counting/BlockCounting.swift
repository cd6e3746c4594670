/// A block of documents, counted, with all that its lines said beside the text.
struct CountedBlock {
    var rows = CountedDocuments()
    /// Who counted it.
    var counter = 0
    var tally = LineTally()
    var labels = LabelCodes()
    /// One for each row once any row of the block has one; empty otherwise.
    var ids: [String] = []
    var idsRepaired = 0
}

/// Labels, or several of a document together, as numbers in the order of their first appearance.
struct LabelCodes {
    let names = TokenTable()
    /// One for each row once any row has a label; those of rows before it are added then.
    private(set) var codes: [UInt32] = []
    private var rowsBeforeFirst = 0

    var isEmpty: Bool { codes.isEmpty }

    /// - Parameter label: empty for none.
    mutating func append(_ label: UnsafeBufferPointer<UInt8>) {
        if label.isEmpty {
            if codes.isEmpty { rowsBeforeFirst += 1 } else { codes.append(RowLabels.none) }
            return
        }
        begin()
        codes.append(names.insert(label))
    }

    /// Adds another part's rows.
    mutating func append(_ other: LabelCodes, rows: Int) {
        if other.isEmpty {
            if codes.isEmpty { rowsBeforeFirst += rows } else { codes += repeatElement(RowLabels.none, count: rows) }
            return
        }
        begin()
        let merged = (0..<UInt32(other.names.count)).map { names.insert(other.names[$0]) }
        codes += other.codes.lazy.map { $0 == RowLabels.none ? $0 : merged[Int($0)] }
    }

    /// nil if no row has a label.
    var rowLabels: RowLabels? {
        if codes.isEmpty { return nil }
        let sets = (0..<UInt32(names.count)).map { set in
            names[set].split(separator: TextDocument.labelSeparator).map { String(decoding: $0, as: UTF8.self) }
        }
        // Labels that differ in bytes that are no UTF-8 alone are the same once those are repaired.
        let distinct = RowLabels(sets: sets)
        return RowLabels(
            sets: distinct.sets, codes: codes.map { $0 == RowLabels.none ? $0 : distinct.codes[Int($0)] })
    }

    private mutating func begin() {
        if codes.isEmpty { codes = Array(repeating: RowLabels.none, count: rowsBeforeFirst) }
    }
}

extension DocumentCounter {
    /// Counts a block's documents, under the own numbers.
    func count(_ block: DocumentBlock, _ options: TextInputOptions) -> CountedBlock {
        var counted = CountedBlock()
        var rows = 0
        counted.tally = block.forEachDocument(options) { document in
            count(document.text)
            counted.labels.append(document.label)
            if !document.id.isEmpty || !counted.ids.isEmpty {
                counted.ids += repeatElement("", count: rows - counted.ids.count)
                let id = String(validating: document.id, as: UTF8.self)
                counted.idsRepaired += id == nil ? 1 : 0
                counted.ids.append(id ?? String(decoding: document.id, as: UTF8.self))
            }
            rows += 1
        }
        counted.rows = takeRows()
        return counted
    }
}

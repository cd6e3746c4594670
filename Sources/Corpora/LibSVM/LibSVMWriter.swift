import FileIO
import SparseMatrices

/// Writes the libsvm format: `label[:weight] [qid:n] index:value … [# id]`, one row per line, with values in the
/// shortest form that is read back as the same Float.
///
/// Every row gets a label, since other programs always read the first field as a label: rows without one get 0, and
/// labels that are not all numbers are replaced by numbers, which `numbers(of:)` returns. If the file is read with the
/// same index base, `featureCount` and (if there are weights) `labelWeights`, the matrix, ids, qids and weights are the
/// same; the format itself does not store these three settings.
package enum LibSVMWriter {
    /// Writes a corpus to a file that is created complete or not at all; `-` is standard output.
    ///
    /// - Throws: `FileError.badData`, with the line that could not be written, if an id cannot be represented in the
    ///   format; errors of the output file.
    package static func write(_ corpus: Corpus, to path: String, indexBase: IndexBase = .one) throws(FileError) {
        try write(
            matrix: corpus.matrix, labels: corpus.labels, ids: corpus.ids, qids: corpus.qids, weights: corpus.weights,
            to: path, indexBase: indexBase)
    }

    /// Writes a matrix and the data of its rows.
    ///
    /// - Precondition: labels, ids, qids and weights, if given, have one element for each row.
    package static func write(
        matrix: CSRMatrix, labels: RowLabels? = nil, ids: [String]? = nil, qids: [Int?]? = nil,
        weights: [Float]? = nil, to path: String, indexBase: IndexBase = .one
    ) throws(FileError) {
        for count in [labels?.count, ids?.count, qids?.count, weights?.count] {
            precondition(
                count ?? matrix.rowCount == matrix.rowCount, "\(count ?? 0) elements for \(matrix.rowCount) rows")
        }
        let file = try AtomicFile(path: path)
        let labelTexts = labels.map { numbers(of: $0).texts } ?? []
        try matrix.withUnsafeView { view throws(FileError) in
            var lines: [UInt8] = []
            for row in 0..<view.rowCount {
                let code = labels?.codes[row] ?? RowLabels.none
                let label = code == RowLabels.none ? "0" : labelTexts[Int(code)]
                var line = LineWriter(bytes: lines)
                lines = []
                try line.begin(label: label, weight: weights?[row], qid: qids?[row], path: path, row: row)
                line.append(view, row: row, indexBase: indexBase)
                try line.end(id: ids?[row] ?? "", path: path, row: row)
                lines = line.bytes
                if lines.count >= 1 << 16 {
                    try file.write(lines)
                    lines.removeAll(keepingCapacity: true)
                }
            }
            try file.write(lines)
        }
        try file.commit()
    }

    /// Converts sets of labels to text: numbers are unchanged, other labels are replaced by numbers.
    ///
    /// - Returns: a text for each set, and the labels with their numbers; see `LabelNumbers`.
    static func numbers(of labels: RowLabels) -> (texts: [String], numbered: [NumberedLabel]) {
        let numbers = LabelNumbers()
        let texts = labels.sets.map(numbers.numbers)
        return (texts, numbers.numbered)
    }
}

/// Appends one line to a buffer.
private struct LineWriter {
    var bytes: [UInt8]
    private let lineStart: Int

    init(bytes: [UInt8]) {
        self.bytes = bytes
        lineStart = bytes.count
    }

    private mutating func separate() {
        if bytes.count > lineStart { bytes.append(UInt8(ascii: " ")) }
    }

    mutating func begin(label: String, weight: Float?, qid: Int??, path: String, row: Int) throws(FileError) {
        bytes.append(contentsOf: label.utf8)
        if let weight {
            guard weight.isFinite, weight >= 0 else {
                throw .badData(
                    BadData(
                        path: path, line: row + 1, found: "weight \(weight)",
                        expected: "a finite weight, not below 0", advice: "leave the weights out"))
            }
            bytes.append(UInt8(ascii: ":"))
            appendShortest(weight, to: &bytes)
        }
        if let qid, let qid {
            separate()
            bytes.append(contentsOf: "qid:\(qid)".utf8)
        }
    }

    mutating func append(_ view: CSRView, row: Int, indexBase: IndexBase) {
        for entry in view.entries(ofRow: row) {
            separate()
            appendWhole(UInt64(view.columnIndices[entry]) + UInt64(indexBase.rawValue), to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            appendShortest(view.values[entry], to: &bytes)
        }
    }

    mutating func end(id: String, path: String, row: Int) throws(FileError) {
        if !id.isEmpty {
            let text = Array(id.utf8)
            let isUnsafe = text.contains { $0 < 0x20 && $0 != UInt8(ascii: "\t") || $0 == 0x7F }
            guard !isUnsafe, text.first.map({ $0 > 0x20 }) == true, text.last.map({ $0 > 0x20 }) == true else {
                throw .badData(
                    BadData(
                        path: path, line: row + 1, found: "id \(id.debugDescription)",
                        expected: "an id on one line without blanks around it",
                        advice: "rename the document, or write another format"))
            }
            bytes.append(contentsOf: " # ".utf8)
            bytes.append(contentsOf: text)
        }
        bytes.append(UInt8(ascii: "\n"))
    }
}

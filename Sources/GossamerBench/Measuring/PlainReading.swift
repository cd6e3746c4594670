import Corpora
import FileIO
import Foundation
import SparseMatrices

/// Reads the first lines of a file in the simplest way and compares them with the corpus that was read from it.
enum PlainReading {
    private static let lineCount = 1_000

    static func check(libsvm matrix: CSRMatrix, against file: MappedFile) throws {
        for (row, line) in lines(file).enumerated() {
            let pairs = line.split(separator: "#", omittingEmptySubsequences: false)[0]
                .split(whereSeparator: \.isWhitespace).filter { $0.contains(":") && !$0.hasPrefix("qid:") }
                .map { $0.split(separator: ":") }
            let (columns, values) = matrix.row(row)
            guard pairs.compactMap({ UInt32($0[0]).map { $0 - 1 } }) == columns,
                pairs.compactMap({ Float($0[1]) }) == values
            else { throw WrongResult(what: "line \(row + 1) of \(file.path)") }
        }
    }

    /// Words are runs of two or more letters, digits and underscores in the last field of a line; only ASCII lines are
    /// checked.
    static func check(text corpus: Corpus, against file: MappedFile) throws {
        guard let vocabulary = corpus.vocabulary else { throw WrongResult(what: "the words of \(file.path)") }
        for (row, line) in lines(file).enumerated() where line.utf8.allSatisfy({ $0 < 128 }) {
            let text = line.split(separator: "\t", omittingEmptySubsequences: false).last ?? ""
            let words = text.replacing("\\n", with: " ").replacing("\\t", with: " ").lowercased()
                .split { !($0.isLetter || $0.isNumber || $0 == "_") }.filter { $0.count > 1 }
            let expected = Dictionary(words.map { (String($0), Float(1)) }, uniquingKeysWith: +)
            let (columns, values) = corpus.matrix.row(row)
            let found = Dictionary(uniqueKeysWithValues: zip(columns.map { vocabulary[Int($0)] }, values))
            if found != expected { throw WrongResult(what: "line \(row + 1) of \(file.path)") }
        }
    }

    private static func lines(_ file: MappedFile) -> [String] {
        file.bytes.split(separator: UInt8(ascii: "\n"), maxSplits: lineCount, omittingEmptySubsequences: false)
            .prefix(lineCount).map { String(decoding: $0, as: UTF8.self) }.filter { !$0.isEmpty }
    }
}

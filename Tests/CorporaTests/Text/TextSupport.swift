import FileIO
import Foundation
import SparseMatrices

@testable import Corpora

/// A folder that lives as long as `body` runs.
func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
    let url = FileManager.default.temporaryDirectory.appending(path: "text-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
}

/// Reads one text input from a file of that name.
func readText(
    _ bytes: [UInt8], named name: String = "input.txt", format: CorpusFormat? = nil,
    options: TextOptions = TextOptions(), input: TextInputOptions = TextInputOptions(), vocabulary: Vocabulary? = nil,
    threads: Int = 2
) throws -> Corpus {
    try withTemporaryFolder { folder in
        let path = "\(folder)/\(name)"
        try Data(bytes).write(to: URL(filePath: path))
        return try TextCorpusReader(options, input: input, vocabulary: vocabulary)
            .read(paths: [path], format: format, parallelism: Parallelism(threads: threads))
    }
}

func readText(
    _ text: String, named name: String = "input.txt", format: CorpusFormat? = nil,
    options: TextOptions = TextOptions(), input: TextInputOptions = TextInputOptions()
) throws -> Corpus {
    try readText(Array(text.utf8), named: name, format: format, options: options, input: input)
}

/// What is wrong with an input; nil if nothing is.
func problem(_ body: () throws -> Corpus) -> BadData? {
    do {
        _ = try body()
        return nil
    } catch FileError.badData(let problem) {
        return problem
    } catch {
        return BadData(path: "", found: "\(error)", expected: "bad data", advice: "")
    }
}

extension Corpus {
    /// Each document's words with their counts, sorted, such as `cat:1 the:2`.
    var rowTexts: [String] {
        (0..<rowCount).map { number in
            let row = matrix.row(number)
            return zip(row.columnIndices, row.values)
                .map { "\(vocabulary?[Int($0)] ?? "\($0)"):\(Int($1))" }.joined(separator: " ")
        }
    }
}

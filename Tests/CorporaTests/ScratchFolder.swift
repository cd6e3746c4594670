import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

/// A folder of its own for one test, removed at the end.
final class ScratchFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: "corpora-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    @discardableResult
    func write(_ data: Data, to name: String) throws -> String {
        try data.write(to: url.appending(path: name))
        return path(name)
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String { try write(Data(text.utf8), to: name) }
}

/// Expects bad data, and that the message has these parts.
func expectBadData(
    saying parts: [String], sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("it was accepted", sourceLocation: sourceLocation)
    } catch FileError.badData(let problem) {
        for part in parts {
            #expect(problem.description.contains(part), "\(problem)", sourceLocation: sourceLocation)
        }
        #expect(!problem.expected.isEmpty && !problem.advice.isEmpty, "\(problem)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
    }
}

extension CSRMatrix {
    /// Every element, zeros included.
    var dense: [[Float]] {
        (0..<rowCount).map { row in
            var elements = [Float](repeating: 0, count: columnCount)
            let (columns, values) = self.row(row)
            for (column, value) in zip(columns, values) { elements[Int(column)] = value }
            return elements
        }
    }
}

/// A matrix of random shape and fill from a seed: empty rows, empty columns, negative and fractional values.
func generatedMatrix(seed: UInt64) throws -> CSRMatrix {
    var generator = SplitMix(state: seed)
    let rowCount = Int.random(in: 0...40, using: &generator)
    let columnCount = Int.random(in: 1...30, using: &generator)
    var (offsets, columns, values) = ([0], [UInt32](), [Float]())
    for _ in 0..<rowCount {
        let fill = Double.random(in: 0...1, using: &generator)
        for column in 0..<columnCount where generator.chance(fill * fill) {
            columns.append(UInt32(column))
            let isWhole = generator.chance(0.3)
            let value = Float.random(in: 0.001...100, using: &generator) * (generator.chance(0.2) ? -1e-7 : 1)
            values.append(isWhole ? value.rounded(.up) + 1 : value)
        }
        offsets.append(columns.count)
    }
    return try CSRMatrix(
        rowCount: rowCount, columnCount: columnCount, rowOffsets: offsets, columnIndices: columns, values: values)
}

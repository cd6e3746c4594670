import FileIO
import Foundation
import Testing

@testable import Corpora

@Suite struct LibSVMErrorTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var text: String
        var line: Int
        var column: Int
        var options = LibSVMOptions()
        var testDescription: String { text.debugDescription }

        init(_ text: String, _ line: Int, _ column: Int, _ options: LibSVMOptions = LibSVMOptions()) {
            (self.text, self.line, self.column, self.options) = (text, line, column, options)
        }
    }

    func expectProblem(_ text: [UInt8], _ options: LibSVMOptions, line: Int, column: Int, _ trace: String) {
        var first: BadData?
        for (blockSize, threads) in [(1 << 20, 1), (1, 2), (16, 5), (40, 2)] {
            do {
                _ = try LibSVMReader.read(array: text, options: options, blockSize: blockSize, threads: threads)
                Issue.record("\(trace) was accepted")
            } catch FileError.badData(let problem) {
                #expect(problem.line == line, "\(trace): \(problem)")
                #expect(problem.column == column, "\(trace): \(problem)")
                #expect(problem.path == "test.svm")
                #expect(!problem.advice.isEmpty)
                #expect(first == nil || problem == first, "\(trace), blocks of \(blockSize), \(threads) threads")
                first = problem
            } catch {
                Issue.record("\(trace): \(error)")
            }
        }
    }

    static let refused: [Case] = [
        Case("1 1:nan\n", 1, 5), Case("1 1:1 2:NaN\n", 1, 9), Case("1 1:inf\n", 1, 5), Case("1 1:-Infinity\n", 1, 5),
        Case("1 1:1e39\n", 1, 5), Case("1 1:-1e400\n", 1, 5), Case("1 1:3.4028236e38\n", 1, 5), Case("nan 1:1\n", 1, 1),
        Case("inf\n", 1, 1), Case("1,nan 1:1\n", 1, 1), Case("1 1:2x\n", 1, 6), Case("1 1:1.2.3\n", 1, 8),
        Case("1 1:0x10\n", 1, 6), Case("1 1:1e\n", 1, 6), Case("1 1:1,5\n", 1, 6), Case("1 1:1:2\n", 1, 6),
        Case("1 1:2 3\n", 1, 7), Case("1 1:2 3", 1, 7), Case("1 word\n", 1, 3), Case("1 1:1 :5\n", 1, 7),
        Case("1 1:\n", 1, 5), Case("1 1:", 1, 5), Case("1 1: 2:1\n", 1, 5), Case("1 1:#x\n", 1, 5),
        Case("1 1:\r\n", 1, 5),
        Case("1 1 :2\n", 1, 3), Case("1 -1:2\n", 1, 3), Case("1 +1:2\n", 1, 3), Case("1 4294967296:1\n", 1, 3),
        Case("1 99999999999999999999999:1\n", 1, 3), Case("1 1.5:1\n", 1, 3), Case("1 1a:1\n", 1, 3),
        Case("1 x:1\n", 1, 3),
        Case("1 1:x\n", 1, 5), Case("1 1:-\n", 1, 5), Case("1 1:--1\n", 1, 5), Case("1x 1:1\n", 1, 1),
        Case("1,,4 1:1\n", 1, 1),
        Case(",1 1:1\n", 1, 1), Case("1, 1:1\n", 1, 1), Case("- 1:1\n", 1, 1), Case("1-2 1:1\n", 1, 1),
        Case("? 1:1\n", 1, 1),
        Case("x:1 1:1\n", 1, 1), Case("1 1:1\n1 2:1\n-1 3:1 4:z\n", 3, 10), Case("# c\n\n1 1:1\n1 2:\n", 4, 5),
        Case("1 qid:x 1:1\n", 1, 3), Case("1 qid: 1:1\n", 1, 3), Case("1 qid:1 qid:2 1:1\n", 1, 9),
        Case("1 1:1 qid:2\n", 1, 7), Case("1 qid:1.5\n", 1, 3), Case("1 qid:99999999999999999999 1:1\n", 1, 3),
        Case("1 1:1\u{0} 2:1\n", 1, 6), Case("1\u{1} 1:1\n", 1, 2), Case("1 1:\u{0}\n", 1, 5),
        Case("1 \u{7F}1:1\n", 1, 3),
        Case("1 1:1 # a\u{0}b\n", 1, 10), Case("# a\u{1B}\n1 1:1\n", 1, 4), Case("\u{0}\u{0}\n", 1, 1),
        Case("1 1:1\r2 1:1\r", 1, 6), Case("1 1:1\u{C}\n", 1, 6), Case("1 1\u{0}:1\n", 1, 4),
        Case("1 0:1\n", 1, 3, LibSVMOptions(indexBase: .one)),
        Case("1 1:1\n1 2:1 0:1\n", 2, 7, LibSVMOptions(indexBase: .one)),
        Case("1 1:1\n1 5:1 6:1\n", 2, 7, LibSVMOptions(featureCount: 5)),
        Case("1 1:1\n1 5:1\n1 0:1\n", 2, 3, LibSVMOptions(featureCount: 5)),
        Case("1 5:1\n1 6:1\n1 0:1\n", 1, 3, LibSVMOptions(featureCount: 5)),
        // What stands after the first fault does not decide the base.
        Case("1 5:1\n1 6:1\n1 x\n1 0:1\n", 2, 3, LibSVMOptions(featureCount: 5)),
        Case("1 5:1\n1 x\n1 0:1\n", 2, 3, LibSVMOptions(featureCount: 5)),
        Case("1 5:1 x 0:1\n1 0:1\n", 1, 7, LibSVMOptions(featureCount: 5)),
        Case("1 5:1\n", 1, 3, LibSVMOptions(indexBase: .zero, featureCount: 5)),
        Case("1:x 1:1\n", 1, 3, LibSVMOptions(labelWeights: true)),
        Case("1:-1 1:1\n", 1, 3, LibSVMOptions(labelWeights: true)),
        Case("1:inf 1:1\n", 1, 3, LibSVMOptions(labelWeights: true)),
        Case("1: 1:1\n", 1, 3, LibSVMOptions(labelWeights: true)),
        Case("1:1:1 1:1\n", 1, 3, LibSVMOptions(labelWeights: true)),
        Case(":1 1:1\n", 1, 1, LibSVMOptions(labelWeights: true)),
        Case("1 1:3e38 2:1 1:3e38\n", 1, 14), Case("1 2:1 1:3e38 1:-1 1:3e38\n", 1, 19),
    ]

    @Test(arguments: refused)
    func refuses(_ problem: Case) {
        expectProblem(
            Array(problem.text.utf8), problem.options, line: problem.line, column: problem.column,
            problem.testDescription)
    }

    static let oddities: [Case] = [
        Case("1 1:1\n1 3:1 2:1\n", 2, 7), Case("1 1:1 1:2\n", 1, 7), Case("1 1:1\n\n1 1:1\n", 2, 1),
        Case("1 1:1\n  \n", 2, 1),
        Case("1 1:1 2:0\n", 1, 9), Case("1 1:0.0e5\n", 1, 5), Case("1 1:1\n2:1\n1 1:1\n", 2, 1),
        Case("2:1\n3:1\n 1 1:1\n", 3, 2),
        Case("word 1:1\n", 1, 1), Case("1 1:1\n2:1\n1 x\n", 2, 1), Case("1 1:1\n1 x\n2:1\n", 2, 3),
    ]

    @Test(arguments: oddities)
    func strictRefusesWhatIsOtherwiseCounted(_ oddity: Case) {
        var strict = oddity.options
        strict.strict = true
        expectProblem(Array(oddity.text.utf8), strict, line: oddity.line, column: oddity.column, oddity.testDescription)
        if !oddity.text.contains("x") {
            #expect(throws: Never.self) { try LibSVMReader.read(text: oddity.text, options: oddity.options) }
        }
    }

    @Test func strictAcceptsCleanFiles() throws {
        let text = "# note\n+1 1:0.5 3:-2 # a\n-1\n1,4 2:1\n"
        let strict = try LibSVMReader.read(text: text, options: LibSVMOptions(strict: true))
        #expect(strict == (try LibSVMReader.read(text: text)))
    }

    @Test func bytesThatAreNotUTF8() {
        expectProblem([0x61, 0xFF, 0x0A], LibSVMOptions(), line: 1, column: 1, "label")
        expectProblem(
            Array("1 # ".utf8) + [0xE9, 0x0A], LibSVMOptions(strict: true), line: 1, column: 5, "id, strict")
        expectProblem(Array("1 1:1 ".utf8) + [0xE9, 0x0A], LibSVMOptions(), line: 1, column: 7, "feature")
    }

    /// Files with one byte or a few changed are read or refused the same way however they are cut, and never crash.
    @Test func mutations() {
        let deadline = ContinuousClock.now + .seconds(1)
        var g = SplitMix(state: 99)
        let interesting = Array("0123456789:# \t\r\n-+.,eEqidnaf".utf8) + [0, 0x7F, 0xFF, 0xC3]
        for seed in 0..<4000 as Range<UInt64> where ContinuousClock.now < deadline {
            var bytes = Array(generatedLibSVM(seed: seed % 50).utf8)
            for _ in 0..<Int.random(in: 1...6, using: &g) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &g)
                switch Int.random(in: 0..<4, using: &g) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &g)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(interesting.randomElement(using: &g) ?? 0, at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 5))
                }
            }
            let options = LibSVMOptions(
                featureCount: g.chance(0.3) ? Int.random(in: 0...500, using: &g) : nil,
                excessFeatures: g.chance(0.5) ? .drop : .error, strict: g.chance(0.1), labelWeights: g.chance(0.2))
            let results = [(1 << 20, 1), (11, 2)].map { blockSize, threads in
                Result { try LibSVMReader.read(array: bytes, options: options, blockSize: blockSize, threads: threads) }
                    .mapError { $0 as? FileError ?? .unreadable(path: "", reason: "\($0)") }
            }
            #expect(
                results[0] == results[1], "seed \(seed): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
    }

    /// What others write to a file while it is read can take the newlines away between the passes.
    @Test(arguments: ["1 1:1 # 1 1:1\n", "1 1:1 2:1 3:1\n"]) func aBlockWhoseLastNewlineIsGoneIsToldOf(_ text: String) {
        let bytes = Array(text.utf8) + Array(repeating: UInt8(ascii: "\n"), count: 32)
        var columns: [UInt32] = [0, 0, 0, 0], values: [Float] = [0, 0, 0, 0]
        let block = bytes.withUnsafeBufferPointer { bytes in
            columns.withUnsafeMutableBufferPointer { columns in
                values.withUnsafeMutableBufferPointer { values -> LibSVMBlock? in
                    guard let start = bytes.baseAddress, let columns = columns.baseAddress,
                        let values = values.baseAddress
                    else { return nil }
                    // The block was `1 1:1` and a newline, with room for one entry, before.
                    var parser = LibSVMBlockParser(
                        lines: UnsafeBufferPointer(start: start, count: 6), start: start, options: LibSVMOptions(),
                        columnIndices: columns, values: values, capacity: 1)
                    return parser.parse()
                }
            }
        }
        #expect(block?.isChanged == true && block?.fault != nil)
        #expect(columns[1...].allSatisfy { $0 == 0 } && values[1...].allSatisfy { $0 == 0 })
    }
}

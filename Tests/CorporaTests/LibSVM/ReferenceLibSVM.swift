import Foundation

@testable import Corpora

/// A plain, slow libsvm parser for well-formed text, which the fast one is compared with.
struct ReferenceLibSVM {
    var rows: [[Int: Float]] = []
    var labels: [String?] = []
    var ids: [String] = []
    var qids: [Int?] = []
    var weights: [Float] = []
    var columnCount = 0
    var unsortedRows = 0
    var duplicates = 0
    var zeros = 0
    var blankLines = 0
    var commentLines = 0

    init(_ text: String, options: LibSVMOptions = LibSVMOptions()) {
        var raw: [[(index: Int, value: Float)]] = []
        var lines = text.replacingOccurrences(of: "\r\n", with: "\n").components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        for line in lines {
            let parts = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            var tokens = parts[0].split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            if tokens.isEmpty {
                if parts.count > 1 { commentLines += 1 } else { blankLines += 1 }
                continue
            }
            var label: String?
            var weight: Float = 1
            var qid: Int?
            let pieces = tokens[0].components(separatedBy: ":")
            if pieces.count == 1 {
                label = tokens.removeFirst()
            } else if options.labelWeights, pieces[0] != "qid" {
                label = pieces[0]
                weight = strtof(pieces[1], nil)
                tokens.removeFirst()
            }
            if let first = tokens.first, first.hasPrefix("qid:") {
                qid = Int(first.dropFirst(4))
                tokens.removeFirst()
            }
            labels.append(label)
            weights.append(weight)
            qids.append(qid)
            ids.append(parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
            raw.append(
                tokens.map { token in
                    let pair = token.components(separatedBy: ":")
                    return (Int(pair[0]) ?? -1, strtof(pair[1], nil))
                })
        }
        let indices = raw.joined().map(\.index)
        let base =
            switch options.indexBase {
            case .auto: indices.contains(0) ? 0 : 1
            case .zero: 0
            case .one: 1
            }
        columnCount = options.featureCount ?? indices.max().map { $0 - base + 1 } ?? 0
        for row in raw { add(row, base: base) }
    }

    private mutating func add(_ row: [(index: Int, value: Float)], base: Int) {
        let indices = row.map(\.index)
        if indices != indices.sorted() { unsortedRows += 1 }
        var sums: [Int: Double] = [:]
        for (index, value) in row { sums[index - base, default: 0] += Double(value) }
        duplicates += row.count - sums.count
        var kept: [Int: Float] = [:]
        for (column, sum) in sums where column < columnCount {
            if Float(sum) == 0 { zeros += 1 } else { kept[column] = Float(sum) }
        }
        rows.append(kept)
    }
}

extension LibSVMReader {
    static func read(
        text: String, options: LibSVMOptions = LibSVMOptions(), blockSize: Int = 1 << 20, threads: Int = 1
    ) throws -> Corpus {
        try read(array: Array(text.utf8), options: options, blockSize: blockSize, threads: threads)
    }

    /// Reads bytes that have nothing readable behind them but what the array happens to own.
    static func read(
        array: [UInt8], options: LibSVMOptions = LibSVMOptions(), blockSize: Int = 1 << 20, threads: Int = 1
    ) throws -> Corpus {
        var options = options
        options.blockSize = blockSize
        let exact = UnsafeMutableRawBufferPointer.allocate(byteCount: array.count, alignment: 1)
        defer { exact.deallocate() }
        exact.copyBytes(from: array)
        return try read(
            bytes: UnsafeRawBufferPointer(exact), name: "test.svm", options: options,
            parallelism: .init(threads: threads))
    }
}

/// A small deterministic generator (SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }
}

/// Writes libsvm text with everything that the format allows, a choice of which is made by `seed`.
func generatedLibSVM(seed: UInt64) -> String {
    var g = SplitMix(state: seed)
    let newline = g.chance(0.3) ? "\r\n" : "\n"
    let zeroBased = g.chance(0.4)
    let labelled = g.chance(0.7)
    let messy = g.chance(0.6)
    func blank(_ g: inout SplitMix) -> String {
        messy && g.chance(0.2) ? [" \t", "  ", "\t"].randomElement(using: &g) ?? " " : " "
    }
    var lines: [String] = []
    for row in 0..<Int.random(in: 0...40, using: &g) {
        if messy, g.chance(0.05) { lines.append(["", "  ", "# note 1:2", "\t# x"].randomElement(using: &g) ?? "") }
        var tokens: [String] = []
        if labelled, !messy || g.chance(0.9) {
            tokens.append(
                ["1", "-1", "+1", "3.5", "1,4", "2,0,17", "sport", "1e-3", "longer_label_name"].randomElement(using: &g)
                    ?? "1")
        }
        if g.chance(0.1) { tokens.append("qid:\(Int.random(in: -2...99, using: &g))") }
        var index = zeroBased ? 0 : 1
        // A first field that is no label has to look like a feature, or it is taken for a label with a weight.
        let isBare = tokens.isEmpty
        for place in 0..<Int.random(in: 0...12, using: &g) {
            if messy, !(isBare && place == 1), g.chance(0.1) { index = max(zeroBased ? 0 : 1, index - Int.random(in: 0...9, using: &g)) }
            tokens.append("\(index):\(generatedNumber(&g))")
            index += messy && !(isBare && place == 0) && g.chance(0.05) ? 0 : Int.random(in: 1...(g.chance(0.02) ? 100_000_000 : 300), using: &g)
        }
        if tokens.isEmpty { tokens.append(zeroBased ? "0:1" : "1:1") }
        var line = tokens.joined(separator: " ")
        if messy { line = tokens.reduce("") { $0 + ($0.isEmpty && !g.chance(0.05) ? "" : blank(&g)) + $1 } }
        if messy, g.chance(0.2) { line += blank(&g) }
        if g.chance(0.15) {
            line += [" # doc \(row)", "#d:\(row)", " #", " # ünïcode "].randomElement(using: &g) ?? ""
        }
        lines.append(line)
    }
    return lines.joined(separator: newline) + (g.chance(0.7) && !lines.isEmpty ? newline : "")
}

/// A finite number, mostly short, in one of the many ways of writing it.
func generatedNumber(_ g: inout SplitMix) -> String {
    let sign = g.chance(0.2) ? "-" : g.chance(0.05) ? "+" : ""
    switch Int.random(in: 0..<10, using: &g) {
    case 0...4: return sign + "\(Int.random(in: 0...9, using: &g))"
    case 5: return sign + "\(Float.random(in: 0...1, using: &g))"
    case 6: return sign + "\(Double.random(in: 0...1, using: &g))"
    case 7: return sign + "\(Int.random(in: 1...999, using: &g))e\(Int.random(in: -12...12, using: &g))"
    case 8: return sign + "." + "\(Int.random(in: 0...99_999_999_999, using: &g))"
    default: return sign + "\(UInt32.random(in: 0...UInt32.max, using: &g))."
    }
}

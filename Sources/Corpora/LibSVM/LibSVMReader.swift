import FileIO
import SparseMatrices

/// Reads the libsvm (svmlight) format: a row a line, `label [qid:n] index:value … [# id]`.
///
/// Accepted: labels that are numbers, several numbers with commas, words or missing; blanks and tabs in any number;
/// CRLF; rows without features; unsorted and duplicate indices; explicit zeros; comments on lines of their own, and
/// after a row, where the text is the document's id. Blank lines and comment lines are not rows. Everything that the
/// matrix does not show is counted in the corpus's provenance.
///
/// Lines are parsed in parallel, in blocks that do not depend on the number of threads; so neither the corpus nor the
/// error, which is always the first in the file, depends on it.
public enum LibSVMReader {
    /// Reads a file, compressed or not; `-` is standard input.
    ///
    /// - Throws: `FileError`; what is wrong with the content is `.badData` with line and column (in bytes, from 1).
    /// - Complexity: O(bytes), and O(n log n) for an unsorted row of n entries.
    public static func read(
        path: String, options: LibSVMOptions = LibSVMOptions(), parallelism: Parallelism = .allCores
    ) throws(FileError) -> Corpus {
        let input = try InputBytes(path: path)
        defer { withExtendedLifetime(input) {} }
        return try read(bytes: input.bytes, name: input.name, options: options, parallelism: parallelism)
    }

    /// Reads text in memory; `name` is what error messages call it.
    public static func read(
        bytes: UnsafeRawBufferPointer, name: String, options: LibSVMOptions = LibSVMOptions(),
        parallelism: Parallelism = .allCores
    ) throws(FileError) -> Corpus {
        let text = bytes.bindMemory(to: UInt8.self)
        let lines = LineBlocks(text, blockSize: options.blockSize)
        let parsed = ParsedLibSVM(lines, options: options, parallelism: parallelism)
        if parsed.blocks.contains(where: \.isChanged) { throw .changed(path: name) }
        do throws(BadData) {
            let base = try parsed.checkedBase(name: name)
            return try parsed.corpus(base: base.base, reason: base.reason, name: name, parallelism: parallelism)
        } catch {
            throw .badData(error)
        }
    }
}

/// All blocks of a file, parsed: each block's entries stand in shared buffers at the block's own offset.
struct ParsedLibSVM {
    let options: LibSVMOptions
    let blocks: [LibSVMBlock]
    /// Where each block's entries begin in the buffers; the last element is their length.
    let offsets: [Int]
    let columnIndices: AlignedBuffer<UInt32>
    let values: AlignedBuffer<Float>

    init(_ lines: LineBlocks, options: LibSVMOptions, parallelism: Parallelism) {
        self.options = options
        let colons = AlignedBuffer(repeating: 0, count: lines.count)
        parallelism.forEach(block: lines.count) { block in
            colons.elements[block] = lines.withLines(ofBlock: block) { LineBlocks.count(UInt8(ascii: ":"), in: $0) }
        }
        let offsets = colons.elements.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        let columnIndices = AlignedBuffer<UInt32>(uninitialized: offsets[lines.count])
        let values = AlignedBuffer<Float>(uninitialized: offsets[lines.count])
        let blocks = [LibSVMBlock](unsafeUninitializedCapacity: lines.count) { results, count in
            nonisolated(unsafe) let places = results.baseAddress
            parallelism.forEach(block: lines.count) { block in
                let parsed = lines.withLines(ofBlock: block) { text in
                    guard let start = text.baseAddress else { return LibSVMBlock() }
                    var parser = LibSVMBlockParser(
                        lines: text, start: start, options: options,
                        columnIndices: columnIndices.baseAddress + offsets[block],
                        values: values.baseAddress + offsets[block], capacity: offsets[block + 1] - offsets[block])
                    return parser.parse()
                }
                places?.advanced(by: block).initialize(to: parsed)
            }
            count = lines.count
        }
        (self.blocks, self.offsets, self.columnIndices, self.values) = (blocks, offsets, columnIndices, values)
    }

    /// Decides the index base and throws the first fault in file order.
    ///
    /// What stands after the first fault has no say in the base, so that it does not matter how far a block was read.
    func checkedBase(name: String) throws(BadData) -> (base: IndexBase, reason: String) {
        var scan = FaultScan(options: options)
        for block in blocks where !scan.isOver { scan.add(block) }
        return try scan.checkedBase(name: name)
    }
}

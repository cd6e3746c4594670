import FileIO
import SparseMatrices

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
}

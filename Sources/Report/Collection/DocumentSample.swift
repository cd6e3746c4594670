import Autoencoders
import HeapModule
import SparseMatrices

/// A uniform sample of documents of a corpus of unknown length, with their codes: those whose random numbers, which
/// follow from the seed and the row, are largest. So it does not depend on how the corpus is divided into pieces.
struct DocumentSample {
    private struct Entry: Comparable {
        let key: UInt64
        let document: KeptDocument
        let code: [Float]

        static func < (a: Entry, b: Entry) -> Bool {
            (a.key, b.document.row) < (b.key, a.document.row)
        }

        static func == (a: Entry, b: Entry) -> Bool { a.key == b.key && a.document.row == b.document.row }
    }

    private let count: Int
    private let seed: UInt64
    private var heap = Heap<Entry>()

    /// - Parameter count: of how many documents, at least one.
    init(count: Int, seed: UInt64) {
        precondition(count > 0, "a sample of \(count) documents")
        self.count = count
        self.seed = seed
    }

    /// - Parameter document: made only if the row is taken.
    mutating func add(row: Int, code: UnsafeBufferPointer<Float>, _ document: () -> KeptDocument) {
        var generator = RandomGenerator(seed: seed, stream: 0x7361_6d70, UInt64(row))
        let key = generator.next()
        if heap.count == count {
            guard let weakest = heap.min, weakest.key < key else { return }
            heap.replaceMin(with: Entry(key: key, document: document(), code: Array(code)))
        } else {
            heap.insert(Entry(key: key, document: document(), code: Array(code)))
        }
    }

    /// The sample in the order of rows.
    func sorted(width: Int) -> (documents: [KeptDocument], codes: DenseMatrix) {
        let entries = heap.unordered.sorted { $0.document.row < $1.document.row }
        var codes = DenseMatrix(rowCount: entries.count, columnCount: width)
        codes.withUnsafeMutableElements { target in
            for (row, entry) in entries.enumerated() {
                for (unit, value) in entry.code.enumerated() { target[row * width + unit] = value }
            }
        }
        return (entries.map(\.document), codes)
    }
}

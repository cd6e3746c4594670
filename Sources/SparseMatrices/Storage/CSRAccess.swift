import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the system is told of how a mapped matrix is going to be read; in memory of our own it changes nothing.
extension CSRMatrix {
    /// Tells the system whether rows are about to be read in random order, for which reading ahead does not help.
    package func expectScatteredReads(_ isScattered: Bool) {
        advise(0..<entryCount, isScattered ? MADV_RANDOM : MADV_NORMAL)
    }

    /// Asks for the entries of a run of rows, which are then read while others are worked on.
    package func fetch(rows: Range<Int>) {
        let entries = withUnsafeView { $0.rowOffsets[rows.lowerBound]..<$0.rowOffsets[rows.upperBound] }
        advise(entries, MADV_WILLNEED)
    }

    private func advise(_ entries: Range<Int>, _ advice: Int32) {
        if entries.isEmpty { return }
        withUnsafeView { view in
            advise(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: view.columnIndices[entries])), advice)
            advise(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: view.values[entries])), advice)
        }
    }

    /// Advice that the system cannot follow is ignored by it, and so by us.
    private func advise(_ bytes: UnsafeRawBufferPointer, _ advice: Int32) {
        guard let start = bytes.baseAddress else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let offset = Int(bitPattern: start) % page
        _ = madvise(UnsafeMutableRawPointer(mutating: start - offset), bytes.count + offset, advice)
    }
}

/// Keeps a matrix's memory alive; immutable once made, but for the knowledge that it was checked.
final class CSRStorage: @unchecked Sendable {
    let rowOffsets: UnsafeBufferPointer<Int>
    let columnIndices: UnsafeBufferPointer<UInt32>
    let values: UnsafeBufferPointer<Float>
    private let owners: [AnyObject]
    /// Whether columns and values are known to hold the invariants.
    let areEntriesValid: Atomic<Bool>

    init(
        rowOffsets: UnsafeBufferPointer<Int>, columnIndices: UnsafeBufferPointer<UInt32>,
        values: UnsafeBufferPointer<Float>, owners: [AnyObject], areEntriesValid: Bool = false
    ) {
        self.rowOffsets = rowOffsets
        self.columnIndices = columnIndices
        self.values = values
        self.owners = owners
        self.areEntriesValid = Atomic(areEntriesValid)
    }
}

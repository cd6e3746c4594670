import Synchronization

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

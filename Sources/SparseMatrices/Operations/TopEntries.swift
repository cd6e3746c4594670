import HeapModule

/// Keeps the entries with the largest values of a sequence; among equal values those with the lowest index.
package struct TopEntries {
    package struct Entry: Comparable, Sendable {
        package let index: Int
        package let value: Double

        @usableFromInline
        init(index: Int, value: Double) {
            self.index = index
            self.value = value
        }

        /// Whether `a` is removed before `b`.
        @inlinable
        package static func < (a: Entry, b: Entry) -> Bool {
            a.value != b.value ? a.value < b.value : a.index > b.index
        }
    }

    private let count: Int
    private var heap = Heap<Entry>()
    /// The value that a new entry must exceed once there are `count` entries.
    @usableFromInline
    var weakest: Entry?

    /// - Parameter count: the number of entries to keep; not negative.
    package init(count: Int) {
        precondition(count >= 0, "cannot keep \(count) entries")
        self.count = count
    }

    /// - Complexity: O(log count); O(1) for an entry that is not among the largest.
    @inlinable
    package mutating func add(_ index: Int, _ value: Double) {
        let entry = Entry(index: index, value: value)
        if let weakest, !(weakest < entry) { return }
        keep(entry)
    }

    @usableFromInline
    mutating func keep(_ entry: Entry) {
        if heap.count < count { heap.insert(entry) } else if count > 0 { heap.replaceMin(with: entry) }
        if heap.count == count { weakest = heap.min }
    }

    /// The entries in descending order.
    ///
    /// - Complexity: O(count·log count).
    package var sorted: [Entry] { heap.unordered.sorted(by: >) }
}

extension TopEntries {
    /// The largest of some values, whose indices are their positions.
    package init(_ count: Int, of values: some Sequence<Double>) {
        self.init(count: count)
        for (index, value) in values.enumerated() { add(index, value) }
    }
}

import HeapModule

/// The entries of largest value among those that come by; of equal values those of the lowest index.
package struct TopEntries {
    package struct Entry: Comparable, Sendable {
        package let index: Int
        package let value: Double

        @usableFromInline
        init(index: Int, value: Double) {
            self.index = index
            self.value = value
        }

        /// Whether `a` has to go before `b` does.
        @inlinable
        package static func < (a: Entry, b: Entry) -> Bool {
            a.value != b.value ? a.value < b.value : a.index > b.index
        }
    }

    private let count: Int
    private var heap = Heap<Entry>()
    /// What a new entry has to exceed, once there are `count`.
    @usableFromInline
    var weakest: Entry?

    /// - Parameter count: how many are kept; not below 0.
    package init(count: Int) {
        precondition(count >= 0, "cannot keep \(count) entries")
        self.count = count
    }

    /// - Complexity: O(log count), and O(1) for what is not among the largest.
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

    /// The largest first.
    ///
    /// - Complexity: O(count·log count).
    package var sorted: [Entry] { heap.unordered.sorted(by: >) }
}

extension TopEntries {
    /// The largest of some values, whose positions are their indices.
    package init(_ count: Int, of values: some Sequence<Double>) {
        self.init(count: count)
        for (index, value) in values.enumerated() { add(index, value) }
    }
}

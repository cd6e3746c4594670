/// Sorts a row's entries by index; entries of equal index stay in their order.
struct RowSorter {
    /// Index in the upper half, the value's bits in the lower.
    private var keys: [UInt64] = []
    private var spare: [UInt64] = []

    var count: Int { keys.count }

    func index(_ entry: Int) -> UInt32 { UInt32(truncatingIfNeeded: keys[entry] >> 32) }

    func value(_ entry: Int) -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: keys[entry])) }

    mutating func removeAll() { keys.removeAll(keepingCapacity: true) }

    mutating func append(index: UInt32, value: Float) { keys.append(UInt64(index) << 32 | UInt64(value.bitPattern)) }

    /// - Complexity: O(n) for the usual row: one pass for each byte that the largest index has.
    mutating func sort() {
        if keys.count <= 24 {
            sortByInsertion()
            return
        }
        var rest = keys.reduce(0) { max($0, $1 >> 32) }
        var shift: UInt64 = 32
        spare.removeAll(keepingCapacity: true)
        spare.append(contentsOf: repeatElement(0, count: keys.count))
        while rest > 0 {
            Self.scatter(keys, into: &spare, byByteAt: shift)
            swap(&keys, &spare)
            rest >>= 8
            shift += 8
        }
    }

    private mutating func sortByInsertion() {
        for next in keys.indices.dropFirst() {
            let key = keys[next]
            var place = next
            while place > 0, keys[place - 1] >> 32 > key >> 32 {
                keys[place] = keys[place - 1]
                place -= 1
            }
            keys[place] = key
        }
    }

    /// Writes the keys to `sorted` in the order of one byte.
    private static func scatter(_ keys: [UInt64], into sorted: inout [UInt64], byByteAt shift: UInt64) {
        precondition(keys.count == sorted.count, "\(keys.count) keys need as many places, not \(sorted.count)")
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { places in
            places.initialize(repeating: 0)
            for key in keys { places[Int(key &>> shift & 0xFF)] += 1 }
            var start = 0
            for byte in 0..<256 { (places[byte], start) = (start, start + places[byte]) }
            sorted.withUnsafeMutableBufferPointer { sorted in
                for key in keys {
                    let byte = Int(key &>> shift & 0xFF)
                    sorted[places[byte]] = key
                    places[byte] &+= 1
                }
            }
        }
    }
}

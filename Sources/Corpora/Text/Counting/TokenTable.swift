import CProcessor

/// Distinct byte strings, numbered in the order of their first appearance.
///
/// Open addressing with linear probing; the bytes stand back to back in one arena. A slot holds the first bytes (see
/// `TokenKey`) beside the number, so that finding a short string touches nothing but its slot, and the hash, so that
/// growing needs nothing else.
final class TokenTable: @unchecked Sendable {
    private struct Slot {
        var low: UInt64
        var high: UInt64
        var hash: UInt32
        /// `empty` where the slot holds nothing.
        var number: UInt32

        static let empty = UInt32.max
    }

    private static let firstCapacity = 1 << 10

    private var slots: UnsafeMutablePointer<Slot>
    private var mask: Int
    private let seed = TokenTable.processSeed
    private let arena = GrowingBuffer<UInt8>(capacity: 1 << 12)
    /// Where each string ends in the arena, after a zero.
    private let ends = GrowingBuffer<Int>()

    init() {
        slots = Self.emptySlots(Self.firstCapacity)
        mask = Self.firstCapacity - 1
        ends.append(0)
    }

    convenience init(_ words: some Sequence<String>) {
        self.init()
        for word in words {
            var word = word
            word.withUTF8 { _ = insert($0) }
        }
    }

    deinit { slots.deallocate() }

    var count: Int { ends.count - 1 }

    subscript(number: UInt32) -> UnsafeBufferPointer<UInt8> {
        let start = ends.start[Int(number)]
        return UnsafeBufferPointer(start: arena.start + start, count: ends.start[Int(number) + 1] - start)
    }

    func removeAll() {
        slots.deallocate()
        slots = Self.emptySlots(Self.firstCapacity)
        mask = Self.firstCapacity - 1
        arena.removeAll()
        ends.removeAll()
        ends.append(0)
    }

    @inline(__always)
    func key(of bytes: UnsafeBufferPointer<UInt8>) -> TokenKey { TokenKey(bytes, seed: seed) }

    /// - Precondition: as `TokenKey.init(padded:seed:)` has it.
    @inline(__always)
    func key(ofPadded bytes: UnsafeBufferPointer<UInt8>) -> TokenKey { TokenKey(padded: bytes, seed: seed) }

    /// Lets the slot of a string that will be looked up soon come nearer.
    @inline(__always)
    func prefetch(_ key: TokenKey) { processor_prefetch(slots + (Int(key.hash) & mask)) }

    /// The number of a string, nil if it isn't here.
    func find(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? { find(bytes, key: key(of: bytes)) }

    @inline(__always)
    func find(_ bytes: UnsafeBufferPointer<UInt8>, key: TokenKey) -> UInt32? {
        let number = slots[place(of: bytes, key: key)].number
        return number == Slot.empty ? nil : number
    }

    /// The number of a string, a new one if it wasn't here yet.
    func insert(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 { insert(bytes, key: key(of: bytes)) }

    @inline(__always)
    func insert(_ bytes: UnsafeBufferPointer<UInt8>, key: TokenKey) -> UInt32 {
        let position = place(of: bytes, key: key)
        let number = slots[position].number
        return number == Slot.empty ? add(bytes, key, at: position) : number
    }

    /// Calls `body` with the number here of each string of another table from a number on, in their order; those that
    /// weren't here yet are added.
    func insert(from first: Int, of other: TokenTable, _ body: (UInt32) -> Void) {
        let stride = 32
        withUnsafeTemporaryAllocation(of: TokenKey.self, capacity: stride) { keys in
            for start in Swift.stride(from: first, to: other.count, by: stride) {
                let numbers = start..<min(other.count, start + stride)
                for number in numbers {
                    let key = key(of: other[UInt32(number)])
                    prefetch(key)
                    keys.initializeElement(at: number - start, to: key)
                }
                for number in numbers { body(insert(other[UInt32(number)], key: keys[number - start])) }
            }
        }
    }

    /// The slot that holds a string, or the empty one where it belongs.
    @inline(__always)
    private func place(of bytes: UnsafeBufferPointer<UInt8>, key: TokenKey) -> Int {
        var position = Int(key.hash) & mask
        while slots[position].number != Slot.empty {
            if slots[position].low == key.low, slots[position].high == key.high,
                bytes.count <= TokenKey.longest
                    || slots[position].hash == key.hash && isEqual(bytes, self[slots[position].number])
            {
                break
            }
            position = (position &+ 1) & mask
        }
        return position
    }

    @inline(never)
    private func add(_ bytes: UnsafeBufferPointer<UInt8>, _ key: TokenKey, at position: Int) -> UInt32 {
        precondition(count < Int(Slot.empty), "more than 2³² − 1 distinct features")
        let number = UInt32(count)
        slots[position] = Slot(low: key.low, high: key.high, hash: key.hash, number: number)
        arena.append(bytes)
        ends.append(arena.count)
        if 2 * count > mask { grow() }
        return number
    }

    private func grow() {
        let capacity = 2 * (mask + 1)
        let larger = Self.emptySlots(capacity)
        for slot in UnsafeBufferPointer(start: slots, count: mask + 1) where slot.number != Slot.empty {
            var position = Int(slot.hash) & (capacity - 1)
            while larger[position].number != Slot.empty { position = (position + 1) & (capacity - 1) }
            larger[position] = slot
        }
        slots.deallocate()
        (slots, mask) = (larger, capacity - 1)
    }

    private static func emptySlots(_ count: Int) -> UnsafeMutablePointer<Slot> {
        let slots = UnsafeMutablePointer<Slot>.allocate(capacity: count)
        slots.initialize(repeating: Slot(low: 0, high: 0, hash: 0, number: Slot.empty), count: count)
        return slots
    }
}

extension TokenTable {
    /// The words of a given vocabulary, numbered by their columns.
    ///
    /// - Throws: `TextOptionsError` if a word stands twice, which would leave a column without a count.
    convenience init(columnsOf vocabulary: Vocabulary) throws(TextOptionsError) {
        self.init()
        for (column, word) in vocabulary.words.enumerated() {
            var word = word
            let number = word.withUTF8 { Int(insert($0)) }
            guard number == column else {
                throw TextOptionsError(
                    option: "vocabulary", found: "'\(word)' as word \(number + 1) and as word \(column + 1)",
                    expected: "each word once")
            }
        }
    }

    /// Drawn anew in each process, so that no text can be made for its words to collide. Numbers don't depend on it.
    private static let processSeed = UInt64.random(in: 0...UInt64.max)
}

@inline(__always)
private func isEqual(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
    guard a.count == b.count, let left = a.baseAddress, let right = b.baseAddress else { return a.count == b.count }
    var position = 0
    while position &+ 8 <= a.count {
        let leftWord = UnsafeRawPointer(left + position).loadUnaligned(as: UInt64.self)
        let rightWord = UnsafeRawPointer(right + position).loadUnaligned(as: UInt64.self)
        if leftWord != rightWord { return false }
        position &+= 8
    }
    while position < a.count {
        if left[position] != right[position] { return false }
        position &+= 1
    }
    return true
}

/// Distinct byte strings, numbered in the order of their first appearance.
///
/// Open addressing with linear probing; the bytes stand back to back in one arena. A slot holds 32 bits of the hash
/// beside the number, so that almost every comparison of bytes is one that succeeds, and growing rehashes nothing.
final class TokenTable: @unchecked Sendable {
    /// Where a slot holds nothing.
    private static let empty = UInt64.max

    private var slots: [UInt64]
    private let arena = GrowingBuffer<UInt8>(capacity: 1 << 12)
    /// Where each string ends in the arena, after a zero.
    private let ends = GrowingBuffer<Int>()

    init() {
        slots = Array(repeating: Self.empty, count: 1 << 10)
        ends.append(0)
    }

    convenience init(_ words: some Sequence<String>) {
        self.init()
        for word in words {
            var word = word
            word.withUTF8 { _ = insert($0) }
        }
    }

    var count: Int { ends.count - 1 }

    subscript(number: UInt32) -> UnsafeBufferPointer<UInt8> {
        let start = ends.start[Int(number)]
        return UnsafeBufferPointer(start: arena.start + start, count: ends.start[Int(number) + 1] - start)
    }

    func removeAll() {
        slots = Array(repeating: Self.empty, count: 1 << 10)
        arena.removeAll()
        ends.removeAll()
        ends.append(0)
    }

    /// The number of a string, nil if it isn't here.
    func find(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
        slots.withUnsafeBufferPointer { slots in
            let slot = slots[place(of: bytes, hash: Self.hash(bytes), in: slots)]
            return slot == Self.empty ? nil : UInt32(truncatingIfNeeded: slot)
        }
    }

    /// The number of a string, a new one if it wasn't here yet.
    func insert(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let hash = Self.hash(bytes)
        let (position, slot) = slots.withUnsafeBufferPointer { slots in
            let position = place(of: bytes, hash: hash, in: slots)
            return (position, slots[position])
        }
        if slot != Self.empty { return UInt32(truncatingIfNeeded: slot) }
        let number = count
        precondition(number < Int(UInt32.max), "more than 2³² − 1 distinct features")
        slots[position] = UInt64(hash) << 32 | UInt64(number)
        arena.append(bytes)
        ends.append(arena.count)
        if 2 * count > slots.count { grow() }
        return UInt32(number)
    }

    /// The slot that holds a string, or the empty one where it belongs.
    @inline(__always)
    private func place(
        of bytes: UnsafeBufferPointer<UInt8>, hash: UInt32, in slots: UnsafeBufferPointer<UInt64>
    ) -> Int {
        let mask = slots.count &- 1
        var position = Int(hash) & mask
        while true {
            let slot = slots[position]
            if slot == Self.empty { return position }
            if UInt32(truncatingIfNeeded: slot >> 32) == hash,
                isEqual(bytes, self[UInt32(truncatingIfNeeded: slot)])
            {
                return position
            }
            position = (position &+ 1) & mask
        }
    }

    @inline(never)
    private func grow() {
        var larger = Array(repeating: Self.empty, count: slots.count * 2)
        let mask = larger.count - 1
        for slot in slots where slot != Self.empty {
            var position = Int(slot >> 32) & mask
            while larger[position] != Self.empty { position = (position + 1) & mask }
            larger[position] = slot
        }
        slots = larger
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
    private static let seed = UInt64.random(in: 0...UInt64.max)

    /// Eight bytes at a time, folding 128-bit products.
    @inline(__always)
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        guard let start = bytes.baseAddress.map({ UnsafeRawPointer($0) }) else { return 0 }
        let count = bytes.count
        var state = seed ^ UInt64(truncatingIfNeeded: count)
        var position = 0
        while position &+ 8 < count {
            state = mix(state ^ start.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            position &+= 8
        }
        let rest = start + position
        switch count &- position {
        case 4...:
            let low = UInt64(rest.loadUnaligned(as: UInt32.self))
            let high = UInt64(rest.loadUnaligned(fromByteOffset: count &- position &- 4, as: UInt32.self))
            state ^= high << 32 | low
        case 1...:
            let left = count &- position
            let first = UInt64(rest.load(as: UInt8.self))
            let middle = UInt64(rest.load(fromByteOffset: left >> 1, as: UInt8.self))
            let last = UInt64(rest.load(fromByteOffset: left &- 1, as: UInt8.self))
            state ^= first << 16 | middle << 8 | last
        default: break
        }
        return UInt32(truncatingIfNeeded: mix(state) >> 32)
    }

    @inline(__always)
    private static func mix(_ state: UInt64) -> UInt64 {
        let product = (state ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
        return product.high ^ product.low
    }
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

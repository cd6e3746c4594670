import CProcessor

/// The lookup key of a string in a `TokenTable`: its first bytes, which suffice for short strings, and a hash.
struct TokenKey {
    /// The first eight bytes, zero where the string is shorter.
    let low: UInt64
    /// The next seven, and in the last byte the length, or 0xFF for strings longer than `longest`.
    let high: UInt64
    let hash: UInt32

    /// Strings up to this length are distinguished by their keys alone.
    static let longest = 15
    /// The number of bytes that `init(padded:seed:)` may read, whatever the string's length.
    static let padding = 16

    @inline(__always)
    init(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) {
        guard let start = bytes.baseAddress.map({ UnsafeRawPointer($0) }), !bytes.isEmpty else {
            self.init(low: 0, high: 0, bytes, seed: seed)
            return
        }
        let count = bytes.count
        let shift = UInt64(truncatingIfNeeded: count) &<< 3
        var (low, high): (UInt64, UInt64) = (0, 0)
        switch count {
        case 16...:
            low = Self.word(start)
            high = Self.word(start + 8) & Self.sevenBytes | 0xFF << 56
        case 8...:
            low = Self.word(start)
            // The last eight bytes, without those of the first eight; `shift` is taken modulo 64.
            let rest = Self.word(start + (count &- 8))
            high = (count == 8 ? 0 : rest &>> (64 &- (shift &- 64))) | UInt64(count) << 56
        case 4...:
            let last = UInt64(UInt32(littleEndian: (start + (count &- 4)).loadUnaligned(as: UInt32.self)))
            low = UInt64(UInt32(littleEndian: start.loadUnaligned(as: UInt32.self))) | last &<< (shift &- 32)
            high = UInt64(count) << 56
        default:
            let (middle, last) = (count >> 1, count &- 1)
            low = UInt64(bytes[0]) | UInt64(bytes[middle]) &<< UInt64(8 &* middle)
                | UInt64(bytes[last]) &<< UInt64(8 &* last)
            high = UInt64(count) << 56
        }
        self.init(low: low, high: high, bytes, seed: seed)
    }

    /// The same without a branch on the length, which would be hard to predict.
    ///
    /// - Precondition: there is at least one byte, and `padding` bytes from the first one on may be read.
    @inline(__always)
    init(padded bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) {
        let start = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped)
        let count = bytes.count
        let low = Self.word(start) & (UInt64.max &>> UInt64(64 &- 8 &* min(count, 8)))
        let beyond = max(0, min(count, Self.longest) &- 8)
        let next = Self.word(start + 8) & ((1 &<< UInt64(8 &* beyond)) &- 1)
        let length = count > Self.longest ? 0xFF : UInt64(count)
        self.init(low: low, high: next | length &<< 56, bytes, seed: seed)
    }

    /// Hashes by folding 128-bit products: of the key, and of the following bytes, eight at a time.
    @inline(__always)
    private init(low: UInt64, high: UInt64, _ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) {
        self.low = low
        self.high = high
        var state = Self.fold(low ^ seed, high ^ 0xE703_7ED1_A0B4_28DB)
        if bytes.count > Self.longest, let start = bytes.baseAddress.map({ UnsafeRawPointer($0) }) {
            var position = Self.longest
            while position &+ 8 < bytes.count {
                state = Self.fold(state ^ Self.word(start + position), 0xE703_7ED1_A0B4_28DB)
                position &+= 8
            }
            // The last eight bytes, which may overlap with earlier ones.
            let last = Self.word(start + (bytes.count &- 8))
            state = Self.fold(state ^ last ^ UInt64(bytes.count), 0x8EBC_6AF0_9C88_C6E3)
        }
        // A second time, so that the low bits, which select the slot, depend on all others.
        hash = UInt32(truncatingIfNeeded: Self.fold(state, 0x9E37_79B9_7F4A_7C15))
    }

    private static let sevenBytes: UInt64 = (1 << 56) - 1

    @inline(__always)
    private static func word(_ place: UnsafeRawPointer) -> UInt64 {
        UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}

/// Distinct byte strings, numbered in the order of their first appearance.
///
/// Open addressing with linear probing; the bytes are stored consecutively in one arena. A slot contains the first
/// bytes (see `TokenKey`) and the number, so that looking up a short string accesses only its slot, and the hash, so
/// that growing needs nothing else.
final class TokenTable: @unchecked Sendable {
    private struct Slot {
        var low: UInt64
        var high: UInt64
        var hash: UInt32
        /// The string's number; `empty` for an empty slot.
        var number: UInt32

        static let empty = UInt32.max
    }

    private static let firstCapacity = 1 << 10

    private var slots: UnsafeMutablePointer<Slot>
    private var mask: Int
    private let seed = TokenTable.processSeed
    private let arena = GrowingBuffer<UInt8>(capacity: 1 << 12)
    /// The end of each string in the arena, preceded by a zero.
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

    /// - Precondition: that of `TokenKey.init(padded:seed:)`.
    @inline(__always)
    func key(ofPadded bytes: UnsafeBufferPointer<UInt8>) -> TokenKey { TokenKey(padded: bytes, seed: seed) }

    /// Prefetches the slot of a string that will be looked up soon.
    @inline(__always)
    func prefetch(_ key: TokenKey) { processor_prefetch(slots + (Int(key.hash) & mask)) }

    /// The number of a string; nil if it is not in the table.
    func find(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? { find(bytes, key: key(of: bytes)) }

    @inline(__always)
    func find(_ bytes: UnsafeBufferPointer<UInt8>, key: TokenKey) -> UInt32? {
        let number = slots[place(of: bytes, key: key)].number
        return number == Slot.empty ? nil : number
    }

    /// The number of a string, which is added if it is not in the table.
    func insert(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 { insert(bytes, key: key(of: bytes)) }

    @inline(__always)
    func insert(_ bytes: UnsafeBufferPointer<UInt8>, key: TokenKey) -> UInt32 {
        let position = place(of: bytes, key: key)
        let number = slots[position].number
        return number == Slot.empty ? add(bytes, key, at: position) : number
    }

    /// Adds the strings of another table, from number `first` on, and calls `body` with the number here of each, in
    /// order.
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

    /// The slot that contains a string, or the empty slot where it would be inserted.
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
    /// - Throws: `TextOptionsError` if a word occurs twice, since one of its columns would have no counts.
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

    /// Random in each process, so that texts cannot be constructed to cause hash collisions. Numbers do not depend on
    /// it.
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

/// Distinct byte strings, numbered in the order of their first appearance.
///
/// Open addressing with linear probing; the bytes stand back to back in one arena. A slot holds the first bytes beside
/// the number, so that finding a short string touches nothing but its slot, and the hash, so that growing needs
/// nothing else.
final class TokenTable: @unchecked Sendable {
    private struct Slot {
        var key: UInt64
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

    /// The number of a string, nil if it isn't here.
    func find(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
        let key = Self.key(bytes)
        let number = slots[place(of: bytes, key: key, hash: hash(bytes, key: key))].number
        return number == Slot.empty ? nil : number
    }

    /// The number of a string, a new one if it wasn't here yet.
    @inline(__always)
    func insert(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let key = Self.key(bytes)
        let hash = hash(bytes, key: key)
        let position = place(of: bytes, key: key, hash: hash)
        let number = slots[position].number
        return number == Slot.empty ? add(bytes, Slot(key: key, hash: hash, number: number), at: position) : number
    }

    /// The slot that holds a string, or the empty one where it belongs.
    @inline(__always)
    private func place(of bytes: UnsafeBufferPointer<UInt8>, key: UInt64, hash: UInt32) -> Int {
        var position = Int(hash) & mask
        while slots[position].number != Slot.empty {
            if slots[position].key == key,
                bytes.count <= Self.longestKey
                    || slots[position].hash == hash && isEqual(bytes, self[slots[position].number])
            {
                break
            }
            position = (position &+ 1) & mask
        }
        return position
    }

    @inline(never)
    private func add(_ bytes: UnsafeBufferPointer<UInt8>, _ slot: Slot, at position: Int) -> UInt32 {
        precondition(count < Int(Slot.empty), "more than 2³² − 1 distinct features")
        let number = UInt32(count)
        slots[position] = Slot(key: slot.key, hash: slot.hash, number: number)
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
        slots.initialize(repeating: Slot(key: 0, hash: 0, number: Slot.empty), count: count)
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

    /// Strings of up to this length are told apart by their keys alone.
    private static let longestKey = 7

    /// The first seven bytes, and in the eighth the length, or 0xFF for longer strings.
    @inline(__always)
    private static func key(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard let start = bytes.baseAddress.map({ UnsafeRawPointer($0) }) else { return 0 }
        let count = bytes.count
        switch count {
        case 8...:
            return UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) | 0xFF << 56
        case 4...:
            let low = UInt64(UInt32(littleEndian: start.loadUnaligned(as: UInt32.self)))
            let high = UInt64(UInt32(littleEndian: start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
            return low | high &<< UInt64(8 &* (count &- 4)) | UInt64(count) << 56
        case 1...:
            let (middle, last) = (count >> 1, count &- 1)
            return UInt64(bytes[0]) | UInt64(bytes[middle]) &<< UInt64(8 &* middle)
                | UInt64(bytes[last]) &<< UInt64(8 &* last) | UInt64(count) << 56
        default: return 0
        }
    }

    /// Drawn anew in each process, so that no text can be made for its words to collide. Numbers don't depend on it.
    private static let processSeed = UInt64.random(in: 0...UInt64.max)

    /// Folds 128-bit products: of the key, and of the bytes after it eight at a time.
    @inline(__always)
    private func hash(_ bytes: UnsafeBufferPointer<UInt8>, key: UInt64) -> UInt32 {
        var state = Self.mix(key ^ seed)
        if bytes.count > Self.longestKey, let start = bytes.baseAddress.map({ UnsafeRawPointer($0) }) {
            var position = Self.longestKey
            while position &+ 8 < bytes.count {
                state = Self.mix(state ^ start.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                position &+= 8
            }
            // The last eight bytes, some of them again.
            let last = start.loadUnaligned(fromByteOffset: bytes.count &- 8, as: UInt64.self)
            state = Self.mix(state ^ last ^ UInt64(bytes.count))
        }
        return UInt32(truncatingIfNeeded: state >> 32)
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

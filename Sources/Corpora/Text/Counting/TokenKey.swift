/// What a string is looked up by in a `TokenTable`: its first bytes, which decide by themselves for short strings, and
/// a hash.
struct TokenKey {
    /// The first eight bytes, zero where the string is shorter.
    let low: UInt64
    /// The next seven, and in the last byte the length, or 0xFF for strings longer than `longest`.
    let high: UInt64
    let hash: UInt32

    /// Strings of up to this length are told apart by their keys alone.
    static let longest = 15
    /// How many bytes `init(padded:seed:)` may read, whatever the string's length.
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

    /// The same without a branch on the length, which can hardly be foreseen.
    ///
    /// - Precondition: there is at least one byte, and `padding` bytes from the first on may be read.
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

    /// Folds 128-bit products: of the key, and of the bytes after it eight at a time.
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
            // The last eight bytes, some of them again.
            let last = Self.word(start + (bytes.count &- 8))
            state = Self.fold(state ^ last ^ UInt64(bytes.count), 0x8EBC_6AF0_9C88_C6E3)
        }
        // Once more, so that the low bits, which choose the slot, depend on all others.
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

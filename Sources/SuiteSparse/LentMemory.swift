import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Memory that GraphBLAS works on without owning it. A packed array belongs to the library, which may free it
/// whenever it prefers a fresh one; what is lent survives that, because the library frees through here.
enum LentMemory {
    private static let addresses = Mutex<[UInt]>([])

    /// Keeps the memory at `pointer` from being freed until `body`, and with it every matrix that it made, is done.
    static func lending<R, E: Error>(
        _ pointer: UnsafeMutableRawPointer, _ body: () throws(E) -> R
    ) throws(E) -> R {
        let address = UInt(bitPattern: pointer)
        addresses.withLock { $0.append(address) }
        defer {
            addresses.withLock { lent in
                if let position = lent.lastIndex(of: address) { lent.remove(at: position) }
            }
        }
        return try body()
    }

    /// What the library calls instead of `free`.
    static let release: @convention(c) (UnsafeMutableRawPointer?) -> Void = { pointer in
        let address = UInt(bitPattern: pointer)
        if !addresses.withLock({ $0.contains(address) }) { free(pointer) }
    }
}

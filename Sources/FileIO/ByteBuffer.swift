import Allocation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Bytes that grow at the end, outside Swift's arrays: growing a large block moves its pages instead of copying them.
package final class ByteBuffer: @unchecked Sendable {
    package private(set) var count = 0
    private var capacity = 0
    private var start: UnsafeMutableRawPointer?

    package init() {}

    deinit { free(start) }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Makes room for at least `minimum` bytes, lets `fill` write at the end, and takes in as many as it says it wrote.
    package func append<E: Error>(
        minimum: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) -> Int {
        if capacity - count < minimum {
            let wanted = max(capacity * 2, count + minimum)
            guard let grown = realloc(start, wanted) else { OutOfMemory.end(wanted) }
            start = grown
            capacity = wanted
        }
        let room = UnsafeMutableRawBufferPointer(start: start.map { $0 + count }, count: capacity - count)
        let written = try fill(room)
        precondition(written >= 0 && written <= room.count, "\(written) bytes do not fit in \(room.count)")
        count += written
        return written
    }
}

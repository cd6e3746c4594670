import Allocation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A fixed-size block of trivial elements outside Swift's arrays, aligned to cache lines and, if it is large, to huge
/// pages, since gathers from a large matrix are limited by address translation as much as by the cache.
///
/// Only the holder of the only reference may write; value types built on this class ensure it by copy-on-write.
package final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    package let count: Int
    package let baseAddress: UnsafeMutablePointer<Element>

    /// Allocates without initialising; every element must be written before it is read.
    package init(uninitialized count: Int) {
        precondition(count >= 0, "a buffer cannot hold \(count) elements")
        self.count = count
        let bytes = max(count * MemoryLayout<Element>.stride, 1)
        let isLarge = bytes >= 1 << 22
        var raw: UnsafeMutableRawPointer?
        let status = posix_memalign(&raw, isLarge ? 1 << 21 : 64, bytes)
        guard status == 0, let raw else { OutOfMemory.end(bytes) }
        #if canImport(Glibc)
            if isLarge { madvise(raw, bytes, MADV_HUGEPAGE) }
        #endif
        baseAddress = raw.bindMemory(to: Element.self, capacity: count)
    }

    package convenience init(repeating element: Element, count: Int) {
        self.init(uninitialized: count)
        baseAddress.initialize(repeating: element, count: count)
    }

    package convenience init(_ elements: [Element]) {
        self.init(uninitialized: elements.count)
        elements.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { baseAddress.initialize(from: start, count: source.count) }
        }
    }

    deinit { free(baseAddress) }

    package var elements: UnsafeMutableBufferPointer<Element> {
        UnsafeMutableBufferPointer(start: baseAddress, count: count)
    }

    package func copy() -> AlignedBuffer {
        let other = AlignedBuffer(uninitialized: count)
        other.baseAddress.initialize(from: baseAddress, count: count)
        return other
    }
}

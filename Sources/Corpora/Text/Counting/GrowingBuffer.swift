import Allocation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A growable buffer of trivial elements outside Swift's arrays, so that inner loops append with a check for capacity
/// only.
final class GrowingBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    private(set) var count = 0
    private var capacity: Int
    private(set) var start: UnsafeMutablePointer<Element>

    init(capacity: Int = 64) {
        self.capacity = max(capacity, 1)
        start = Self.resize(nil, to: self.capacity)
    }

    deinit { free(start) }

    var elements: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: start, count: count) }

    func removeAll() { count = 0 }

    /// - Precondition: there are at least `removed` elements.
    func removeLast(_ removed: Int) { count -= removed }

    @inline(__always)
    func append(_ element: Element) {
        if count == capacity { grow(to: count + 1) }
        start[count] = element
        count &+= 1
    }

    @inline(__always)
    func append(_ elements: UnsafeBufferPointer<Element>) {
        reserve(elements.count)
        if let source = elements.baseAddress { (start + count).update(from: source, count: elements.count) }
        count &+= elements.count
    }

    /// Makes room for `additional` more elements at the end.
    @inline(__always)
    func reserve(_ additional: Int) {
        if capacity &- count < additional { grow(to: count + additional) }
    }

    /// Appends elements that have been written to reserved memory.
    @inline(__always)
    func take(_ written: Int) { count &+= written }

    @inline(never)
    private func grow(to minimum: Int) {
        capacity = max(capacity * 2, minimum)
        start = Self.resize(start, to: capacity)
    }

    private static func resize(_ start: UnsafeMutablePointer<Element>?, to capacity: Int)
        -> UnsafeMutablePointer<Element>
    {
        let bytes = capacity * MemoryLayout<Element>.stride
        guard let raw = realloc(start, bytes) else { OutOfMemory.end(bytes) }
        return raw.bindMemory(to: Element.self, capacity: capacity)
    }
}

import SparseMatrices

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A copy of a state in memory, which can be read while training goes on. Its memory is used again for the next copy.
package final class StateImage {
    private struct Place {
        let name: String
        let kind: StateWalk.Part.Kind
        let shape: [Int]
        let bytes: Range<Int>
    }

    private var places: [Place] = []
    private var memory = AlignedBuffer<UInt8>(uninitialized: 0)

    package init() {}

    /// The size of the memory for copies, in bytes.
    package var byteCount: Int { memory.count }

    /// The size of a state, in bytes.
    ///
    /// - Complexity: O(parts).
    package static func byteCount(of visit: (StateWalk) -> Void) -> Int {
        var count = 0
        visit(StateWalk(filling: false) { count += aligned($0.bytes.count) })
        return count
    }

    /// Parts begin at multiples of a cache line.
    private static func aligned(_ count: Int) -> Int { (count + 63) / 64 * 64 }

    /// Copies a state.
    ///
    /// - Parameter visit: called twice.
    /// - Complexity: O(size), on several threads.
    package func capture(parallelism: Parallelism, _ visit: (StateWalk) -> Void) {
        let needed = Self.byteCount(of: visit)
        if needed > memory.count {
            // Freed before there is a larger one.
            memory = AlignedBuffer(uninitialized: 0)
            memory = AlignedBuffer(uninitialized: needed)
        }
        places.removeAll(keepingCapacity: true)
        var end = 0
        visit(
            StateWalk(filling: false) { [self] part in
                let place = end..<end + part.bytes.count
                places.append(Place(name: part.name, kind: part.kind, shape: part.shape, bytes: place))
                copy(UnsafeRawBufferPointer(part.bytes), to: place.lowerBound, parallelism)
                end += Self.aligned(part.bytes.count)
            })
    }

    private func copy(_ bytes: UnsafeRawBufferPointer, to start: Int, _ parallelism: Parallelism) {
        guard let source = bytes.baseAddress else { return }
        // Each block writes to memory of its own.
        nonisolated(unsafe) let (from, to) = (source, memory.baseAddress + start)
        parallelism.forEachRange(of: bytes.count, blockSize: Self.blockSize) { range in
            memcpy(to + range.lowerBound, from + range.lowerBound, range.count)
        }
    }

    /// So long that copying does not go through the cache, which would have to read the target first.
    private static let blockSize = 4 << 20

    /// Shows the parts as the state itself did.
    package func visit(_ walk: StateWalk) {
        for place in places {
            walk.show(
                StateWalk.Part(
                    name: place.name, kind: place.kind, shape: place.shape,
                    bytes: UnsafeMutableRawBufferPointer(
                        UnsafeMutableBufferPointer(rebasing: memory.elements[place.bytes]))))
        }
    }
}

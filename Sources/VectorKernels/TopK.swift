extension Kernels {
    package static func keepTopK(count: Int, k: Int, x: UnsafeMutablePointer<Float>) {
        relu(count: count, x: x)
        let bits = UnsafeMutableRawPointer(x).assumingMemoryBound(to: Int32.self)
        if k >= count || countAtLeast(1, bits, count) <= k { return }
        let threshold = kthLargest(bits, count: count, k: k)
        var ties = k &- countAtLeast(threshold &+ 1, bits, count)
        for i in 0..<count where bits[i] <= threshold {
            if bits[i] == threshold, ties > 0 { ties &-= 1 } else { x[i] = 0 }
        }
    }

    /// The bit pattern of the k-th largest entry, by bisection: the bits of non-negative floats are ordered as the
    /// floats are, so 31 counting passes settle it with neither scratch memory nor branches on the data.
    @inline(__always)
    private static func kthLargest(_ bits: UnsafePointer<Int32>, count: Int, k: Int) -> Int32 {
        var threshold: Int32 = 0
        var bit: Int32 = 1 << 30
        while bit != 0 {
            if countAtLeast(threshold | bit, bits, count) >= k { threshold |= bit }
            bit >>= 1
        }
        return threshold
    }

    @inline(__always)
    private static func countAtLeast(_ threshold: Int32, _ bits: UnsafePointer<Int32>, _ count: Int) -> Int {
        var hits = SIMD8<Int32>(repeating: 0)
        let bound = SIMD8<Int32>(repeating: threshold)
        var i = 0
        while i &+ 8 <= count {
            let lanes = UnsafeRawPointer(bits + i).loadUnaligned(as: SIMD8<Int32>.self)
            hits.replace(with: hits &+ 1, where: lanes .>= bound)
            i &+= 8
        }
        var total = Int(hits.wrappedSum())
        while i < count {
            if bits[i] >= threshold { total &+= 1 }
            i &+= 1
        }
        return total
    }
}

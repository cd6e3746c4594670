import VectorKernelInterface

/// The kernels of this build of the module, all static: see `VectorKernelSet` for what each computes.
package enum Kernels: VectorKernelSet {
    #if KERNELS_V3
        package static var name: String { "x86-64-v3" }
    #else
        package static var name: String { "baseline" }
    #endif
}

/// Eight floats: one AVX register, or a pair of SSE or NEON ones.
typealias Lanes = SIMD8<Float>

@inline(__always)
func load(_ pointer: UnsafePointer<Float>, _ offset: Int) -> Lanes {
    UnsafeRawPointer(pointer + offset).loadUnaligned(as: Lanes.self)
}

@inline(__always)
func load(_ pointer: UnsafeMutablePointer<Float>, _ offset: Int) -> Lanes {
    UnsafeRawPointer(pointer + offset).loadUnaligned(as: Lanes.self)
}

@inline(__always)
func store(_ lanes: Lanes, _ pointer: UnsafeMutablePointer<Float>, _ offset: Int) {
    UnsafeMutableRawPointer(pointer + offset).storeBytes(of: lanes, as: Lanes.self)
}

/// accumulator + a·b. Fused only where the processor has the instruction: on baseline x86-64 the fused form is a
/// call to `fmaf` for every lane, twenty times slower.
@inline(__always)
func multiplyAdd(_ accumulator: Lanes, _ a: Lanes, _ b: Lanes) -> Lanes {
    #if KERNELS_V3 || arch(arm64)
        accumulator.addingProduct(a, b)
    #else
        accumulator + a * b
    #endif
}

@inline(__always)
func multiplyAdd(_ accumulator: Float, _ a: Float, _ b: Float) -> Float {
    #if KERNELS_V3 || arch(arm64)
        accumulator.addingProduct(a, b)
    #else
        accumulator + a * b
    #endif
}

extension Kernels {
    package static func axpy(count: Int, alpha: Float, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>) {
        let factor = Lanes(repeating: alpha)
        var i = 0
        while i &+ 8 <= count {
            store(multiplyAdd(load(y, i), factor, load(x, i)), y, i)
            i &+= 8
        }
        while i < count {
            y[i] = multiplyAdd(y[i], alpha, x[i])
            i &+= 1
        }
    }

    package static func dot(count: Int, x: UnsafePointer<Float>, y: UnsafePointer<Float>) -> Float {
        var sums = Lanes(repeating: 0)
        var i = 0
        while i &+ 8 <= count {
            sums = multiplyAdd(sums, load(x, i), load(y, i))
            i &+= 8
        }
        var total = sums.sum()
        while i < count {
            total = multiplyAdd(total, x[i], y[i])
            i &+= 1
        }
        return total
    }

    package static func addMoments(
        count: Int, weight: Float, scale: Float, x: UnsafePointer<Float>, first: UnsafeMutablePointer<Float>,
        second: UnsafeMutablePointer<Float>
    ) {
        let weights = Lanes(repeating: weight), scales = Lanes(repeating: scale)
        var i = 0
        while i &+ 8 <= count {
            let lanes = scales * load(x, i)
            store(multiplyAdd(load(first, i), weights, lanes), first, i)
            store(multiplyAdd(load(second, i), weights, lanes * lanes), second, i)
            i &+= 8
        }
        while i < count {
            let value = scale * x[i]
            first[i] = multiplyAdd(first[i], weight, value)
            second[i] = multiplyAdd(second[i], weight, value * value)
            i &+= 1
        }
    }

    package static func scale(count: Int, alpha: Float, x: UnsafeMutablePointer<Float>) {
        let factor = Lanes(repeating: alpha)
        var i = 0
        while i &+ 8 <= count {
            store(load(x, i) * factor, x, i)
            i &+= 8
        }
        while i < count {
            x[i] *= alpha
            i &+= 1
        }
    }
}

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

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

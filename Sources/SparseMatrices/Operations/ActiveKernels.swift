import CProcessor
import VectorKernelInterface
import VectorKernels

#if canImport(VectorKernelsV3)
    import VectorKernelsV3
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The kernels in use: the fastest that this processor runs, chosen once at start.
/// Set the environment variable `GOSSAMER_KERNELS=baseline` to force the portable ones.
package let kernels: any VectorKernelSet.Type = KernelChoice.best

/// All kernel sets that this processor runs, the baseline first; for tests that compare them.
package let availableKernels: [any VectorKernelSet.Type] = KernelChoice.available

private enum KernelChoice {
    static var available: [any VectorKernelSet.Type] {
        #if canImport(VectorKernelsV3)
            if processor_supports_x86_64_v3() != 0 {
                return [VectorKernels.Kernels.self, VectorKernelsV3.Kernels.self]
            }
        #endif
        return [VectorKernels.Kernels.self]
    }

    static var best: any VectorKernelSet.Type {
        if let forced = getenv("GOSSAMER_KERNELS"), String(cString: forced) == "baseline" {
            return VectorKernels.Kernels.self
        }
        return available[available.count - 1]
    }
}

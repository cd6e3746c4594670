import COpenBLAS
import CProcessor
import VectorKernelInterface
import VectorKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

#if canImport(VectorKernelsV3)
    import VectorKernelsV3
#endif

/// The kernels in use: the fastest that this processor supports, chosen once at start.
/// Set the environment variable `GOSSAMER_KERNELS=baseline` to use the portable ones.
package let kernels: any VectorKernelSet.Type = KernelChoice.best

/// All kernel sets that this processor supports, the baseline first; for tests that compare them.
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

/// The numerical libraries, as found at run time.
package enum ComputingLibraries {
    /// The version of OpenBLAS, such as `0.3.21`.
    package static var openBLAS: String {
        // The configuration begins with `OpenBLAS 0.3.21`; build options follow.
        let words = String(cString: openblas_get_config()).split(separator: " ")
        return words.dropFirst().first.map(String.init) ?? "unknown"
    }

    /// The processor type for which OpenBLAS chose its kernels, such as `Haswell`.
    package static var openBLASCore: String { String(cString: openblas_get_corename()) }
}

import COpenBLAS
import CProcessor

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension ComputingLibraries {
    /// Gives OpenBLAS the kernels of this processor where it does not know the processor.
    ///
    /// OpenBLAS chooses its kernels by the processor's model number as it is loaded. For a processor younger than the
    /// library it takes those of the Prescott of 2004, whatever the processor can do: about half the speed of a product.
    /// The environment variable `OPENBLAS_CORETYPE`, if it is set, decides as ever.
    ///
    /// - Precondition: no other thread is in OpenBLAS; call it before any work.
    package static func chooseOpenBLASCore() {
        guard getenv(coreVariable) == nil, let core = betterCore(than: openBLASCore) else { return }
        // Exported by all builds that choose at run time, and declared by no header.
        guard let quit = function("gotoblas_dynamic_quit"), let start = function("gotoblas_dynamic_init") else {
            return
        }
        setenv(coreVariable, core, 0)
        quit()
        start()
        // Not for the programs that this one may start.
        unsetenv(coreVariable)
    }

    /// The name of the core with the kernels that this processor can run; nil if `core` was chosen by its model.
    static func betterCore(than core: String) -> String? {
        guard core == "Prescott", processor_supports_x86_64_v3() != 0 else { return nil }
        return processor_supports_x86_64_v4() != 0 ? "SkylakeX" : "Haswell"
    }

    private static let coreVariable = "OPENBLAS_CORETYPE"

    private static func function(_ name: String) -> (@convention(c) () -> Void)? {
        dlsym(UnsafeMutableRawPointer(bitPattern: 0), name).map {
            unsafeBitCast($0, to: (@convention(c) () -> Void).self)
        }
    }
}

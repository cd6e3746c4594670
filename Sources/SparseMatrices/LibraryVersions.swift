import COpenBLAS

/// The libraries that compute, as they are found when the program runs.
package enum ComputingLibraries {
    /// Such as `0.3.21`.
    package static var openBLAS: String {
        // The configuration begins with `OpenBLAS 0.3.21`; what it was built with follows.
        let words = String(cString: openblas_get_config()).split(separator: " ")
        return words.dropFirst().first.map(String.init) ?? "unknown"
    }

    /// The processor whose kernels OpenBLAS chose, such as `Haswell`.
    package static var openBLASCore: String { String(cString: openblas_get_corename()) }
}

import FileIO
import SparseMatrices

/// The version of this package, according to semantic versioning.
package let gossamerVersion = "0.1.0"

/// The components of a program of this package and their versions, as needed in a bug report.
package struct VersionReport: Encodable, Sendable {
    package let version = gossamerVersion
    /// The version of the compiler, major and minor.
    package let swift = compilerVersion
    /// The kernels that are used: `baseline` or `x86-64-v3`.
    package let kernels = SparseMatrices.kernels.name
    package let openblas = ComputingLibraries.openBLAS
    /// The processor type for which OpenBLAS chose its kernels.
    package let openblasCore = ComputingLibraries.openBLASCore
    package let libarchive = ReadingLibraries.libarchive
    package let zlib = ReadingLibraries.zlib
    /// The version of GraphBLAS; nil if it is not installed.
    package let graphblas: String?

    /// - Parameter graphblas: the version of GraphBLAS, for programs that can use it; nil if it is not installed.
    package init(graphblas: String?) { self.graphblas = graphblas }

    private enum CodingKeys: String, CodingKey {
        case version, swift, kernels, openblas, openblasCore = "openblas_core", libarchive, zlib, graphblas
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(swift, forKey: .swift)
        try container.encode(kernels, forKey: .kernels)
        try container.encode(openblas, forKey: .openblas)
        try container.encode(openblasCore, forKey: .openblasCore)
        try container.encode(libarchive, forKey: .libarchive)
        try container.encode(zlib, forKey: .zlib)
        // Encoded even if nil: null means that it is not installed.
        try container.encode(graphblas, forKey: .graphblas)
    }

    /// Whether the arguments request this report, `--version --json`; for `--version` alone the parser prints one line.
    package static func isRequested(by arguments: some Sequence<String>) -> Bool {
        arguments.sorted() == ["--json", "--version"]
    }
}

private var compilerVersion: String {
    #if compiler(>=6.5)
        "6.5 or later"
    #elseif compiler(>=6.4)
        "6.4"
    #elseif compiler(>=6.3)
        "6.3"
    #else
        "6.2"
    #endif
}

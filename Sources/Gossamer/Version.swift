import FileIO
import SparseMatrices

/// The version of this package, by the rules of semantic versioning.
package let gossamerVersion = "0.1.0"

/// What a program of this package consists of, as it runs here: what a report of a fault should come with.
package struct VersionReport: Encodable, Sendable {
    package let version = gossamerVersion
    /// Of the compiler, major and minor.
    package let swift = compilerVersion
    /// The kernels in use: `baseline` or `x86-64-v3`.
    package let kernels = SparseMatrices.kernels.name
    package let openblas = ComputingLibraries.openBLAS
    /// The processor whose kernels OpenBLAS chose.
    package let openblasCore = ComputingLibraries.openBLASCore
    package let libarchive = ReadingLibraries.libarchive
    package let zlib = ReadingLibraries.zlib
    /// nil where it is not installed.
    package let graphblas: String?

    /// - Parameter graphblas: the version of GraphBLAS, for a program that can use it and where it is installed.
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
        // Not left out: null says that it is not installed.
        try container.encode(graphblas, forKey: .graphblas)
    }

    /// Whether arguments ask for this report, `--version --json`; a parser answers `--version` alone by one line.
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

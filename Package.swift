// swift-tools-version: 6.2
import PackageDescription

// All below the programs stays optimised in debug builds too, so that the tests run on real data in reasonable time.
let optimisedInDebug = SwiftSetting.unsafeFlags(["-O"], .when(configuration: .debug))

// exp, log, cos, lnΓ and the like of the C library.
let elementaryFunctions: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")

// Calls of the system that are tried again when a signal interrupts them.
let systemCalls: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

// The leaves are compiled twice from the same files: for the baseline of the architecture and, on x86-64, for
// AVX2 and FMA (x86-64-v3). The faster set is chosen once at start, by what the processor has.
#if arch(x86_64)
    let kernelVariants: [Target] = [
        .target(
            name: "VectorKernelsV3",
            dependencies: ["VectorKernelInterface", "CProcessor", elementaryFunctions],
            swiftSettings: [optimisedInDebug, .define("KERNELS_V3"), .unsafeFlags(["-Xcc", "-march=x86-64-v3"])])
    ]
    let limitVariants: [Target] = [
        .target(
            name: "LimitLoopsV3",
            dependencies: ["CProcessor"],
            swiftSettings: [optimisedInDebug, .define("LIMITS_V3"), .unsafeFlags(["-Xcc", "-march=x86-64-v3"])])
    ]
#else
    let kernelVariants: [Target] = []
    let limitVariants: [Target] = []
#endif

let package = Package(
    name: "gossamer",
    products: [
        .library(
            name: "Gossamer",
            targets: ["Gossamer", "Evaluation", "Autoencoders", "Corpora", "SparseMatrices", "TensorFiles", "FileIO"]),
        .library(name: "SuiteSparse", targets: ["SuiteSparse"]),
        .library(name: "CGossamer", type: .dynamic, targets: ["CGossamer"]),
        .executable(name: "gossamer", targets: ["GossamerCommand"]),
        .executable(name: "gossamer-bench", targets: ["GossamerBench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.4.0"),
    ],
    targets: [
        .systemLibrary(name: "CGraphBLAS", providers: [.apt(["libgraphblas-dev"])]),
        .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CArchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
        .systemLibrary(name: "CPCRE2", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CProcessor"),

        .target(name: "VectorKernelInterface", swiftSettings: [optimisedInDebug]),
        .target(
            name: "VectorKernels",
            dependencies: ["VectorKernelInterface", "CProcessor", elementaryFunctions],
            swiftSettings: [optimisedInDebug]),
        .target(
            name: "SparseMatrices",
            dependencies: [
                "Allocation", "VectorKernelInterface", "VectorKernels", "CProcessor", "COpenBLAS",
                .product(name: "HeapModule", package: "swift-collections"),
            ]
                + kernelVariants.map { .byName(name: $0.name) }, swiftSettings: [optimisedInDebug]),
        .target(
            name: "SuiteSparse", dependencies: ["SparseMatrices", "CGraphBLAS"], swiftSettings: [optimisedInDebug]),
        .target(name: "Allocation"),
        .target(
            name: "FileIO", dependencies: ["Allocation", "CArchive", "CZlib", systemCalls],
            swiftSettings: [optimisedInDebug]),
        .target(
            name: "TensorFiles", dependencies: ["FileIO", "CArchive", systemCalls], swiftSettings: [optimisedInDebug]),
        .target(
            name: "Corpora",
            dependencies: [
                "Allocation", "SparseMatrices", "TensorFiles", "FileIO", "CProcessor", "CStemmer", "CPCRE2",
                elementaryFunctions,
            ],
            swiftSettings: [optimisedInDebug]),
        .target(
            name: "Autoencoders", dependencies: ["SparseMatrices", elementaryFunctions],
            swiftSettings: [optimisedInDebug]),
        .target(
            name: "Gossamer", dependencies: ["Autoencoders", "Corpora", "SparseMatrices", "TensorFiles", "FileIO"],
            swiftSettings: [optimisedInDebug]),
        .target(
            name: "Evaluation",
            dependencies: ["Gossamer", "Autoencoders", "Corpora", "SparseMatrices", "FileIO", elementaryFunctions],
            swiftSettings: [optimisedInDebug]),
        // The page's files become part of the program, which may then be moved anywhere.
        .target(
            name: "Report",
            dependencies: [
                "Gossamer", "Evaluation", "Autoencoders", "Corpora", "SparseMatrices", "FileIO", "CZlib",
                elementaryFunctions, .product(name: "HeapModule", package: "swift-collections"),
            ],
            resources: [
                .embedInCode("Resources/page.html"), .embedInCode("Resources/report.css"),
                .embedInCode("Resources/data.js"), .embedInCode("Resources/charts.js"),
                .embedInCode("Resources/scatter.js"), .embedInCode("Resources/panels.js"),
                .embedInCode("Resources/report.js"),
            ],
            swiftSettings: [optimisedInDebug]),
        .target(name: "CGossamerInterface"),
        .target(
            name: "CGossamer",
            dependencies: [
                "CGossamerInterface", "Gossamer", "Evaluation", "Report", "Autoencoders", "Corpora", "SparseMatrices", "FileIO",
            ],
            swiftSettings: [optimisedInDebug]),

        .executableTarget(
            name: "GossamerCommand",
            dependencies: [
                "Allocation", "Gossamer", "Evaluation", "Report", "Autoencoders", "Corpora", "SparseMatrices",
                "SuiteSparse",
                "TensorFiles", "FileIO", systemCalls,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .target(name: "LimitLoops", dependencies: ["CProcessor"], swiftSettings: [optimisedInDebug]),
        .executableTarget(
            name: "GossamerBench",
            dependencies: [
                "Gossamer", "Evaluation", "Autoencoders", "Corpora", "SparseMatrices", "SuiteSparse", "TensorFiles",
                "FileIO", "VectorKernelInterface", "LimitLoops", "CProcessor", "CArchive",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ] + limitVariants.map { .byName(name: $0.name) },
            exclude: ["Peers"]),

        // Not tests but the bounds that they share.
        .target(name: "NumericTolerance", path: "Tests/NumericTolerance"),
        .testTarget(
            name: "SparseMatricesTests",
            dependencies: [
                "Allocation", "SparseMatrices", "SuiteSparse", "NumericTolerance", "CProcessor", elementaryFunctions,
            ]),
        .testTarget(name: "FileIOTests", dependencies: ["FileIO"]),
        .testTarget(name: "TensorFilesTests", dependencies: ["TensorFiles", "FileIO"]),
        .testTarget(
            name: "CorporaTests", dependencies: ["Corpora", "SparseMatrices", "TensorFiles", "FileIO"],
            exclude: ["SciPy/Fixtures", "Text/Fixtures"]),
        .testTarget(
            name: "AutoencodersTests",
            dependencies: ["Autoencoders", "SparseMatrices", "NumericTolerance", elementaryFunctions]),
        .target(
            name: "CGossamerProgram", dependencies: ["CGossamerInterface", "CGossamer"], path: "Tests/CGossamerProgram"),
        .testTarget(
            name: "CGossamerTests",
            dependencies: [
                "CGossamer", "CGossamerInterface", "CGossamerProgram", "Gossamer", "Autoencoders", "Corpora",
                "SparseMatrices", "FileIO",
            ]),
        .testTarget(
            name: "GossamerTests",
            dependencies: [
                "Gossamer", "Autoencoders", "Corpora", "SparseMatrices", "SuiteSparse", "TensorFiles", "FileIO",
                "NumericTolerance", elementaryFunctions,
            ]),
        .testTarget(
            name: "EvaluationTests",
            dependencies: [
                "Evaluation", "Gossamer", "Autoencoders", "Corpora", "SparseMatrices", "FileIO", "NumericTolerance",
                elementaryFunctions,
            ]),
        .testTarget(
            name: "ReportTests",
            dependencies: [
                "Report", "Evaluation", "Gossamer", "Autoencoders", "Corpora", "SparseMatrices", "FileIO",
                elementaryFunctions,
            ]),
        .testTarget(
            name: "CommandTests",
            dependencies: ["GossamerCommand", "Gossamer", "Autoencoders", "Corpora", "TensorFiles", "FileIO"],
            // Tests compile it themselves: it is to be loaded before the program's own libraries.
            exclude: ["FaultShim.c"]),
        .testTarget(name: "BenchTests", dependencies: ["Corpora", "GossamerBench"]),
    ] + kernelVariants + limitVariants,
    swiftLanguageModes: [.v6]
)

// The documentation is built by a plugin that nothing else needs; see Sources/Gossamer/Gossamer.docc.
if Context.environment["GOSSAMER_DOCUMENTATION"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0"))
}

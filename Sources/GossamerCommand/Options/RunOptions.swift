import Allocation
import ArgumentParser
import Autoencoders
import SparseMatrices
import SuiteSparse

/// What every command takes.
struct RunOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where all chance comes from: same seed, same bytes on one kind of processor.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("How many threads to use; the results do not depend on it.", valueName: "n"))
    var threads: Int?

    @Option(help: "How progress is shown: auto, bar, plain, jsonl or none.")
    var progress = ProgressStyle.auto

    @Flag(help: "Print exactly one JSON object to stdout.")
    var json = false

    func validate() throws {
        if let threads, !(1...Self.mostThreads).contains(threads) {
            throw ValidationError("--threads needs a number from 1 to \(Self.mostThreads), not \(threads)")
        }
        AddressSpace.require(parallelism.threads * AddressSpace.bytesPerThread)
    }

    private static let mostThreads = 1024

    var parallelism: Parallelism { threads.map(Parallelism.init(threads:)) ?? .allCores }
}

/// Who multiplies sparse by dense.
enum BackendName: String, ExpressibleByArgument, CaseIterable {
    case swift, graphblas

    /// - Throws: `GraphBLASNotInstalled`; `GraphBLASError` if the library cannot be started.
    func load() throws -> any SparseBackend {
        switch self {
        case .swift: SwiftKernels()
        case .graphblas: try GraphBLASBackend()
        }
    }
}

struct BackendOption: ParsableArguments {
    @Option(help: "Who multiplies sparse by dense: swift (fastest) or graphblas.")
    var backend = BackendName.swift

    /// - Throws: `GraphBLASNotInstalled` now rather than in the middle of the work.
    func execution(_ parallelism: Parallelism) throws -> Execution {
        Execution(backend: try backend.load(), parallelism: parallelism)
    }
}

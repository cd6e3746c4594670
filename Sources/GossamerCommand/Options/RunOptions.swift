import Allocation
import ArgumentParser
import Autoencoders
import FileIO
import SparseMatrices
import SuiteSparse

/// The options of every command.
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

/// The library that computes products of sparse and dense matrices.
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
    @Option(help: "Library for sparse-dense products: swift (fastest) or graphblas.")
    var backend = BackendName.swift

    /// - Throws: `GraphBLASNotInstalled`, before any work is done.
    func execution(_ parallelism: Parallelism) throws -> Execution {
        Execution(backend: try backend.load(), parallelism: parallelism)
    }
}

/// Checks the output paths of a command.
enum OutputPaths {
    /// - Parameters:
    ///   - outputs: the paths, by the option that names them.
    ///   - inputs: files and folders that the command reads.
    ///   - json: whether a JSON object is written to standard output.
    /// - Throws: `ValidationError` if a name is empty, two outputs have the same path, an output would overwrite an
    ///   input or a file in an input folder, however the paths are spelled, or two inputs are stdin.
    static func check(_ outputs: KeyValuePairs<String, String?>, inputs: [String?], json: Bool = false) throws {
        var names: [String: String] = json ? ["-": "the JSON object"] : [:]
        var places: [PathPlace: String] = [:]
        let inputs = inputs.compactMap { $0 }
        let read = Set(inputs.compactMap { $0 == "-" ? PathPlace.standardInput : PathPlace(path: $0) })
        for (option, path) in outputs {
            guard let path else { continue }
            if path.isEmpty { throw ValidationError("\(option) needs the name of a file") }
            let place = PathPlace(path: path)
            if let other = names[path] ?? place.flatMap({ places[$0] }) {
                let place = path == "-" ? "standard output" : path
                throw ValidationError("\(option) and \(other) cannot both go to \(place); give different files")
            }
            let isInFolder = FileKind(path: path) == .file && inputs.contains { PathPlace.isBelow(path, folder: $0) }
            if path != "-", inputs.contains(path) || place.map(read.contains) == true || isInFolder {
                throw ValidationError(
                    "\(option): \(path) is an input of this command, which would be lost; give another file")
            }
            names[path] = option
            if let place { places[place] = option }
        }
        if inputs.count(where: { $0 == "-" }) > 1 {
            throw ValidationError("standard input can be read once only; give a file in place of one -")
        }
    }
}

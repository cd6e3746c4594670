import Corpora
import FileIO
import Foundation

/// What is fuzzed: a format, valid inputs of it, and how mutants are read.
struct FuzzSubject {
    let name: String
    let seeds: [FuzzInput]
    /// Strings that mean something in the format.
    let tokens: [String]
    /// - Returns: whether the mutant was accepted; false if it was refused with an error that says why.
    /// - Throws: `FuzzFailure`.
    let read: (_ path: String, inout Mutator) throws -> Bool

    /// Every format that a corpus has, vocabularies and models.
    ///
    /// - Throws: if a model to make mutants of cannot be trained or saved.
    static func all() throws -> [FuzzSubject] {
        try CorpusFormat.allCases.map(FuzzSubject.init) + [vocabulary(), models()]
    }

    private init(
        _ name: String, _ seeds: [FuzzInput], tokens: [String],
        read: @escaping (String, inout Mutator) throws -> Bool
    ) {
        (self.name, self.seeds, self.tokens, self.read) = (name, seeds, tokens, read)
    }

    private init(_ format: CorpusFormat) throws {
        let seeds = try FuzzSeeds.of(format)
        self.init(format.rawValue, seeds.inputs, tokens: seeds.tokens) { path, mutator in
            try CorpusRoutes(path: path, mutator: &mutator).check()
        }
    }

    /// Words beside a matrix that stays as it is.
    private static func vocabulary() -> FuzzSubject {
        FuzzSubject("vocabulary", FuzzSeeds.vocabularies, tokens: ["sun\n", "word 3\n", " 12"]) { path, mutator in
            try CorpusRoutes(vocabulary: path, mutator: &mutator).check()
        }
    }

    private static func models() throws -> FuzzSubject {
        let check = try ModelCheck()
        return FuzzSubject(
            "model", check.seeds, tokens: ["\"shape\":[1]", "\"F32\"", "relu", "topk:2", "vae", "sae", "null"]
        ) { path, _ in try check.accepts(path) }
    }
}

/// A mutant that was not read as it should be.
struct FuzzFailure: Error, CustomStringConvertible {
    let description: String
}

/// A valid input that mutants are made of: one file, an archive of files, or a folder of them.
struct FuzzInput {
    enum Packing {
        case file
        /// A zip archive, whose checksums are right whatever becomes of its files.
        case zip
        /// Two parts, a head and what follows it, with the head's length in eight bytes before them, as safetensors
        /// files have it.
        case headed
        case folder
    }

    /// The name of the file or folder, whose ending may claim a format.
    var name: String
    var packing = Packing.file
    /// Of a single file one part, whose name is not used.
    var parts: [(name: String, bytes: [UInt8])]

    init(_ name: String, _ text: String) {
        self.init(name, Array(text.utf8))
    }

    init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        parts = [("", bytes)]
    }

    init(_ name: String, _ packing: Packing, _ parts: [(name: String, bytes: [UInt8])]) {
        self.name = name
        self.packing = packing
        self.parts = parts
    }

    /// A mutant: some part is changed, now and then also what holds the parts, the compression or the name.
    func mutated(by mutator: inout Mutator, beside others: [FuzzInput]) -> FuzzInput {
        var mutant = self
        let other = mutator.pick(mutator.pick(others).parts).bytes
        let part = mutator.below(parts.count)
        mutator.mutate(&mutant.parts[part].bytes, beside: other)
        if packing == .folder { return mutant }
        var bytes = mutant.packed
        if packing != .file, mutator.below(8) == 0 { mutator.mutate(&bytes, beside: other) }
        if mutator.below(8) == 0 {
            bytes = ArchiveBytes.compressed(bytes, by: mutator.pick(Compression.allCases))
            if mutator.below(2) == 0 { mutator.mutate(&bytes, beside: other) }
        }
        let endings = ["", ".svm", ".txt", ".tsv", ".mtx", ".npz", ".ldac", ".jsonl", ".safetensors", ".gz", ".csv"]
        return FuzzInput(mutator.below(8) == 0 ? "input" + mutator.pick(endings) : name, bytes)
    }

    /// - Precondition: this is no folder.
    private var packed: [UInt8] {
        precondition(packing != .folder, "a folder is not bytes")
        switch packing {
        case .zip: return ArchiveBytes.zip(parts)
        case .headed:
            let length = withUnsafeBytes(of: UInt64(parts[0].bytes.count).littleEndian) { Array($0) }
            return length + parts[0].bytes + parts[1].bytes
        case .file, .folder: return parts[0].bytes
        }
    }

    /// Writes the input into a folder and tells its path there.
    func write(into folder: URL) throws -> String {
        let place = folder.appending(path: name)
        guard packing == .folder else {
            try Data(packed).write(to: place)
            return place.path
        }
        for part in parts {
            let file = place.appending(path: part.name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(part.bytes).write(to: file)
        }
        return place.path
    }
}

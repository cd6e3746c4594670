import Corpora
import FileIO
import Foundation

/// A subject of fuzzing: a format, valid inputs, and how mutants are read.
struct FuzzSubject {
    let name: String
    let seeds: [FuzzInput]
    /// Strings with a meaning in the format.
    let tokens: [String]
    /// - Returns: whether the mutant was accepted; false if it was rejected with an error that gives the reason.
    /// - Throws: `FuzzFailure`.
    let read: (_ path: String, inout Mutator) throws -> Bool

    /// All corpus formats, vocabularies and models.
    ///
    /// - Throws: if a model to be mutated cannot be trained or saved.
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

    /// Vocabulary files beside an unchanged matrix.
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

/// The error for a mutant that was not read correctly.
struct FuzzFailure: Error, CustomStringConvertible {
    let description: String
}

/// A valid input that mutants are made from: one file, an archive of files, or a folder of files.
struct FuzzInput {
    enum Packing {
        case file
        /// A zip archive; its checksums are correct even if its files are mutated.
        case zip
        /// Two parts, a header and the data, preceded by the header's length in eight bytes, as in safetensors files.
        case headed
        case folder
    }

    /// The name of the file or folder; its extension may claim a format.
    var name: String
    var packing = Packing.file
    /// The parts; a single file has one part, whose name is not used.
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

    /// A mutant: one part is changed and, occasionally, also the archive, the compression or the name.
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

    /// - Precondition: the input is not a folder.
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

    /// Writes the input to a folder and returns its path.
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

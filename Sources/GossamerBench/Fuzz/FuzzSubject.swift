import Corpora

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

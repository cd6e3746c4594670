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
        let tokens: [String] =
            switch format {
            case .libSVM: ["qid:1", "1 ", "0:1", "2:2 1:1", "# id", "1,2", "cost:1"]
            case .ldaC: ["1 ", "0\n", "0:1", "1:2"]
            case .matrixMarket:
                [
                    "%%MatrixMarket", "%", "% note\n", "coordinate", "array", "real", "integer", "pattern", "complex",
                    "symmetric", "skew-symmetric", "general", "1 1 1\n",
                ]
            case .npz: ["<f4", "<f8", ">f4", "<i4", "<i8", "|O", "|S3", "<U3", "(1,)", "()", "True", "'shape': "]
            case .uci: ["1\n", "1 1 1\n", "0\n"]
            case .tsv: ["label\ttext\n", "\t\t", "\\t", "\\n", "\\\\"]
            case .csv: ["\"", "\"\"", ",", ";", "\n\"", "\",\"", "\r\n", "text,label\n", "text"]
            case .fastText: ["__label__", "__label__a ", "\t"]
            case .mallet: ["id label ", "\t", " x "]
            case .tenX: ["\t", "%%MatrixMarket", "1 1 1\n", "AAA-1\n", "E1\tone\tGene\n"]
            case .text, .folder: ["the ", "'s", "ﬀ", "ß", "İ", "\u{2028}", "\u{85}"]
            case .jsonLines, .jsonArray:
                [
                    "{", "}", "[", "]", "\"text\":", "\"label\":", "\\u0041", "\\ud83d", "\\", "true",
                    "{\"text\":\"a b\"}\n",
                ]
            case .corpus: ["\"shape\":[1]", "\"F32\"", "\"U32\"", "data_offsets", "__metadata__", "\\N", "\\n"]
            }
        self.init(format.rawValue, try FuzzSeeds.inputs(of: format), tokens: tokens) { path, mutator in
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

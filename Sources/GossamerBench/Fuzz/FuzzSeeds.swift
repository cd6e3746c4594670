import Autoencoders
import Corpora
import FileIO
import Foundation
import SparseMatrices

/// Small valid inputs of every format, including unusual but permitted features.
enum FuzzSeeds {
    static let vocabularies = [
        FuzzInput("words.txt", "sun\nbread\nsea\npawn\nstar\n"),
        FuzzInput("words.txt", "sun 12\nbread 7\nsea 5\npawn 2\nstar 1\n"),
        FuzzInput("words.txt", "year 1900\r\nyear 1942\r\nsea\r\nde\u{301}ja\r\nstar"),
    ]

    /// Inputs of a format, and strings with a meaning in it.
    static func of(_ format: CorpusFormat) throws -> (inputs: [FuzzInput], tokens: [String]) {
        switch format {
        case .libSVM:
            (
                [
                    FuzzInput(
                        "input.svm", "1 1:1 5:2\n-1 2:0.5 3:1e-3 # second\n\n+1\n1,2 qid:3 1:1 4:1\n# all\n2 5:3\n"),
                    FuzzInput("input.libsvm", "0 0:1 4:2\r\n1 3:1 1:2 1:3\r\n0 2:0\r\n"),
                    FuzzInput("input", "0 1:1 2:1 3:1\n1 1:2 5:1\n1 2:2 3:1\n0 4:1\n1 1:7 2:1 5:2"),
                ],
                tokens: ["qid:1", "1 ", "0:1", "2:2 1:1", "# id", "1,2", "cost:1"]
            )
        case .ldaC:
            (
                [
                    FuzzInput("input.ldac", "2 0:1 4:2\n0\n2 1:3 2:4\n1 3:5\n"),
                    FuzzInput("input", "2 0:1 4:2\n3 0:1 1:3 2:4\n1 3:5\n"),
                ],
                tokens: ["1 ", "0\n", "0:1", "1:2"]
            )
        case .matrixMarket:
            (
                [
                    FuzzInput(
                        "input.mtx",
                        "%%MatrixMarket matrix coordinate real general\n% note\n3 4 3\n1 1 1.5\n2 4 -2\n3 2 1\n"),
                    FuzzInput("input.mtx", "%%MatrixMarket matrix array real general\n2 3\n0\n1.5\n0\n-2\n1e-60\n3\n"),
                    FuzzInput("input.mtx", "%%MatrixMarket matrix array integer symmetric\n2 2\n1\n0\n4\n"),
                    FuzzInput("input.mtx", "%%MatrixMarket matrix array real skew-symmetric\n3 3\n1\n0\n4\n"),
                    FuzzInput("input", "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 3\n1 1\n3 1\n2 2\n"),
                    FuzzInput(
                        "input.mtx",
                        "%%MatrixMarket matrix coordinate integer general\n4 2 4\n4 1 1\n1 2 2\n3 1 3\n1 1 4\n"
                    ),
                ],
                tokens: [
                    "%%MatrixMarket", "%", "% note\n", "coordinate", "array", "real", "integer", "pattern", "complex",
                    "symmetric", "skew-symmetric", "general", "1 1 1\n",
                ]
            )
        case .uci:
            (
                [
                    FuzzInput("docword.input.txt", "4\n5\n5\n1 1 1\n1 5 2\n3 2 3\n3 3 4\n4 4 5\n"),
                    FuzzInput("input.txt", "2\n3\n3\n1 1 2\n1 3 1\n2 2 4\n"),
                ],
                tokens: ["1\n", "1 1 1\n", "0\n"]
            )
        case .tsv:
            (
                [
                    FuzzInput("input.tsv", "ham\tok the sun rises\nspam\tfree entry of bread\nham\tthe sea\n"),
                    FuzzInput("input.tsv", "sky\ta1\tthe sun \\n rises\noven\ta2\tbake\\tbread\nsky\ta3\t\n"),
                ],
                tokens: ["label\ttext\n", "\t\t", "\\t", "\\n", "\\\\"]
            )
        case .csv:
            (
                [
                    FuzzInput(
                        "input.csv", "id,label,text\r\na,sky,the sun\r\nb,\"x, y\",\"bake \"\"the\"\"\nbread\"\r\n"),
                    FuzzInput("input.csv", "the sun rises\n\nbake the bread"),
                    FuzzInput("input.csv", "label;text\nsky;the sun\n;\"\"\n"),
                ],
                tokens: ["\"", "\"\"", ",", ";", "\n\"", "\",\"", "\r\n", "text,label\n", "text"]
            )
        case .numberTable:
            (
                [
                    FuzzInput("input.csv", "id,label,a,\"b \"\"c\"\"\"\r\nx,sky,1,0\r\n\r\ny,\"o, p\",-2.5,\"3\"\r\n"),
                    FuzzInput("input.csv", "1;0;2e3\n 0;1e-60; 7\n0;0;0"),
                ],
                tokens: ["\"", "\"\"", ",", ";", "\"1\"", "\r\n", "label", "id", "text", "a,b\n", ",1,2", "NA"]
            )
        case .vowpalWabbit:
            (
                [
                    FuzzInput("input.vw", "1 2.0 'a|x sun:2 sea |y:0.5 bread:3 sun sun\n\n-1 | sea\n1,2 tag| |\n"),
                    FuzzInput("input", "1 |a sun\r\n2 'b |b sun:0 sea\n0.5 3 |\n"),
                ],
                tokens: ["|", " |", ":", ":1", "'", "'tag", "|ns:2 ", "shared", "0:1:0.5", "|a b c:1e-50\n"]
            )
        case .fastText:
            (
                [
                    FuzzInput("input.txt", "__label__sky the sun rises\n__label__a __label__b bread\n__label__none\n"),
                    FuzzInput("input.ft", "no label\r\n\n__label__x\tsea\r\n"),
                ],
                tokens: ["__label__", "__label__a ", "\t"]
            )
        case .mallet:
            (
                [FuzzInput("input.mallet", "d1 sky the sun rises\n\nd2\toven\tbread\nd3 x\n")],
                tokens: ["id label ", "\t", " x "]
            )
        case .jsonArray:
            (
                [
                    FuzzInput(
                        "input.json",
                        "[\n {\"id\":\"a\",\"text\":\"the \\\"sun\\\"\",\"label\":\"sky\"},\n"
                            + " {\"text\":\"bread\",\"label\":[\"x\",\"y\"],\"other\":[{\"k\":\"]\"}]}\n]\n"),
                    FuzzInput("input", "[{\"text\":\"a word\"},{\"text\":\"another word\",\"id\":7}]"),
                ],
                tokens: [
                    "{", "}", "[", "]", "\"text\":", "\"label\":", "\\u0041", "\\ud83d", "\\", "true",
                    "{\"text\":\"a b\"}\n",
                ]
            )
        case .tenX:
            (
                ["features.tsv", "genes.tsv"].map { features in
                    FuzzInput(
                        "input", .folder,
                        [
                            (
                                "matrix.mtx",
                                Array(
                                    "%%MatrixMarket matrix coordinate integer general\n3 2 3\n1 1 5\n3 1 2\n2 2 1\n"
                                        .utf8)
                            ),
                            ("barcodes.tsv", Array("AAA-1\nCCC-1\n".utf8)),
                            (features, Array("E1\tone\tGene\nE2\ttwin\tGene\nE3\ttwin\tGene\n".utf8)),
                        ])
                },
                tokens: ["\t", "%%MatrixMarket", "1 1 1\n", "AAA-1\n", "E1\tone\tGene\n"]
            )
        case .text:
            (
                [
                    FuzzInput(
                        "input.txt",
                        "the sun rises over the sea\nbake the bread until it is brown\n\nDéjà vu, straße!\n"),
                    FuzzInput("input.txt", "one document only"),
                ],
                tokens: ["the ", "'s", "ﬀ", "ß", "İ", "\u{2028}", "\u{85}"]
            )
        case .jsonLines:
            (
                [
                    FuzzInput(
                        "input.jsonl",
                        "{\"id\":\"a\",\"text\":\"the sun\",\"label\":\"sky\"}\n"
                            + "{\"text\":\"bake \\u00e9 bread\",\"label\":[\"x\",\"y\"],\"other\":[1.5,null,{\"k\":true}]}\n"
                    ),
                    FuzzInput("input", "{\"text\":\"a word\"}\n\n{\"text\":\"another word\",\"id\":7,\"label\":3}\n"),
                ],
                tokens: [
                    "{", "}", "[", "]", "\"text\":", "\"label\":", "\\u0041", "\\ud83d", "\\", "true",
                    "{\"text\":\"a b\"}\n",
                ]
            )
        case .folder:
            (
                [
                    FuzzInput(
                        "input", .folder,
                        [
                            ("sky/1.txt", Array("the sun rises".utf8)), ("sky/2.txt", []),
                            ("oven/1.txt", Array("bread".utf8)),
                        ])
                ],
                tokens: ["the ", "'s", "ﬀ", "ß", "İ", "\u{2028}", "\u{85}"]
            )
        case .npy:
            (
                [
                    FuzzInput(
                        "input.npy",
                        npy("<f4", "(2, 3)", [0, 1.5, 0, -2, 0, 3].flatMap { bytes(of: Float($0).bitPattern) })),
                    FuzzInput(
                        "input", npy(">i2", "(2, 2)", [0, 1, 2, 0].flatMap { bytes(of: UInt16($0).byteSwapped) })),
                    FuzzInput(
                        "input.npy",
                        npy(
                            "<f8", "(2, 3)", [0, 1.5, 0, -2, 0, 0.1].flatMap { bytes(of: Double($0).bitPattern) },
                            order: "True")),
                ],
                tokens: npyTokens
            )
        case .npz:
            (
                npz, tokens: npyTokens
            )
        case .corpus:
            (
                try corpora(),
                tokens: ["\"shape\":[1]", "\"F32\"", "\"U32\"", "data_offsets", "__metadata__", "\\N", "\\n"]
            )
        }
    }

    // MARK: - SciPy

    private static let npyTokens = [
        "<f4", "<f8", ">f4", "<f2", "<i4", "<i8", "|b1", "|O", "|S3", "<U3", "(1,)", "(3, 2)", "()", "True",
        "'shape': ",
    ]

    private static var npz: [FuzzInput] {
        let indices = npy("<i4", "(5,)", [0, 4, 1, 2, 3].flatMap { bytes(of: UInt32($0)) })
        let values = npy("<f4", "(5,)", [1, 2, 3, 4, 5].flatMap { bytes(of: Float($0).bitPattern) })
        let doubles = npy("<f8", "(5,)", [1, 2, 3, 4, 0.1].flatMap { bytes(of: Double($0).bitPattern) })
        let offsets = npy("<i4", "(5,)", [0, 2, 2, 4, 5].flatMap { bytes(of: UInt32($0)) })
        let wide = npy("<i8", "(6,)", [0, 1, 2, 3, 4, 5].flatMap { bytes(of: UInt64($0)) })
        let rows = npy("<i4", "(5,)", [0, 3, 1, 2, 0].flatMap { bytes(of: UInt32($0)) })
        let shape = npy("<i8", "(2,)", [4, 5].flatMap { bytes(of: UInt64($0)) })
        func file(_ format: String, _ arrays: [(String, [UInt8])]) -> FuzzInput {
            let name = npy("|S3", "()", Array(format.utf8))
            return FuzzInput(
                "input.npz", .zip, ([("format", name), ("shape", shape)] + arrays).map { ("\($0.0).npy", $0.1) })
        }
        return [
            file("csr", [("indices", indices), ("indptr", offsets), ("data", values)]),
            file("csc", [("indices", rows), ("indptr", wide), ("data", doubles)]),
            file("coo", [("row", rows), ("col", indices), ("data", values)]),
            file(
                "bsr",
                [
                    ("indices", npy("<i4", "(1,)", bytes(of: UInt32(2)))),
                    ("indptr", npy("<i4", "(3,)", [0, 0, 1].flatMap { bytes(of: UInt32($0)) })),
                    ("data", npy("<f4", "(1, 2, 1)", [3, 0].flatMap { bytes(of: Float($0).bitPattern) })),
                ]),
            file(
                "dia",
                [
                    ("offsets", npy("<i4", "(2,)", [-1, 2].flatMap { bytes(of: Int32($0)) })),
                    ("data", npy("<f4", "(2, 3)", [1, 2, 0, 4, 5, 6].flatMap { bytes(of: Float($0).bitPattern) })),
                ]),
            FuzzInput(
                "input.npz", .zip,
                [("a.npy", npy("<f4", "(2, 2)", [0, 2, 3, 0].flatMap { bytes(of: Float($0).bitPattern) }))]),
        ]
    }

    /// A NumPy array file.
    private static func npy(
        _ type: String, _ shape: String, _ content: [UInt8], order: String = "False"
    ) -> [UInt8] {
        let text = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0] + bytes(of: UInt16(text.utf8.count)) + Array(text.utf8) + content
    }

    private static func bytes(of value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    // MARK: - Gossamer's files

    static func corpus() throws -> Corpus {
        let matrix = try CSRMatrix(
            rowCount: 4, columnCount: 5, rowOffsets: [0, 2, 2, 4, 5], columnIndices: [0, 4, 1, 2, 3],
            values: [1, 2, 3, 4, 5])
        return Corpus(
            matrix: matrix, labels: RowLabels(["sky", "oven", nil, "sky"]), ids: ["a", "b", "", "d"],
            vocabulary: Vocabulary(words: ["sun", "bread", "sea", "pawn", "star"]),
            provenance: CorpusProvenance(format: "libsvm", indexBase: .one))
    }

    private static func corpora() throws -> [FuzzInput] {
        try withScratchFolder { folder in
            let path = folder.appending(path: "input.safetensors").path
            try CorpusOutputFormat.safetensors.write(try corpus(), to: path)
            return [try headed(path)]
        }
    }

    /// A safetensors file split into its parts.
    static func headed(_ path: String) throws -> FuzzInput {
        let file = try Data(contentsOf: URL(fileURLWithPath: path))
        let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let head = Array(file.dropFirst(8).prefix(length))
        return FuzzInput("input.safetensors", .headed, [("", head), ("", Array(file.dropFirst(8 + length)))])
    }
}

import Corpora
import FileIO
import Foundation
import TensorFiles
import Testing

@testable import Gossamer

/// Damaged model files are typed errors, never crashes.
@Suite struct ModelFileErrorTests {
    /// A model file taken apart, to be put together with something wrong.
    struct Parts {
        var metadata: [String: String]
        var tensors: [(name: String, shape: [Int], values: [Float])] = []
        var vocabulary: [UInt8]?
        /// Tensors of whole numbers.
        var tables: [String: (shape: [Int], numbers: [UInt32])] = [:]

        init(_ kind: FeatureModel.Kind = .sparse) throws {
            let folder = try ScratchFolder()
            let words = Vocabulary(words: (0..<45).map { "word\($0)" })
            let corpus = try smallCorpus(vocabulary: words)
            let model =
                switch kind {
                case .sparse: try FeatureModel.train(on: corpus, quickSettings(hidden: [8]))
                case .variational:
                    try FeatureModel.train(on: corpus, quickVariationalSettings(hidden: [8, 7]))
                }
            try model.save(to: folder.path("m"))
            let file = try SafetensorsFile(path: folder.path("m"))
            metadata = file.metadata
            for tensor in file.tensors where tensor.type == .float32 {
                tensors.append((tensor.name, tensor.shape, try file.array(named: tensor.name)))
            }
            vocabulary = try file.array(named: "vocabulary")
            for tensor in file.tensors where tensor.type == .uint32 {
                tables[tensor.name] = (tensor.shape, try file.array(named: tensor.name))
            }
        }

        mutating func set(_ name: String, shape: [Int]) {
            guard let place = tensors.firstIndex(where: { $0.name == name }) else { return }
            let count = shape.reduce(1, *)
            tensors[place] = (name, shape, Array(repeating: 0.5, count: count))
        }

        mutating func change(_ name: String, _ change: (inout [Float]) -> Void) {
            guard let place = tensors.firstIndex(where: { $0.name == name }) else { return }
            change(&tensors[place].values)
        }

        mutating func remove(_ name: String) { tensors.removeAll { $0.name == name } }

        func write(to path: String) throws {
            var descriptions = tensors.map { TensorDescription(name: $0.name, type: .float32, shape: $0.shape) }
            if let vocabulary {
                descriptions.append(TensorDescription(name: "vocabulary", type: .uint8, shape: [vocabulary.count]))
            }
            for (name, table) in tables.sorted(by: { $0.key < $1.key }) {
                descriptions.append(TensorDescription(name: name, type: .uint32, shape: table.shape))
            }
            let writer = try SafetensorsWriter(path: path, tensors: descriptions, metadata: metadata)
            for tensor in writer.tensors {
                if let values = tensors.first(where: { $0.name == tensor.name })?.values {
                    try writer.write(values, to: tensor.name)
                } else if let table = tables[tensor.name] {
                    try writer.write(table.numbers, to: tensor.name)
                } else {
                    try writer.write(vocabulary ?? [], to: tensor.name)
                }
            }
            try writer.commit()
        }
    }

    func expectRefused(
        _ path: String, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        switch Result(catching: { try FeatureModel(contentsOf: path) }) {
        case .success: Issue.record("accepted: \(what)", sourceLocation: sourceLocation)
        case .failure(let error):
            guard case FileError.badData(let problem) = error else {
                Issue.record("\(what): \(error)", sourceLocation: sourceLocation)
                return
            }
            #expect(problem.path == path, "\(what)", sourceLocation: sourceLocation)
            #expect(!problem.found.isEmpty && !problem.expected.isEmpty && !problem.advice.isEmpty)
        }
    }

    @Test(arguments: FeatureModel.Kind.allCases) func theUntouchedPartsAreAModel(kind: FeatureModel.Kind) throws {
        let folder = try ScratchFolder()
        try Parts(kind).write(to: folder.path("m"))
        _ = try FeatureModel(contentsOf: folder.path("m"))
    }

    @Test(arguments: FeatureModel.Kind.allCases) func oneWrongPartIsFound(kind: FeatureModel.Kind) throws {
        let whole = try Parts(kind)
        var cases: [(String, (inout Parts) -> Void)] = []
        for key in whole.metadata.keys where key != "index_base" {
            cases.append(("without \(key)", { $0.metadata[key] = nil }))
            cases.append(("an odd \(key)", { $0.metadata[key] = "-7?" }))
        }
        cases.append(("an odd index_base", { $0.metadata["index_base"] = "2" }))
        cases.append(("huge features", { $0.metadata["features"] = "9223372036854775807" }))
        cases.append(("huge latent", { $0.metadata["latent"] = "9223372036854775807" }))
        cases.append(("features beyond a number", { $0.metadata["features"] = "99999999999999999999" }))
        cases.append(("an unknown kind", { $0.metadata["kind"] = "other" }))
        cases.append(("another kind", { $0.metadata["kind"] = kind == .sparse ? "vae" : "sae" }))
        if kind == .variational {
            cases.append(("no lengths", { $0.tables["lengths"] = nil }))
            cases.append(("empty lengths", { $0.tables["lengths"] = ([0, 2], []) }))
            cases.append(("flat lengths", { $0.tables["lengths"] = ([2], [1, 2]) }))
            cases.append(("falling lengths", { $0.tables["lengths"] = ([2, 2], [5, 1, 4, 1]) }))
            cases.append(("a length of no document", { $0.tables["lengths"] = ([1, 2], [5, 0]) }))
        }
        let sizes = "observed.sizes"
        cases.append(("empty sizes", { $0.tables[sizes] = ([0, 3], []) }))
        cases.append(("flat sizes", { $0.tables[sizes] = ([3], [1, 2, 1]) }))
        cases.append(("sizes of two", { $0.tables[sizes] = ([3, 2], [1, 2, 1, 2, 2, 1]) }))
        cases.append(("falling sizes", { $0.tables[sizes] = ([2, 3], [1, 2, 1, 1, 1, 1]) }))
        cases.append(("a size of no document", { $0.tables[sizes] = ([1, 3], [1, 2, 0]) }))
        cases.append(("more entries than features", { $0.tables[sizes] = ([1, 3], [46, 50, 1]) }))
        cases.append(("no documents per feature", { $0.tables["observed.documents_per_feature"] = nil }))
        cases.append(("too few documents per feature", { $0.tables["observed.documents_per_feature"] = ([1], [1]) }))
        cases.append(("topk:0", { $0.metadata["activation"] = "topk:0" }))
        cases += contradictions(of: kind)
        for tensor in whole.tensors {
            // Any number of codes will do, and none.
            let isCodes = tensor.name == "observed.codes"
            if !isCodes { cases.append(("without \(tensor.name)", { $0.remove(tensor.name) })) }
            cases.append(("\(tensor.name) of no rank", { $0.set(tensor.name, shape: []) }))
            cases.append(("\(tensor.name) of nothing", { $0.set(tensor.name, shape: [0]) }))
            cases.append(("\(tensor.name) of rank 3", { $0.set(tensor.name, shape: [1] + tensor.shape + [1]) }))
            if !isCodes {
                let taller = [tensor.shape[0] + 1] + tensor.shape[1...]
                cases.append(("\(tensor.name) too tall", { $0.set(tensor.name, shape: taller) }))
            }
            if tensor.shape.count == 2 {
                cases.append(
                    ("\(tensor.name) too wide", { $0.set(tensor.name, shape: [tensor.shape[0], tensor.shape[1] + 1]) }))
                cases.append(("\(tensor.name) without width", { $0.set(tensor.name, shape: [tensor.shape[0], 0]) }))
            }
            cases.append(("NaN in \(tensor.name)", { $0.change(tensor.name) { $0[$0.count / 2] = .nan } }))
            cases.append(("∞ in \(tensor.name)", { $0.change(tensor.name) { $0[0] = -.infinity } }))
        }
        cases.append(("no words", { $0.vocabulary = [] }))
        cases.append(("a word too many", { $0.vocabulary? += Array("more\n".utf8) }))
        cases.append(("a word too few", { $0.vocabulary = Array($0.vocabulary?.dropFirst(6) ?? []) }))
        for (what, spoil) in cases {
            let folder = try ScratchFolder()
            var parts = whole
            spoil(&parts)
            try parts.write(to: folder.path("m"))
            expectRefused(folder.path("m"), what)
        }
    }

    /// Settings and numbers of the training record that are none of the network's, or cannot be.
    func contradictions(of kind: FeatureModel.Kind) -> [(String, (inout Parts) -> Void)] {
        let own: [(String, String)] =
            switch kind {
            case .sparse: [(#""activation":"[a-z]+""#, #""activation":"topk:2""#)]
            case .variational: []
            }
        let most = "9223372036854775807"
        let changes =
            own + [
                (#""latentWidth":[0-9]+"#, #""latentWidth":100"#), (#""latentWidth":[0-9]+"#, #""latentWidth":0"#),
                (#""latentWidth":[0-9]+"#, #""latentWidth":\#(most)"#),
                (#""hiddenWidths":\[8"#, #""hiddenWidths":[9"#), (#""hiddenWidths":\[8"#, #""hiddenWidths":[8,8"#),
                (#""hiddenWidths":\[[0-9,]*\]"#, #""hiddenWidths":[]"#),
                (#""documents":[0-9]+"#, #""documents":\#(most)"#), (#""documents":[0-9]+"#, #""documents":-1"#),
                (#""entries":[0-9]+"#, #""entries":\#(most)"#), (#""epochs":[0-9]+"#, #""epochs":0"#),
                (
                    #""documents":"#,
                    #""earlier":[{"model":"a","documents":\#(most),"entries":1}],"documents":"#
                ),
            ]
        return changes.map { pattern, text in
            (
                "\(text) in the record",
                { parts in
                    let record = parts.metadata["training"] ?? ""
                    let changed = record.replacingOccurrences(of: pattern, with: text, options: .regularExpression)
                    #expect(changed != record, "\(pattern) is not in \(record)")
                    parts.metadata["training"] = changed
                }
            )
        }
    }

    @Test func cutAndAlteredFilesAreErrors() throws {
        let folder = try ScratchFolder()
        try Parts().write(to: folder.path("whole"))
        let bytes = try folder.read("whole")
        let headerLength = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let lengths =
            Array(0..<20) + Array(stride(from: 20, to: headerLength + 8, by: 37))
            + [headerLength + 8, bytes.count / 2, bytes.count - 1]
        for length in lengths {
            try Data(bytes.prefix(length)).write(to: folder.url.appending(path: "cut"))
            expectRefused(folder.path("cut"), "cut to \(length) bytes")
        }
        try Data(bytes + [0]).write(to: folder.url.appending(path: "long"))
        expectRefused(folder.path("long"), "a byte too many")
        // Any byte of the header altered: an error or a model, never a crash.
        for place in stride(from: 0, to: headerLength + 8, by: 5) {
            var altered = bytes
            altered[place] ^= 0x15
            try Data(altered).write(to: folder.url.appending(path: "altered"))
            let read = Result { try FeatureModel(contentsOf: folder.path("altered")) }
            guard case .failure(let error) = read else { continue }
            #expect(error is FileError, "byte \(place): \(error)")
        }
    }

    @Test func missingAndForeignFilesAreErrors() throws {
        let folder = try ScratchFolder()
        #expect(throws: FileError.self) { try FeatureModel(contentsOf: folder.path("missing")) }
        #expect(throws: FileError.self) { try FeatureModel(contentsOf: folder.url.path) }
        expectRefused(packageRoot.appending(path: "datasets/eight-subjects.svm").path, "a corpus")
        let writer = try SafetensorsWriter(path: folder.path("foreign"), tensors: [])
        try writer.commit()
        expectRefused(folder.path("foreign"), "another kind of safetensors file")
    }

    @Test func savingIntoAMissingFolderIsAnError() throws {
        let folder = try ScratchFolder()
        let model = try FeatureModel.train(on: try smallCorpus(), quickSettings())
        #expect(throws: FileError.self) { try model.save(to: folder.path("missing/m.safetensors")) }
        #expect(try folder.names() == [])
    }
}

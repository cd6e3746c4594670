import Autoencoders
import Corpora
import FileIO
import Foundation
import Gossamer
import Testing

@testable import Evaluation

@Suite struct SearchJournalTests {
    let folder: SearchFolder
    let corpus: Corpus
    let search = ModelSearch(sparseCandidates(), folds: 3)

    init() throws {
        folder = try SearchFolder()
        corpus = try topicCorpus()
    }

    /// - Returns: the report, how many runs were done before, and what was odd.
    func run(_ search: ModelSearch? = nil, on corpus: Corpus? = nil) throws -> (SearchReport, done: Int, [String]) {
        var done = 0
        var notes: [String] = []
        let report = try (search ?? self.search).run(on: corpus ?? self.corpus, resultsPath: folder.path("r.jsonl")) {
            switch $0 {
            case .started(let plan): done = plan.done
            case .note(let text): notes.append(text)
            case .training, .resumed, .finished: break
            }
        }
        return (report, done, notes)
    }

    private var lines: [String] {
        get throws { try folder.text("r.jsonl").split(separator: "\n").map(String.init) }
    }

    @Test func goesOnFromAnyLine() throws {
        let whole = try run().0
        let all = try lines
        #expect(all.count == 7)
        for kept in 1...7 {
            try folder.write(all.prefix(kept).joined(separator: "\n") + "\n", to: "r.jsonl")
            let (report, done, notes) = try run()
            #expect(done == kept - 1 && notes.isEmpty)
            #expect(report.outcome == whole.outcome)
            #expect(try lines.count == 7)
        }
    }

    /// The program was stopped in the middle of a line: after any number of its bytes.
    @Test func aTornLineIsDoneAgain() throws {
        let whole = try run().0
        let all = try lines
        let before = all.prefix(4).joined(separator: "\n") + "\n"
        for length in [1, all[4].count / 2, all[4].count] {
            try folder.write(before + all[4].prefix(length), to: "r.jsonl")
            let (report, done, notes) = try run()
            #expect(done == 3 && notes.count == 1 && report.outcome == whole.outcome)
            #expect(try lines.count == 7 && lines.allSatisfy { $0.hasSuffix("}") })
        }
        for length in [0, 1, all[0].count] {
            try folder.write(String(all[0].prefix(length)), to: "r.jsonl")
            #expect(try run().done == 0)
            #expect(try lines.count == 7)
        }
    }

    @Test func onlyTheSameSettingsCount() throws {
        _ = try run()
        let wider = ModelSearch(sparseCandidates([2, 4, 5]), folds: 3)
        #expect(try run(wider).done == 6)
        #expect(try run(wider).done == 9)
        let longer = ModelSearch(sparseCandidates { $0.training.epochs = 3 }, folds: 3)
        #expect(try run(longer).done == 0)
        // What by one measure is known may not be known by another.
        let probed = ModelSearch(sparseCandidates(), folds: 3, by: .probe)
        #expect(try run(probed).done == 0)
        #expect(try run(probed).done == 6)
        #expect(try run().done == 6)
    }

    @Test func settingsComeBackAsTheyWere() throws {
        let sparse = sparseCandidates([2, 7]) { settings in
            settings.autoencoder.denoising = 0.1
            settings.autoencoder.penalties = [.l1(1e-4), .l2(0.3)]
            settings.autoencoder.ridge = 0.7
            settings.training.learningRate = 1.0 / 3
            settings.training.seed = .max
        }
        let search = ModelSearch(sparse, folds: 2)
        _ = try run(search)
        #expect(try run(search).done == 4)
    }

    @Test func variationalSettingsToo() throws {
        let search = ModelSearch(variationalCandidates { $0.variational.beta = 0.3 }, folds: 2)
        _ = try run(search)
        #expect(try run(search).done == 4)
    }

    @Test func resultsOfOtherSearchesAreNotMixedIn() throws {
        _ = try run()
        let before = try folder.text("r.jsonl")
        func expectRefusal(_ search: ModelSearch, on corpus: Corpus, saying part: String) {
            #expect {
                try run(search, on: corpus)
            } throws: { error in
                guard case .badData(let problem) = error as? FileError else { return false }
                return "\(problem)".contains(part) && problem.line == 1 && "\(problem)".contains("another name")
            }
        }
        expectRefusal(ModelSearch(sparseCandidates(), folds: 2), on: corpus, saying: "3 folds; expected 2;")
        expectRefusal(ModelSearch(sparseCandidates(), folds: 3, seed: 9), on: corpus, saying: "seed 0; expected 9;")
        expectRefusal(search, on: try topicCorpus(seed: 2), saying: "a corpus of 60 documents × 30 features")
        #expect(try folder.text("r.jsonl") == before)
    }

    @Test(arguments: ["hello", "hello\nworld\n", "{}\n", "\n", "0 1:2 3:4"])
    func otherFilesStayAsTheyAre(_ text: String) throws {
        try folder.write(text, to: "r.jsonl")
        #expect(throws: FileError.self) { try run() }
        #expect(try folder.text("r.jsonl") == text)
    }

    @Test func aWrongLineIsNamed() throws {
        _ = try run()
        var all = try lines
        all[2] = "{\"fold\": 1, oops"
        try folder.write(all.joined(separator: "\n") + "\n", to: "r.jsonl")
        #expect {
            try run()
        } throws: { error in
            guard case .badData(let problem) = error as? FileError else { return false }
            return problem.line == 3
        }
    }

    @Test func twoSearchesDoNotShareAFile() throws {
        let file = try AppendedFile(path: folder.path("r.jsonl"))
        #expect(throws: FileError.self) { try run() }
        withExtendedLifetime(file) {}
    }

    @Test func fingerprintsTellCorporaApart() throws {
        let prints = [
            corpus.fingerprint, try topicCorpus(seed: 2).fingerprint, corpus.widened(to: 31).fingerprint,
            corpus.rows(Array(0..<59)).fingerprint, corpus.rows((0..<60).reversed()).fingerprint,
            Corpus(matrix: corpus.matrix, provenance: corpus.provenance).fingerprint,
        ]
        #expect(Set(prints).count == prints.count)
        #expect(corpus.fingerprint == (try topicCorpus().fingerprint))
    }
}

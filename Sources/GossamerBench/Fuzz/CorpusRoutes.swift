import Corpora
import FileIO
import Foundation
import SparseMatrices

/// Reads one input in all ways that commands use (whole; in small pieces by several threads; imported to a corpus file;
/// piece by piece for a model) and compares the results: they must have the same rows, columns, labels and warnings, or
/// all be errors.
struct CorpusRoutes {
    private let path: String
    private let options: CorpusReadingOptions
    /// The number of features of the model that pieces are read for.
    private let modelWidth: Int
    private let parallel = Parallelism(threads: 2)

    init(path: String, mutator: inout Mutator) {
        self.path = path
        modelWidth = mutator.pick([1, 3, 5, 40])
        var options = CorpusReadingOptions(
            libSVM: LibSVMOptions(
                indexBase: mutator.pick([.auto, .auto, .auto, .zero, .one]), strict: mutator.below(4) == 0))
        options.isTransposed = mutator.below(8) == 0
        options.textInput.skipBadLines = mutator.below(4) == 0
        options.pieceSize = mutator.pick([1, 16, 64, 1 << 20])
        options.libSVM.blockSize = mutator.pick([1, 16, 1 << 20])
        self.options = options
    }

    /// - Parameter vocabulary: a mutated vocabulary file for the columns of a valid corpus.
    init(vocabulary: String, mutator: inout Mutator) throws {
        let folder = URL(fileURLWithPath: vocabulary).deletingLastPathComponent()
        let corpus = mutator.pick(try FuzzSeeds.of(mutator.pick([.libSVM, .matrixMarket, .npz, .text])).inputs)
        self.init(path: try corpus.write(into: folder), mutator: &mutator)
        var options = self.options
        options.vocabularyPath = vocabulary
        self = CorpusRoutes(path: path, options: options, modelWidth: modelWidth)
    }

    private init(path: String, options: CorpusReadingOptions, modelWidth: Int) {
        (self.path, self.options, self.modelWidth) = (path, options, modelWidth)
    }

    /// - Returns: whether the input was accepted.
    func check() throws -> Bool {
        let whole = try Reading { try CorpusReader.read(path, options: options, parallelism: .serial) }
        var fine = options
        fine.pieceSize = 1 << 20
        fine.libSVM.blockSize = 1 << 20
        try Reading { try CorpusReader.read(path, options: fine, parallelism: parallel) }
            .requireEqual(whole, "read by two threads")
        try imported().requireEqual(whole, "imported")
        if case .corpus(let corpus) = whole { try requireAllLines(of: corpus) }
        try checkPieces(words: whole.vocabulary)
        return !whole.isRefused
    }

    private func imported() throws -> Reading {
        let target = path + ".imported.safetensors"
        defer { unlink(target) }
        let returned = try Reading {
            try CorpusReader.importCorpus([path], to: target, options: options, parallelism: parallel)
        }
        guard case .corpus(let corpus) = returned else {
            if FileManager.default.fileExists(atPath: target) {
                throw FuzzFailure(description: "a refused input left an imported file")
            }
            return returned
        }
        let read = try CorpusReader.read(target)
        if read.fingerprint != corpus.fingerprint || read.ids != corpus.ids {
            throw FuzzFailure(description: "the imported file reads otherwise than what was said to be written")
        }
        return returned
    }

    private func checkPieces(words: Vocabulary?) throws {
        var options = options
        options.isForModel = true
        options.knownWords = words
        options.featureCount = words?.count ?? modelWidth
        options.excessFeatures = .drop
        let whole = try Reading { try CorpusReader.read(path, options: options, parallelism: .serial) }
        try Reading {
            let pieces = try CorpusPieces(path, options: options, rowMultiple: 2, parallelism: parallel)
            var parts: [Corpus] = []
            while let piece = try pieces.next() { parts.append(piece) }
            var joined = try Corpus.joined(parts, names: parts.map { _ in "" })
            if let provenance = pieces.provenance { joined.provenance = provenance }
            return joined
        }.requireEqual(whole, "read piece by piece")
    }

    /// Checks that every line is a row or is counted.
    private func requireAllLines(of corpus: Corpus) throws {
        let linewise: Set = ["libsvm", "lda-c", "text", "tsv", "jsonl", "fasttext", "mallet"]
        guard corpus.provenance.origin == nil, linewise.contains(corpus.provenance.format), !options.isTransposed
        else { return }
        let input = try InputBytes(path: path)
        let lines = withExtendedLifetime(input) {
            input.bytes.count { $0 == 0x0A } + (input.bytes.last.map { $0 != 0x0A } == true ? 1 : 0)
        }
        let provenance = corpus.provenance
        let others = provenance.blankLines + provenance.commentLines + (provenance.text?.badLinesSkipped ?? 0)
        guard corpus.rowCount + others == lines else {
            throw FuzzFailure(
                description: "\(lines) lines became \(corpus.rowCount) rows, and \(others) that are no rows")
        }
    }
}

/// The result of reading an input.
private enum Reading {
    case corpus(Corpus)
    case refused(String)

    /// - Throws: `FuzzFailure` for an error that is not caused by the input.
    init(_ read: () throws -> Corpus) throws {
        do {
            self = .corpus(try read())
        } catch let error as FileError {
            self = .refused(error.description)
        } catch let error as TextOptionsError {
            self = .refused(error.description)
        } catch {
            throw FuzzFailure(description: "an error of no kind that readers have: \(error)")
        }
    }

    var isRefused: Bool {
        if case .refused = self { return true }
        return false
    }

    var vocabulary: Vocabulary? {
        if case .corpus(let corpus) = self { return corpus.vocabulary }
        return nil
    }

    func requireEqual(_ whole: Reading, _ route: String) throws {
        func differ(_ what: String, _ here: some Any, _ there: some Any) -> FuzzFailure {
            FuzzFailure(description: "\(route): \(what) \(here); read whole: \(there)")
        }
        switch (self, whole) {
        case (.refused, .refused):
            // An input with two errors may be rejected for either.
            return
        case (.refused(let here), .corpus(let corpus)):
            throw differ("refused with", here, "\(corpus.rowCount) rows")
        case (.corpus(let corpus), .refused(let there)):
            throw differ("rows", corpus.rowCount, there)
        case (.corpus(let here), .corpus(let there)):
            if here.rowCount != there.rowCount { throw differ("rows", here.rowCount, there.rowCount) }
            if here.featureCount != there.featureCount {
                throw differ("columns", here.featureCount, there.featureCount)
            }
            if here.vocabulary != there.vocabulary {
                throw differ("words", here.vocabulary?.words ?? [], there.vocabulary?.words ?? [])
            }
            if here.labels != there.labels {
                throw differ("labels", here.labels?.names ?? [], there.labels?.names ?? [])
            }
            if here.ids != there.ids { throw differ("ids", here.ids ?? [], there.ids ?? []) }
            if here.fingerprint != there.fingerprint {
                throw differ("entries", here.matrix.entryCount, there.matrix.entryCount)
            }
            if here.provenance.warnings != there.provenance.warnings {
                throw differ("warnings", here.provenance.warnings, there.provenance.warnings)
            }
        }
    }
}

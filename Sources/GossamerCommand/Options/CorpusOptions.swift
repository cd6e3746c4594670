import ArgumentParser
import Corpora
import FileIO
import Gossamer
import SparseMatrices

/// The formats that a corpus can be read from.
enum CorpusFormat: String, ExpressibleByArgument, CaseIterable {
    case auto, libsvm
}

enum IndexBaseChoice: String, ExpressibleByArgument, CaseIterable {
    case auto
    case zero = "0"
    case one = "1"

    var base: LibSVMOptions.Base {
        switch self {
        case .auto: .auto
        case .zero: .zero
        case .one: .one
        }
    }
}

/// How a new corpus is read.
struct CorpusOptions: ParsableArguments {
    @Option(help: "The corpus' format: auto or libsvm.")
    var format = CorpusFormat.auto

    @Option(help: ArgumentHelp("Whether feature indices count from 0 or 1.", valueName: "auto|0|1"))
    var indexBase = IndexBaseChoice.auto

    @Option(help: ArgumentHelp("The number of features, if the corpus does not show them all.", valueName: "n"))
    var features: Int?

    @Flag(help: "Treat each oddity of the corpus as an error: unsorted or duplicate indices, blank lines and kin.")
    var strict = false

    @Option(help: ArgumentHelp("The features' words, one a line in index order.", valueName: "file"))
    var vocabulary: String?

    func validate() throws {
        if let features, !(1...Self.mostFeatures).contains(features) {
            throw ValidationError("--features needs a number from 1 to \(Self.mostFeatures), not \(features)")
        }
    }

    /// What indices of 32 bits can tell apart.
    private static let mostFeatures = 1 << 32

    /// Reads a corpus and says on stderr what was decided, merged or dropped.
    func read(_ path: String, parallelism: Parallelism) throws(FileError) -> Corpus {
        let options = LibSVMOptions(indexBase: indexBase.base, featureCount: features, strict: strict)
        var corpus = try readCorpus(path, options, parallelism: parallelism)
        if let vocabulary {
            corpus = try corpus.naming(features: try Vocabulary.read(path: vocabulary), path: vocabulary)
        }
        corpus.announce(path)
        return corpus
    }
}

/// How a corpus is read for a model that exists already: its index base and width hold.
struct ModelCorpusOptions: ParsableArguments {
    @Option(help: "The corpus' format: auto or libsvm.")
    var format = CorpusFormat.auto

    @Flag(help: "Treat each oddity of the corpus as an error: unsorted or duplicate indices, blank lines and kin.")
    var strict = false

    func read(_ path: String, for model: FeatureModel, parallelism: Parallelism) throws(FileError) -> Corpus {
        let options = LibSVMOptions(
            indexBase: model.indexBase.map(LibSVMOptions.Base.init) ?? .auto, featureCount: model.featureCount,
            excessFeatures: .drop, strict: strict)
        let corpus = try readCorpus(path, options, parallelism: parallelism)
        corpus.announce(path)
        return corpus
    }
}

private func readCorpus(
    _ path: String, _ options: LibSVMOptions, parallelism: Parallelism
) throws(FileError) -> Corpus {
    let corpus = try LibSVMReader.read(path: path, options: options, parallelism: parallelism)
    guard corpus.rowCount > 0 else {
        throw .badData(
            BadData(
                path: inputName(path), found: "no documents", expected: "at least one row",
                advice: "check that this is the file you meant"))
    }
    return corpus
}

extension Corpus {
    fileprivate func announce(_ path: String) {
        let path = inputName(path)
        if let base = provenance.indexBase, let reason = provenance.indexBaseReason {
            Console.note("\(path): indices count from \(base.rawValue) (\(reason))")
        }
        for warning in provenance.warnings { Console.warning("\(path): \(warning)") }
    }
}

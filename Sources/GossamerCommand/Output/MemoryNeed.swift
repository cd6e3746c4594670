import Autoencoders
import Corpora
import FileIO
import Gossamer
import SparseMatrices

/// The least memory that training needs, checked before a wrong index asks for more than there is.
struct MemoryNeed {
    let bytes: Double
    let features: Int

    init(of settings: ModelSettings, on corpus: Corpus) {
        features = corpus.featureCount
        bytes = settings.architecture.trainingBytes(
            on: corpus.matrix, optimizer: settings.training.optimizer, available: Double(MemoryLimit.bytes))
    }

    /// - Throws: `Excess` if this machine has not that much memory.
    func check(corpus: String, available: Int = MemoryLimit.bytes) throws(Excess) {
        if bytes > Double(available) { throw Excess(path: corpus, need: self, available: available) }
    }

    struct Excess: Error, CustomStringConvertible {
        let path: String
        let need: MemoryNeed
        let available: Int

        var description: String {
            "\(inputName(path)): found \(Format.count(need.features)) features, for which this model needs "
                + "\(Format.fixed(need.bytes / 1e9, 1)) GB; expected at most the \(Format.fixed(Double(available) / 1e9, 1)) GB "
                + "that there are; check the largest index of the corpus, or give a smaller --latent or --hidden"
        }
    }
}

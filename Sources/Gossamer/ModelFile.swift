import Autoencoders
import Corpora
import FileIO
import SparseMatrices
import TensorFiles

/// The model file: one safetensors file, which any safetensors library reads.
///
/// Tensors of both kinds: `encoder.weight` (features × width), `encoder.bias`, `encoder.layers.N.weight` and `.bias`
/// for hidden layers, `encoder.threshold` (one number for batch-topk, one a unit for jumprelu), `decoder.weight` (features × latent), `decoder.bias`, `idf` for tf-idf, `vocabulary` (the words
/// as UTF-8 bytes, a line end after each; see `EscapedLines`). Metadata: `format`, `kind` (`sae` or `vae`),
/// `activation`, `hidden_activation`, `weighting`, `normalize`, `index_base`, `features`, `latent`, the training record
/// as JSON in `training`, `transposed` if the training matrix was, and in `text`, as JSON too, how text became counts, if the training corpus was text.
///
/// Of a variational model also the heads `latent.mean.weight`, `.bias`, `latent.log_variance.weight`, `.bias` (last
/// hidden layer × latent), `lengths` (each length of a training document in tokens, with the number of documents of
/// that length) and the metadata `likelihood`. Of a Gaussian one also `decoder.log_variance.weight` (features ×
/// latent), `.bias` and `.center`, from which the log-variances follow as `LogVarianceDecoder` says.
///
/// What `generate` makes documents like, absent in older files: `observed.sizes` (each number of stored entries and
/// each number of tokens that some training document has, with the number of such documents; n × 3),
/// `observed.documents_per_feature` (features), `observed.smallest_entry` (one number) and `observed.codes` (those of
/// at most 1,024 training documents, picked by the seed, in their order; of a sparse autoencoder codes × latent, dense,
/// since linear and sigmoid units are never zero; of a variational model documents × twice latent, each posterior's
/// mean and then its log-variance).
///
/// What `score` holds documents against, absent if training kept none out of learning: `reference.entries` and
/// `reference.losses`, one number a document.
extension FeatureModel {
    static let formatName = "gossamer-model-1"

    /// Writes the model; the file appears whole or not at all.
    ///
    /// - Throws: `FileError`, also if the training record cannot be encoded, such as one with a number that is not finite.
    public func save(to path: String) throws(FileError) {
        let contents = self.contents
        let tensors = contents.sorted { $0.key < $1.key }.map { $1.description(named: $0) }
        let writer = try SafetensorsWriter(path: path, tensors: tensors, metadata: try metadata(path: path))
        for tensor in writer.tensors { try contents[tensor.name]?.write(to: writer, as: tensor.name) }
        try writer.commit()
    }

    private var contents: [String: TensorContent] {
        var contents: [String: TensorContent] = [
            "encoder.weight": .matrix(encoder.input.weights), "encoder.bias": .vector(encoder.input.bias),
            "decoder.weight": .matrix(decoder.weights), "decoder.bias": .vector(decoder.bias),
        ]
        if !encoder.thresholds.isEmpty { contents["encoder.threshold"] = .vector(encoder.thresholds) }
        var own = network.ownTensors
        for (i, layer) in encoder.layers.enumerated() { own.add(layer, as: "encoder.layers.\(i)") }
        contents.merge(own.contents) { $1 }
        contents.merge(observed?.contents ?? [:]) { $1 }
        contents.merge(reference?.contents ?? [:]) { $1 }
        if weighting.scheme == .tfIdf { contents["idf"] = .vector(weighting.inverseDocumentFrequency) }
        if let vocabulary {
            contents["vocabulary"] = .bytes(EscapedLines.bytes(of: vocabulary.words))
        }
        return contents
    }

    /// - Throws: `FileError.writeFailed` if the training record cannot be written as JSON: a model without it could not
    ///   be read again.
    private func metadata(path: String) throws(FileError) -> [String: String] {
        var entries = [
            "format": Self.formatName, "kind": kind.rawValue, "features": String(featureCount),
            "latent": String(latentWidth), "activation": self.encoder.activation.description,
            "hidden_activation": self.encoder.hiddenActivation.description,
            "weighting": weighting.scheme.rawValue, "normalize": weighting.normalization.rawValue,
        ]
        // Of a sparse autoencoder the record alone tells the objective.
        if network.hasPosterior, let likelihood = network.likelihood { entries["likelihood"] = likelihood.rawValue }
        if let indexBase { entries["index_base"] = String(indexBase.rawValue) }
        if isTransposed { entries["transposed"] = "true" }
        entries["training"] = try MetadataText.json(record, path: path)
        if let textOptions { entries["text"] = try MetadataText.json(textOptions, path: path) }
        return entries
    }

    /// Reads a model file.
    ///
    /// - Throws: `FileError.badData` if it is not a model, or not a whole and consistent one.
    public init(contentsOf path: String) throws(FileError) {
        let file = try SafetensorsFile(path: path)
        let reader = ModelReader(file: file, path: path)
        guard file.metadata["format"] == Self.formatName else {
            throw reader.bad(found: "a safetensors file of another kind", expected: "a model that `train` wrote")
        }
        let kind: Kind = try reader.choice("kind")
        let features = try reader.number("features")
        let scheme: FeatureWeighting.Scheme = try reader.choice("weighting")
        let record = try reader.record(of: kind)
        let network = try record.architecture.network(
            from: reader, features: features, width: try reader.number("latent"))
        self.init(
            network: network,
            weighting: FeatureWeighting(
                scheme: scheme, normalization: try reader.choice("normalize"),
                inverseDocumentFrequency: scheme == .tfIdf ? try reader.vector("idf", count: features) : []),
            indexBase: try reader.indexBase(),
            vocabulary: try reader.vocabulary(count: features), isTransposed: file.metadata["transposed"] == "true",
            textOptions: try reader.textOptions(), record: record,
            observed: try ObservedDocuments(
                reader, features: features, codeWidth: network.codeWidth(withVariance: network.hasPosterior)),
            reference: try ScoreReference(reader))
    }
}

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
/// that length) and the metadata `likelihood`.
///
/// Of a Gaussian likelihood also `decoder.log_variance.weight` (features × latent), `.bias` and `.center`, from which the
/// log-variances follow as `DispersionDecoder` says; of a Dirichlet-multinomial one in the same way
/// `decoder.log_concentration.bias` and `.center`, of one number, and `.weight` (1 × latent) where every document has a
/// concentration of its own. `.bound` is the most by which a logarithm may differ from its center; 10 in files without it.
///
/// The statistics that `generate` uses, absent in older files: `observed.sizes` (each number of stored entries and each
/// number of tokens that some training document has, with the number of such documents; n × 3),
/// `observed.documents_per_feature` (features), `observed.smallest_entry` (one number) and `observed.codes` (the codes
/// of at most 1,024 training documents, picked by the seed, in their order; for a sparse autoencoder codes × latent,
/// dense, since linear and sigmoid units are never zero; for a variational model documents × twice latent, each
/// posterior's mean followed by its log-variance).
///
/// The training curve, absent in older files: `history.NAME` with one Float64 an epoch, NaN where there is none, for
/// each of the measures that `--progress jsonl` prints.
///
/// The words of the units, absent in older files: `units.words` (features from 0, the clearest first; units × words, with
/// 2³² − 1 where a unit has fewer), `units.words.lift` and `units.words.share`; see `FeatureLift`.
///
/// The reference that `score` compares documents with, absent if training kept no documents out of learning:
/// `reference.entries` and `reference.losses`, one number per document.
extension FeatureModel {
    static let formatName = "gossamer-model-1"

    /// Writes the model file atomically: it is either complete or does not exist.
    ///
    /// - Throws: `FileError`, also if the training record cannot be encoded, for example because a number is not
    ///   finite.
    public func save(to path: String) throws(FileError) {
        let contents = self.contents
        let tensors = contents.sorted { $0.key < $1.key }.map { $1.description(named: $0) }
        let writer = try SafetensorsWriter(path: path, tensors: tensors, metadata: try metadata(path: path))
        for tensor in writer.tensors { try contents[tensor.name]?.write(to: writer, as: tensor.name) }
        try writer.commit()
    }

    /// A hash of everything that the model file holds, as 16 hexadecimal digits.
    ///
    /// - Throws: `FileError` as `save` does if the training record cannot be encoded.
    /// - Complexity: O(size of the file).
    package func fingerprint() throws(FileError) -> String {
        var checksum = StreamChecksum()
        func add(_ text: String) { Array("\(text.utf8.count) \(text)".utf8).withUnsafeBytes { checksum.add($0) } }
        for (key, value) in try metadata(path: "a model").sorted(by: { $0.key < $1.key }) { add("\(key) = \(value)") }
        for (name, content) in contents.sorted(by: { $0.key < $1.key }) {
            let tensor = content.description(named: name)
            add("\(name) \(tensor.type.rawValue) \(tensor.shape)")
            content.withBytes { checksum.add($0) }
        }
        return Fingerprint.text(checksum.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
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
        contents.merge(words?.contents ?? [:]) { $1 }
        contents.merge(reference?.contents ?? [:]) { $1 }
        contents.merge(record.history.contents) { $1 }
        if weighting.scheme.hasFeatureWeights { contents["idf"] = .vector(weighting.statistics.featureWeights) }
        if let vocabulary {
            contents["vocabulary"] = .bytes(EscapedLines.bytes(of: vocabulary.words))
        }
        return contents
    }

    /// - Throws: `FileError.writeFailed` if the training record cannot be written as JSON, because a model without it
    ///   could not be read again.
    private func metadata(path: String) throws(FileError) -> [String: String] {
        var entries = [
            "format": Self.formatName, "kind": kind.rawValue, "features": String(featureCount),
            "latent": String(latentWidth), "activation": self.encoder.activation.description,
            "hidden_activation": self.encoder.hiddenActivation.description,
            "weighting": weighting.scheme.description, "normalize": weighting.normalization.rawValue,
        ]
        if weighting.scheme.hasMeanLength { entries["mean_length"] = String(weighting.statistics.meanLength) }
        // For a sparse autoencoder the objective is stored in the training record only.
        if network.hasPosterior, let likelihood = network.likelihood { entries["likelihood"] = likelihood.rawValue }
        if let indexBase { entries["index_base"] = String(indexBase.rawValue) }
        if isTransposed { entries["transposed"] = "true" }
        entries["training"] = try MetadataText.json(record, path: path)
        if let textOptions { entries["text"] = try MetadataText.json(textOptions, path: path) }
        return entries
    }

    /// Reads a model file.
    ///
    /// - Throws: `FileError.badData` if the file is not a model, or is incomplete or inconsistent.
    public init(contentsOf path: String) throws(FileError) {
        let file = try SafetensorsFile(path: path)
        let reader = ModelReader(file: file, path: path)
        guard file.metadata["format"] == Self.formatName else {
            throw reader.bad(found: "a safetensors file of another kind", expected: "a model that `train` wrote")
        }
        let kind: Kind = try reader.choice("kind")
        let features = try reader.number("features")
        let record = try reader.record(of: kind)
        let network = try record.architecture.network(
            from: reader, features: features, width: try reader.number("latent"))
        self.init(
            network: network,
            weighting: try reader.weighting(features: features),
            indexBase: try reader.indexBase(),
            vocabulary: try reader.vocabulary(count: features), isTransposed: file.metadata["transposed"] == "true",
            textOptions: try reader.textOptions(), record: record,
            observed: try ObservedDocuments(
                reader, features: features, codeWidth: network.codeWidth(withVariance: network.hasPosterior)),
            words: try UnitWords(reader, units: network.latentWidth, features: features),
            reference: try ScoreReference(reader))
        try reader.requireAgreement(within: self)
    }
}

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads and checks the parts of a model file.
package struct ModelReader {
    let file: SafetensorsFile
    let path: String

    func bad(found: String, expected: Message) -> FileError {
        .badData(
            BadData(
                path: path, found: found, expected: expected, advice: "give a model file written by `gossamer train`"))
    }

    func number(_ key: String) throws(FileError) -> Int {
        guard let text = file.metadata[key], let value = Int(text), value >= 0 else {
            throw bad(found: "\(key) = \(file.metadata[key] ?? "nothing")", expected: "a whole number")
        }
        return value
    }

    func choice<Choice: RawRepresentable<String>>(_ key: String) throws(FileError) -> Choice {
        guard let choice = file.metadata[key].flatMap(Choice.init(rawValue:)) else {
            throw bad(found: "\(key) = \(file.metadata[key] ?? "nothing")", expected: "a known choice")
        }
        return choice
    }

    func weighting(features: Int) throws(FileError) -> FeatureWeighting {
        guard let scheme = file.metadata["weighting"].flatMap(WeightingScheme.init(_:)) else {
            throw bad(found: "weighting = \(file.metadata["weighting"] ?? "nothing")", expected: "a known choice")
        }
        var statistics = WeightingStatistics()
        if scheme.hasFeatureWeights { statistics.featureWeights = try vector("idf", count: features) }
        if scheme.hasMeanLength {
            guard let length = file.metadata["mean_length"].flatMap(Double.init), length > 0, length.isFinite else {
                throw bad(
                    found: "mean_length = \(file.metadata["mean_length"] ?? "nothing")",
                    expected: "the tokens of a document on average")
            }
            statistics.meanLength = length
        }
        return FeatureWeighting(scheme: scheme, normalization: try choice("normalize"), statistics: statistics)
    }

    func activation(_ key: String) throws(FileError) -> Activation {
        guard let activation = file.metadata[key].flatMap(Activation.init(_:)) else {
            throw bad(found: "\(key) = \(file.metadata[key] ?? "nothing")", expected: "a known activation")
        }
        return activation
    }

    func indexBase() throws(FileError) -> IndexBase? {
        guard let text = file.metadata["index_base"] else { return nil }
        guard let base = Int(text).flatMap(IndexBase.init(rawValue:)) else {
            throw bad(found: "index_base = \(text)", expected: "0 or 1")
        }
        return base
    }

    func textOptions() throws(FileError) -> TextOptions? {
        guard let text = file.metadata["text"] else { return nil }
        guard let options = try? JSONDecoder().decode(TextOptions.self, from: Data(text.utf8)) else {
            throw bad(found: "unreadable text options", expected: "how text was counted")
        }
        return options
    }

    func vector(_ name: String, count: Int) throws(FileError) -> [Float] {
        try floats(name, shape: [count])
    }

    /// Training writes finite numbers only; a number that is not finite would spread to every embedding.
    private func floats(_ name: String, shape: [Int]) throws(FileError) -> [Float] {
        let floats = try file.array(named: name, of: Float.self, shape: shape)
        guard floats.allSatisfy({ $0.isFinite }) else {
            throw bad(found: "a number in tensor \(name) that is not finite", expected: "finite numbers")
        }
        return floats
    }

    func matrix(_ name: String, rows: Int, columns: Int? = nil) throws(FileError) -> DenseMatrix {
        let shape = file.tensor(named: name)?.shape ?? []
        guard shape.count == 2, shape[0] == rows, columns == nil || shape[1] == columns else {
            throw bad(
                found: "tensor \(name) of shape \(shape)", expected: "[\(rows), \(columns.map(String.init) ?? "width")]"
            )
        }
        return DenseMatrix(rowCount: rows, columnCount: shape[1], elements: try floats(name, shape: shape))
    }

    func encoder(features: Int) throws(FileError) -> SparseEncoder {
        let weights = try matrix("encoder.weight", rows: features)
        let input = LinearLayer(weights: weights, bias: try vector("encoder.bias", count: weights.columnCount))
        var layers: [LinearLayer] = []
        while file.tensor(named: "encoder.layers.\(layers.count).weight") != nil {
            layers.append(try layer("encoder.layers.\(layers.count)", inputs: layers.last?.width ?? input.width))
        }
        let hidden = try activation("hidden_activation")
        guard !hidden.isLatentOnly else {
            throw bad(found: "hidden_activation = \(hidden)", expected: "an activation of hidden layers")
        }
        let activation = try activation("activation")
        let count = activation.thresholdCount(width: layers.last?.width ?? input.width)
        return SparseEncoder(
            input: input, layers: layers, hiddenActivation: hidden, activation: activation,
            thresholds: count == 0 ? [] : try vector("encoder.threshold", count: count))
    }

    /// What a likelihood learns besides its decoder; nil for nothing.
    ///
    /// - Parameter width: how many latent units it depends on; 0 has no weights.
    func dispersion(of likelihood: LikelihoodKind?, features: Int, width: Int) throws(FileError) -> DispersionDecoder? {
        guard let kind = likelihood?.family.dispersion else { return nil }
        let (name, count) = (kind.tensorName, kind.count(features: features))
        let linear =
            width > 0
            ? try decoder(name, features: count, width: width)
            : LinearDecoder(
                weights: DenseMatrix(rowCount: count, columnCount: 0), bias: try vector("\(name).bias", count: count))
        let isBounded = file.tensor(named: "\(name).bound") != nil
        let bound = isBounded ? try vector("\(name).bound", count: 1)[0] : DispersionDecoder.usualBound
        guard bound > 0 else { throw bad(found: "\(name).bound = \(bound)", expected: "a number above 0") }
        return DispersionDecoder(linear: linear, center: try vector("\(name).center", count: count), bound: bound)
    }

    /// A dense layer as `NAME.weight` and `NAME.bias`.
    func layer(_ name: String, inputs: Int, outputs: Int? = nil) throws(FileError) -> LinearLayer {
        let weights = try matrix("\(name).weight", rows: inputs, columns: outputs)
        return LinearLayer(weights: weights, bias: try vector("\(name).bias", count: weights.columnCount))
    }

    /// A decoder as `NAME.weight` and `NAME.bias`.
    func decoder(_ name: String, features: Int, width: Int) throws(FileError) -> LinearDecoder {
        LinearDecoder(
            weights: try matrix("\(name).weight", rows: features, columns: width),
            bias: try vector("\(name).bias", count: features))
    }

    func latent(inputs: Int, width: Int) throws(FileError) -> GaussianLatent {
        GaussianLatent(
            mean: try layer("latent.mean", inputs: inputs, outputs: width),
            logVariance: try layer("latent.log_variance", inputs: inputs, outputs: width))
    }

    func lengths() throws(FileError) -> LengthDistribution {
        let pairs = try file.array(named: "lengths", of: UInt32.self)
        let lengths = stride(from: 0, to: pairs.count, by: 2).map { pairs[$0] }
        let documents = stride(from: 1, to: pairs.count, by: 2).map { pairs[$0] }
        guard file.tensor(named: "lengths")?.shape == [lengths.count, 2],
            LengthDistribution.isValid(values: lengths, documents: documents)
        else { throw bad(found: "an odd tensor lengths", expected: "pairs of rising lengths and their documents") }
        return LengthDistribution(values: lengths, documents: documents)
    }

    func vocabulary(count: Int) throws(FileError) -> Vocabulary? {
        guard file.tensor(named: "vocabulary") != nil else { return nil }
        let words = EscapedLines.texts(in: try file.elements(named: "vocabulary", as: UInt8.self))?.map { $0 ?? "" }
        guard let words, words.count == count else {
            throw bad(found: "\(words?.count.description ?? "unreadable") words", expected: "\(count), one a feature")
        }
        return Vocabulary(words: words)
    }

    func record(of kind: FeatureModel.Kind) throws(FileError) -> FeatureModel.TrainingRecord {
        guard let text = file.metadata["training"],
            var record = try? JSONDecoder().decode(FeatureModel.TrainingRecord.self, from: Data(text.utf8))
        else { throw bad(found: "no readable training record", expected: "the settings the model was trained with") }
        guard type(of: record.architecture).kind == kind else {
            throw bad(found: "the training record of another kind", expected: "that of a \(kind.rawValue)")
        }
        record.history = try [TrainingMeasures](self)
        return record
    }
}

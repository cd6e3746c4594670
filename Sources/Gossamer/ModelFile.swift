import Autoencoders
import Corpora
import FileIO
import Foundation
import SparseMatrices
import TensorFiles

/// The model file: one safetensors file, which any safetensors library reads.
///
/// Tensors: `encoder.weight` (features × width), `encoder.bias`, `encoder.layers.N.weight` and `.bias` for hidden
/// layers, `decoder.weight` (features × latent), `decoder.bias`, `idf` for tf-idf, `vocabulary` (the words as UTF-8
/// bytes, a line end after each). Metadata: `format`, `kind`, `activation`, `hidden_activation`, `weighting`,
/// `normalize`, `index_base`, `features`, `latent`, and the training record as JSON in `training`.
extension FeatureModel {
    static let formatName = "gossamer-model-1"

    /// Writes the model; the file appears whole or not at all.
    public func save(to path: String) throws(FileError) {
        let words = vocabulary.map { Array($0.words.map { $0 + "\n" }.joined().utf8) }
        var contents: [String: TensorContent] = [
            "encoder.weight": .matrix(autoencoder.encoder.input.weights),
            "encoder.bias": .vector(autoencoder.encoder.input.bias),
            "decoder.weight": .matrix(autoencoder.decoder.weights),
            "decoder.bias": .vector(autoencoder.decoder.bias),
        ]
        for (i, layer) in autoencoder.encoder.layers.enumerated() {
            contents["encoder.layers.\(i).weight"] = .matrix(layer.weights)
            contents["encoder.layers.\(i).bias"] = .vector(layer.bias)
        }
        if weighting.scheme == .tfIdf { contents["idf"] = .vector(weighting.inverseDocumentFrequency) }
        if let words { contents["vocabulary"] = .bytes(words) }
        let tensors = contents.sorted { $0.key < $1.key }.map { $1.description(named: $0) }
        let writer = try SafetensorsWriter(path: path, tensors: tensors, metadata: metadata)
        for tensor in writer.tensors { try contents[tensor.name]?.write(to: writer, as: tensor.name) }
        try writer.commit()
    }

    private var metadata: [String: String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var entries = [
            "format": Self.formatName, "kind": "sae", "features": String(featureCount), "latent": String(latentWidth),
            "activation": autoencoder.encoder.activation.description,
            "hidden_activation": autoencoder.encoder.hiddenActivation.description,
            "weighting": weighting.scheme.rawValue, "normalize": weighting.normalization.rawValue,
        ]
        if let indexBase { entries["index_base"] = String(indexBase.rawValue) }
        if let record = try? encoder.encode(record) { entries["training"] = String(decoding: record, as: UTF8.self) }
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
        guard file.metadata["kind"] == "sae" else {
            throw reader.bad(found: "kind = \(file.metadata["kind"] ?? "nothing")", expected: "sae")
        }
        let features = try reader.number("features")
        let width = try reader.number("latent")
        let encoder = try reader.encoder(features: features)
        guard encoder.latentWidth == width, width > 0 else {
            throw reader.bad(found: "an encoder of \(encoder.latentWidth) units", expected: "\(max(1, width))")
        }
        let scheme: FeatureWeighting.Scheme = try reader.choice("weighting")
        self.init(
            autoencoder: SparseAutoencoder(
                encoder: encoder,
                decoder: LinearDecoder(
                    weights: try reader.matrix("decoder.weight", rows: features, columns: width),
                    bias: try reader.vector("decoder.bias", count: features))),
            weighting: FeatureWeighting(
                scheme: scheme, normalization: try reader.choice("normalize"),
                inverseDocumentFrequency: scheme == .tfIdf ? try reader.vector("idf", count: features) : []),
            indexBase: try reader.indexBase(),
            vocabulary: try reader.vocabulary(count: features), record: try reader.record())
    }
}

/// What a tensor of the model file holds.
private enum TensorContent {
    case matrix(DenseMatrix)
    case vector([Float])
    case bytes([UInt8])

    func description(named name: String) -> TensorDescription {
        switch self {
        case .matrix(let m): TensorDescription(name: name, type: .float32, shape: [m.rowCount, m.columnCount])
        case .vector(let v): TensorDescription(name: name, type: .float32, shape: [v.count])
        case .bytes(let b): TensorDescription(name: name, type: .uint8, shape: [b.count])
        }
    }

    func write(to writer: SafetensorsWriter, as name: String) throws(FileError) {
        switch self {
        case .matrix(let matrix):
            try matrix.withUnsafeElements { elements throws(FileError) in
                try writer.write(UnsafeBufferPointer(start: elements, count: matrix.elementCount), to: name)
            }
        case .vector(let vector): try writer.write(vector, to: name)
        case .bytes(let bytes): try writer.write(bytes, to: name)
        }
    }
}

/// Reads and checks the parts of a model file.
private struct ModelReader {
    let file: SafetensorsFile
    let path: String

    func bad(found: String, expected: String) -> FileError {
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

    func vector(_ name: String, count: Int) throws(FileError) -> [Float] {
        try floats(name, shape: [count])
    }

    /// Training writes finite numbers only; one that is not would spread to every embedding.
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
        let input = SparseLinear(weights: weights, bias: try vector("encoder.bias", count: weights.columnCount))
        var layers: [DenseLinear] = []
        while file.tensor(named: "encoder.layers.\(layers.count).weight") != nil {
            let name = "encoder.layers.\(layers.count)"
            let weights = try matrix("\(name).weight", rows: layers.last?.width ?? input.width)
            layers.append(
                DenseLinear(weights: weights, bias: try vector("\(name).bias", count: weights.columnCount)))
        }
        return SparseEncoder(
            input: input, layers: layers, hiddenActivation: try activation("hidden_activation"),
            activation: try activation("activation"))
    }

    func vocabulary(count: Int) throws(FileError) -> Vocabulary? {
        guard file.tensor(named: "vocabulary") != nil else { return nil }
        let bytes = try file.array(named: "vocabulary", of: UInt8.self)
        // Split as bytes: to a String, a carriage return and the line end after it are one character.
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        let words = lines.map { String(decoding: $0, as: UTF8.self) }
        guard words.count == count else {
            throw bad(found: "\(words.count) words", expected: "\(count), one a feature")
        }
        return Vocabulary(words: words)
    }

    func record() throws(FileError) -> FeatureModel.TrainingRecord {
        guard let text = file.metadata["training"],
            let record = try? JSONDecoder().decode(FeatureModel.TrainingRecord.self, from: Data(text.utf8))
        else { throw bad(found: "no readable training record", expected: "the settings the model was trained with") }
        return record
    }
}

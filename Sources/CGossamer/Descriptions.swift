import Autoencoders
import CGossamerInterface
import Corpora
import Evaluation
import FileIO
import Gossamer
import SparseMatrices

@c @implementation
public func gossamer_version(
    _ json: UnsafeMutablePointer<gossamer_string>?, _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) { try give(json: VersionReport(graphblas: nil), to: json) }
}

@c @implementation
public func gossamer_choose_kernels() { ComputingLibraries.chooseOpenBLASCore() }

private struct CorpusDescription: Encodable {
    let rows: Int
    let columns: Int
    let entries: Int
    let format: String
    let indexBase: Int?
    let hasLabels: Bool
    let hasIds: Bool
    let hasWords: Bool
    let hasQids: Bool
    /// numbers, text, or sets where a row has several.
    let labelKind: String?
    let warnings: [String]
    let notes: [String]
    let textOptions: TextOptions?

    enum CodingKeys: String, CodingKey {
        case rows, columns, entries, format, warnings, notes
        case indexBase = "index_base", hasLabels = "has_labels", hasIds = "has_ids", hasWords = "has_words"
        case hasQids = "has_qids", labelKind = "label_kind", textOptions = "text_options"
    }

    init(_ corpus: Corpus) {
        (rows, columns, entries) = (corpus.rowCount, corpus.featureCount, corpus.matrix.entryCount)
        format = corpus.provenance.format
        indexBase = corpus.provenance.indexBase?.rawValue
        hasLabels = corpus.labels != nil
        hasIds = corpus.ids != nil
        hasWords = corpus.vocabulary != nil
        hasQids = corpus.qids != nil
        labelKind = corpus.labels.map { labels in
            if labels.isMultilabel { return "sets" }
            return labels.names.allSatisfy { Double($0) != nil } ? "numbers" : "text"
        }
        warnings = corpus.provenance.warnings
        notes = corpus.provenance.notes.map(\.description)
        textOptions = corpus.textOptions
    }
}

@c @implementation
public func gossamer_corpus_describe(
    _ corpus: OpaquePointer?, _ json: UnsafeMutablePointer<gossamer_string>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        try give(json: CorpusDescription(try given(corpus, CorpusObject.self, "corpus").corpus), to: json)
    }
}

private struct ModelDescription: Encodable {
    let kind: String
    let features: Int
    let units: Int
    let documents: Int
    let entries: Int
    let epochs: Int?
    let settings: JSONValue
    let history: [[String: JSONValue]]
    let earlier: [FeatureModel.EarlierTraining]
    let activation: String
    let weighting: String
    let normalization: String
    let likelihood: String?
    let indexBase: Int?
    let hasWords: Bool
    let hasVariances: Bool
    let textOptions: TextOptions?

    enum CodingKeys: String, CodingKey {
        case kind, features, units, documents, entries, epochs, settings, history, earlier, activation, weighting,
            normalization
        case likelihood, indexBase = "index_base", hasWords = "has_words", hasVariances = "has_variances"
        case textOptions = "text_options"
    }

    init(_ object: ModelObject) throws {
        let model = object.model
        kind = model.kind.rawValue
        (features, units) = (model.featureCount, model.latentWidth)
        (documents, entries) = (model.record.documents, model.record.entries)
        let curve = model.record.history
        epochs = curve.isEmpty ? model.record.training.epochs : curve.count
        settings = try JSONValue(encoding: model.record)
        history = zip(1..., curve).map { $1.members(ofEpoch: $0) }
        earlier = model.record.earlier
        activation = model.encoder.activation.description
        weighting = model.weighting.scheme.description
        normalization = model.weighting.normalization.rawValue
        likelihood = model.network.likelihood?.rawValue
        indexBase = model.indexBase?.rawValue
        hasWords = model.vocabulary != nil
        hasVariances = model.network.hasPosterior
        textOptions = model.textOptions
    }
}

@c @implementation
public func gossamer_model_describe(
    _ model: OpaquePointer?, _ json: UnsafeMutablePointer<gossamer_string>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        try give(json: try ModelDescription(try given(model, ModelObject.self, "model")), to: json)
    }
}

private struct UnitDescription: Encodable {
    let unit: Int
    let norm: Double
    let importance: Double
    let density: Double?
    let words: [Word]

    struct Word: Encodable {
        let feature: Int
        let word: String?
        let weight: Float
        let lift: Double?
    }

    init(_ report: UnitReport, of model: FeatureModel) {
        (unit, norm, importance, density) = (report.unit, report.norm, report.importance, report.density)
        words = report.words.map {
            Word(feature: $0.feature, word: model.vocabulary?[$0.feature], weight: $0.weight, lift: $0.lift)
        }
    }
}

@c @implementation
public func gossamer_model_features(
    _ model: OpaquePointer?, _ options: UnsafePointer<CChar>?, _ json: UnsafeMutablePointer<gossamer_string>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let model = try given(model, ModelObject.self, "model").model
        var members = try JSONValue.members(options, "options")
        var settings = UnitReportSettings()
        settings.words = try members.take("top") ?? 10
        try members.requireEmpty(known: "top")
        if settings.words < 1 { throw UsageError("top: found \(settings.words); expected at least 1") }
        (settings.documents, settings.neighbours) = (0, 0)
        let reports = try model.units(in: nil, settings).sorted { $0.unit < $1.unit }
        try give(json: ["units": reports.map { UnitDescription($0, of: model) }], to: json)
    }
}

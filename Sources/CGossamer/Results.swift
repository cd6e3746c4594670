import Autoencoders
import CGossamerInterface
import Corpora
import FileIO
import Gossamer
import SparseMatrices

extension ModelObject {
    /// The corpus of a handle in the model's columns: those of the same words where both have words, otherwise those of
    /// the same numbers.
    func documents(_ corpus: OpaquePointer?, _ name: String = "corpus") throws -> Corpus {
        var corpus = try given(corpus, CorpusObject.self, name).corpus
        if let words = model.vocabulary { corpus = try corpus.aligned(to: words, name: name) }
        guard corpus.featureCount <= model.featureCount else {
            throw ArrayError(
                "\(name): found \(corpus.featureCount) columns; expected \(model.featureCount), those of the model, or fewer"
            )
        }
        return corpus
    }
}

@c @implementation
public func gossamer_model_transform(
    _ model: OpaquePointer?, _ corpus: OpaquePointer?, _ options: UnsafePointer<CChar>?, _ threads: Int32,
    _ codes: UnsafeMutablePointer<Float>?, _ capacity: Int64, _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let object = try given(model, ModelObject.self, "model"), model = object.model
        let documents = try object.documents(corpus)
        var members = try JSONValue.members(options, "options")
        let withVariance: Bool = try members.take("variance") ?? false
        let asMixture: Bool = try members.take("mixture") ?? false
        try members.requireEmpty(known: "variance and mixture")
        if withVariance && !model.network.hasPosterior { throw UsageError("variance: an sae model has no variances") }
        if asMixture && !model.isMixture {
            throw UsageError("mixture: only the codes of a topic-mixture model become shares of topics")
        }
        let width = model.codeWidth(withVariance: withVariance)
        let target = try place(codes, capacity, needed: documents.rowCount * width, "codes")
        let execution = Execution(parallelism: try Parallelism(given: threads))
        let inputs = try model.inputs(from: documents)
        model.encodeBlocks(
            of: inputs, withVariance: withVariance, asMixture: asMixture, execution: execution
        ) { block, rows in
            (target + rows.lowerBound * width).update(from: block, count: rows.count * width)
        }
    }
}

@c @implementation
public func gossamer_model_decode(
    _ model: OpaquePointer?, _ codes: UnsafePointer<Float>?, _ rows: Int64, _ units: Int64,
    _ features: UnsafeMutablePointer<Float>?, _ capacity: Int64, _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let model = try given(model, ModelObject.self, "model").model
        guard units == Int64(model.latentWidth), rows >= 0 else {
            throw UsageError("codes: found \(rows) × \(units); expected rows of \(model.latentWidth) units")
        }
        let widest = max(model.featureCount, model.latentWidth)
        if Int(rows).multipliedReportingOverflow(by: widest).overflow {
            throw UsageError("codes: \(rows) rows of \(widest) numbers are too many")
        }
        let target = try place(features, capacity, needed: Int(rows) * model.featureCount, "features")
        guard let codes else {
            if rows == 0 { return }
            throw UsageError("codes are NULL; expected an array")
        }
        model.decode(UnsafeBufferPointer(start: codes, count: Int(rows) * model.latentWidth), into: target)
    }
}

@c @implementation
public func gossamer_model_components(
    _ model: OpaquePointer?, _ weights: UnsafeMutablePointer<Float>?, _ capacity: Int64,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let decoder = try given(model, ModelObject.self, "model").model.decoder
        let (features, units) = (decoder.featureCount, decoder.latentWidth)
        let target = try place(weights, capacity, needed: features * units, "weights")
        decoder.weights.withUnsafeElements { d in
            for feature in 0..<features {
                for unit in 0..<units { target[unit * features + feature] = d[feature * units + unit] }
            }
        }
    }
}

@c @implementation
public func gossamer_model_losses(
    _ model: OpaquePointer?, _ corpus: OpaquePointer?, _ threads: Int32, _ losses: UnsafeMutablePointer<Double>?,
    _ count: Int64, _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let object = try given(model, ModelObject.self, "model")
        let documents = try object.documents(corpus)
        let target = try place(losses, count, needed: documents.rowCount, "losses")
        var settings = ScoreSettings()
        settings.featureCount = 0
        let execution = Execution(parallelism: try Parallelism(given: threads))
        try object.model.scoreBlocks(of: documents, settings, execution: execution) { scores in
            for score in scores { target[score.row] = score.loss }
        }
    }
}

@c @implementation
public func gossamer_model_generate(
    _ model: OpaquePointer?, _ count: Int64, _ near: OpaquePointer?, _ options: UnsafePointer<CChar>?,
    _ threads: Int32, _ progress: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Int32)?,
    _ context: UnsafeMutableRawPointer?, _ documents: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let object = try given(model, ModelObject.self, "model"), model = object.model
        guard (0...Int64(Int32.max)).contains(count) else {
            throw UsageError("count: found \(count); expected a number from 0 to \(Int32.max)")
        }
        var members = try JSONValue.members(options, "options")
        var settings = GenerationSettings()
        settings.seed = try members.take("seed") ?? 0
        settings.temperature = try members.take("temperature") ?? 1
        settings.spread = try members.take("spread") ?? 1
        let isNearTraining: Bool = try members.take("near_training") ?? false
        try members.requireEmpty(known: "seed, temperature, spread and near_training")
        guard settings.temperature > 0, settings.temperature.isFinite else {
            throw UsageError("temperature: found \(settings.temperature); expected a number above 0")
        }
        guard settings.spread >= 0, settings.spread.isFinite else {
            throw UsageError("spread: found \(settings.spread); expected a number from 0")
        }
        if settings.temperature != 1 && !model.hasTemperature {
            throw UsageError("temperature: this model has no softmax over words")
        }
        if isNearTraining { settings.origin = .training }
        if near != nil { settings.origin = .near(try object.documents(near, "near")) }
        let execution = Execution(parallelism: try Parallelism(given: threads))
        let matrix = try model.generate(Int(count), settings, execution: execution) { _ in
            if let progress, progress(context, nil) != 0 { throw Cancelled() }
        }.matrix
        try give(
            CorpusObject(
                Corpus(
                    matrix: matrix, vocabulary: model.vocabulary,
                    provenance: CorpusProvenance(format: "arrays", indexBase: model.indexBase))), to: documents)
    }
}

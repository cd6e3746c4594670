import Autoencoders
import CGossamerInterface
import FileIO
import Gossamer
import SparseMatrices

/// What a model's handle refers to.
final class ModelObject: Sendable {
    let model: FeatureModel
    /// The words of the features, in the form that C reads.
    let words: Lazy<TextList>

    init(_ model: FeatureModel) {
        self.model = model
        words = Lazy { TextList(model.vocabulary?.words ?? []) }
    }
}

@c @implementation
public func gossamer_model_train(
    _ corpus: OpaquePointer?, _ settings: UnsafePointer<CChar>?, _ threads: Int32,
    _ progress: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Int32)?,
    _ context: UnsafeMutableRawPointer?, _ model: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let documents = try given(corpus, CorpusObject.self, "corpus").corpus
        let settings = try ModelSettings(try JSONValue.members(settings, "settings"))
        let execution = Execution(parallelism: try Parallelism(given: threads))
        let trained = try FeatureModel.train(
            on: documents, settings, execution: execution,
            onEvent: relay(
                to: progress, context, isPerToken: settings.architecture.namedLikelihood?.isPerToken, execution))
        try give(ModelObject(trained), to: model)
    }
}

@c @implementation
public func gossamer_model_continue(
    _ model: OpaquePointer?, _ corpus: OpaquePointer?, _ options: UnsafePointer<CChar>?, _ threads: Int32,
    _ progress: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Int32)?,
    _ context: UnsafeMutableRawPointer?, _ continued: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let known = try given(model, ModelObject.self, "model").model
        let documents = try given(corpus, CorpusObject.self, "corpus").corpus
        var members = try JSONValue.members(options, "options")
        let keepsWeighting = try members.take("keep_weighting", as: Bool.self) ?? false
        let training = try ModelSettings(members.removeValue(forKey: "training").map { ["training": $0] } ?? [:])
            .training
        try members.requireEmpty(known: "training, keep_weighting")
        let execution = Execution(parallelism: try Parallelism(given: threads))
        let trained = try known.continued(
            on: documents, training: training, keepingWeighting: keepsWeighting, execution: execution,
            onEvent: relay(
                to: progress, context, isPerToken: known.record.architecture.namedLikelihood?.isPerToken, execution))
        try give(ModelObject(trained), to: continued)
    }
}

/// Tells a callback of training, and ends that when it asks to.
private func relay(
    to progress: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Int32)?,
    _ context: UnsafeMutableRawPointer?, isPerToken: Bool?, _ execution: Execution
) -> (TrainingEvent) -> Void {
    { event in
        var line: CText?
        if case .epoch(let report) = event {
            line = CText(report.event(TrainingMeasures(report, isPerToken: isPerToken ?? false)).description)
        }
        if let progress, progress(context, line?.start) != 0 { execution.cancel() }
    }
}

extension EpochReport {
    /// The event of an epoch, as `gossamer train --progress jsonl` prints it.
    fileprivate func event(_ measures: TrainingMeasures) -> JSONValue {
        let own: [String: JSONValue] = [
            "event": .text("epoch"), "epochs": .whole(epochs), "seconds": .number(seconds),
            "documents_per_second": .number(Double(rows) / max(seconds, 1e-9)),
        ]
        return .object(own.merging(measures.members(ofEpoch: epoch)) { $1 })
    }
}

extension TrainingMeasures {
    /// The measures of an epoch, counted from 1, by name. JSON has no numbers that are not finite; those are left out.
    func members(ofEpoch epoch: Int) -> [String: JSONValue] {
        let measures = named.filter(\.value.isFinite).map { ($0.name.rawValue, JSONValue.number($0.value)) }
        return Dictionary(uniqueKeysWithValues: measures).merging(["epoch": .whole(epoch)]) { $1 }
    }
}

@c @implementation
public func gossamer_model_load(
    _ path: UnsafePointer<CChar>?, _ model: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) { try give(ModelObject(try FeatureModel(contentsOf: try givenText(path, "path"))), to: model) }
}

@c @implementation
public func gossamer_model_save(
    _ model: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) { try given(model, ModelObject.self, "model").model.save(to: try givenText(path, "path")) }
}

@c @implementation
public func gossamer_model_to_bytes(
    _ model: OpaquePointer?, _ bytes: UnsafeMutablePointer<gossamer_string>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let model = try given(model, ModelObject.self, "model").model
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/model.safetensors"
        try model.save(to: path)
        let file = try MappedFile(path: path)
        defer { withExtendedLifetime(file) {} }
        try give(file.bytes, to: bytes)
    }
}

@c @implementation
public func gossamer_model_from_bytes(
    _ bytes: UnsafeRawPointer?, _ length: Int64, _ model: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        guard let bytes, length >= 0 else { throw UsageError("bytes are NULL or their number is below 0") }
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/model.safetensors"
        let file = try AtomicFile(path: path)
        try file.write(UnsafeRawBufferPointer(start: bytes, count: Int(length)))
        try file.commit()
        try give(ModelObject(try FeatureModel(contentsOf: path)), to: model)
    }
}

@c @implementation
public func gossamer_model_words(
    _ model: OpaquePointer?, _ words: UnsafeMutablePointer<gossamer_texts>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) { try given(model, ModelObject.self, "model").words.value.give(to: words) }
}

@c @implementation
public func gossamer_model_free(_ model: OpaquePointer?) { free(model, ModelObject.self) }

import Autoencoders
import CGossamerInterface
import Corpora
import Evaluation
import FileIO
import Gossamer

/// Options of an evaluation, and what they are applied to.
private struct EvaluationRequest {
    let model: FeatureModel
    let test: Corpus
    let train: Corpus?
    let execution: Execution
    var samples = 20
    var refine = 20
    var importanceSamples = 0
    var seed: UInt64 = 0

    init(
        _ object: ModelObject, train: Corpus?, test: Corpus, _ members: [String: JSONValue], _ execution: Execution
    ) throws {
        model = object.model
        (self.train, self.test, self.execution) = (train, test, execution)
        var members = members
        samples = try members.take("samples") ?? samples
        refine = try members.take("refine") ?? refine
        importanceSamples = try members.take("importance_samples") ?? importanceSamples
        seed = try members.take("seed") ?? seed
        try members.requireEmpty(known: "samples, refine, importance_samples and seed")
        for (name, value, least) in [
            ("samples", samples, 1), ("refine", refine, 0), ("importance_samples", importanceSamples, 0),
        ] where value < least {
            throw UsageError("\(name): found \(value); expected a number from \(least)")
        }
    }

    func figures() throws -> Figures {
        var figures = Figures()
        try addLosses(to: &figures)
        let cosines = model.largestDecoderCosines(parallelism: execution.parallelism)
        if !cosines.isEmpty {
            figures["largest_decoder_cosine_mean"] = cosines.reduce(0, +) / Double(cosines.count)
            figures["largest_decoder_cosine_maximum"] = cosines.max()
        }
        figures.add(model.coherence(in: test, parallelism: execution.parallelism), suffix: "")
        if let clusters = try model.evaluateClusters(of: test, seed: seed, execution: execution) {
            figures["purity"] = clusters.purity
            figures["nmi"] = clusters.nmi
            figures["purity_unit"] = clusters.unitPurity
            figures["nmi_unit"] = clusters.unitNMI
        }
        if let byLift = try model.coherenceByLift(train: train, test: test, execution: execution) {
            figures.add(byLift, suffix: "_by_lift")
        }
        guard let train else { return figures }
        let codes = try model.evaluateCodes(train: train, test: test, execution: execution)
        if let probe = codes?.probe {
            figures[probe.isMultilabel ? "probe_micro_f1" : "probe_accuracy"] = probe.score
            figures["probe_accuracy_standard_error"] = probe.standardError
        }
        figures["retrieval_precision_at_10"] = codes?.retrievalPrecision
        return figures
    }

    private func addLosses(to figures: inout Figures) throws {
        let inputs = try model.inputs(from: test)
        if let network = model.network as? SparseAutoencoder {
            let report = try network.reconstruction(of: inputs, execution: execution)
            figures["documents"] = Double(report.documents)
            figures["l0_mean"] = report.activeUnits
            figures["fvu"] = report.unexplainedVariance
            figures["normalized_mse"] = report.normalizedError
            figures["loss_nats_per_document"] = report.lossPerDocument
            if let train {
                figures["dead_fraction"] = try network.deadFraction(
                    on: try model.inputs(from: train), execution: execution)
            }
        } else if let network = model.network as? VariationalNetwork {
            try addBounds(of: network.model, on: inputs, to: &figures)
        }
    }

    private func addBounds(
        of network: VariationalAutoencoder, on inputs: CSRMatrix, to figures: inout Figures
    ) throws {
        figures["documents"] = Double(network.measuredRows(of: inputs).count)
        guard let plain = try bound(of: network, on: inputs, steps: 0) else {
            throw ArrayError("test: found no document with a word that the model knows; expected some to measure")
        }
        figures["active_units"] = Double(plain.activeUnits)
        figures["kl_nats_per_document"] = plain.klDivergence
        let isPerToken = network.likelihood.isPerToken
        if isPerToken { figures["elbo_nats_per_token"] = -plain.lossPerToken }
        figures.add(plain.elbo, suffix: "", isPerToken: isPerToken)
        let refined = refine > 0 ? try bound(of: network, on: inputs, steps: refine) : nil
        figures.add(refined?.elbo, suffix: "_refined", isPerToken: isPerToken)
        figures.add((refined ?? plain).importanceWeighted, suffix: "_importance", isPerToken: isPerToken)
    }

    private func bound(of network: VariationalAutoencoder, on inputs: CSRMatrix, steps: Int) throws -> BoundReport? {
        var settings = VariationalAutoencoder.BoundSettings()
        settings.samples = samples
        settings.refinementSteps = steps
        settings.importanceSamples = steps == refine ? importanceSamples : 0
        settings.seed = seed
        return try network.heldOutBound(on: inputs, settings, execution: execution)
    }
}

/// Measures by the names of `gossamer evaluate --json`; those that do not apply or are not finite are left out.
private struct Figures: Encodable {
    private var values: [String: Double] = [:]

    subscript(name: String) -> Double? {
        get { values[name] }
        set { values[name] = newValue.flatMap { $0.isFinite ? $0 : nil } }
    }

    mutating func add(_ report: LossReport?, suffix: String, isPerToken: Bool) {
        guard let report else { return }
        self["loss_nats_per_document" + suffix] = report.loss
        guard isPerToken else { return }
        self["perplexity_corpus" + suffix] = report.perplexityPerCorpus
        self["perplexity_document" + suffix] = report.perplexityPerDocument
    }

    mutating func add(_ coherence: TopicCoherence, suffix: String) {
        self["npmi" + suffix] = coherence.npmi
        self["coherence_c_v" + suffix] = coherence.cV.mean
        self["coherence_c_uci" + suffix] = coherence.cUCI.mean
        self["coherence_u_mass" + suffix] = coherence.uMass.mean
        self["topic_diversity" + suffix] = coherence.diversity
        self["inverted_rbo" + suffix] = coherence.invertedRBO
    }

    func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }
}

@c @implementation
public func gossamer_model_evaluate(
    _ model: OpaquePointer?, _ train: OpaquePointer?, _ test: OpaquePointer?, _ options: UnsafePointer<CChar>?,
    _ threads: Int32, _ json: UnsafeMutablePointer<gossamer_string>?, _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let object = try given(model, ModelObject.self, "model")
        let request = try EvaluationRequest(
            object, train: try train.map { try object.documents($0, "train") },
            test: try object.documents(test, "test"), try JSONValue.members(options, "options"),
            Execution(parallelism: try Parallelism(given: threads)))
        try give(json: try request.figures(), to: json)
    }
}

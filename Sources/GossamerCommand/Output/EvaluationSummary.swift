import Autoencoders
import Evaluation

/// The report of `evaluate`; values that do not apply or are not finite are left out.
struct EvaluationSummary {
    private let evaluation: ModelEvaluation
    private let settings: EvaluationSettings
    /// Of lists that the caller has given.
    private let wordLists: TopicCoherence?
    private let seconds: Double

    init(
        _ evaluation: ModelEvaluation, _ settings: EvaluationSettings, wordLists: TopicCoherence?, seconds: Double
    ) {
        (self.evaluation, self.settings) = (evaluation, settings)
        (self.wordLists, self.seconds) = (wordLists, seconds)
    }

    /// The report as JSON.
    var fields: JSONFields {
        var fields: JSONFields = ["coherence_window": "document", "seconds": seconds]
        for figure in evaluation.figures + (wordLists?.figures(prefix: "word_lists_") ?? []) {
            fields.add(figure.name, figure.value)
            fields.add(figure.name + "_standard_error", figure.standardError)
        }
        switch evaluation.fit {
        case .reconstruction(let report, _):
            fields.add("documents", report.documents)
            fields.add("unit_frequency_bands", report.unitFrequencies.counts)
        case .bound(let bound):
            fields.add("documents", bound.documents)
            fields.add("active_units", bound.plain.activeUnits)
            fields.add("refinement_steps", bound.refined.map { _ in settings.refinementSteps })
            fields.add("importance_samples", settings.importanceSamples > 0 ? settings.importanceSamples : nil)
        }
        return fields
    }

    /// The human-readable report.
    var text: String {
        var lines = EvaluationLines()
        let documents: Int
        switch evaluation.fit {
        case .reconstruction(let report, let dead):
            documents = report.documents
            lines.add(report, deadFraction: dead)
        case .bound(let bound):
            documents = bound.documents
            lines.add(bound, settings)
        }
        lines.add(largestDecoderCosines: evaluation.largestDecoderCosines)
        lines.add(evaluation.coherence, .decoder)
        if let wordLists { lines.add(wordLists, .lists) }
        if let clusters = evaluation.clusters { lines.add(clusters) }
        if let byLift = evaluation.coherenceByLift { lines.add(byLift, .lift) }
        if let codes = evaluation.codes { lines.add(codes) }
        lines.add("\(Format.count(documents)) documents in \(Format.duration(seconds))")
        return lines.text
    }
}

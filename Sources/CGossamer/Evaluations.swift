import CGossamerInterface
import Evaluation
import FileIO
import Gossamer
import SparseMatrices

extension EvaluationSettings {
    /// The options of `gossamer_model_evaluate`.
    fileprivate init(_ members: [String: JSONValue]) throws {
        self.init()
        var members = members
        samples = try members.take("samples") ?? samples
        refinementSteps = try members.take("refine") ?? refinementSteps
        importanceSamples = try members.take("importance_samples") ?? importanceSamples
        seed = try members.take("seed") ?? seed
        try members.requireEmpty(known: "samples, refine, importance_samples and seed")
        for (name, value, least) in [
            ("samples", samples, 1), ("refine", refinementSteps, 0), ("importance_samples", importanceSamples, 0),
        ] where value < least {
            throw UsageError("\(name): found \(value); expected a number from \(least)")
        }
    }
}

extension ModelEvaluation {
    /// The measures by their names, with their standard errors where there are any.
    fileprivate var members: [String: Double] {
        figures.reduce(into: [:]) { members, figure in
            members[figure.name] = figure.value
            members[figure.name + "_standard_error"] = figure.standardError
        }
    }
}

@c @implementation
public func gossamer_model_evaluate(
    _ model: OpaquePointer?, _ train: OpaquePointer?, _ test: OpaquePointer?, _ options: UnsafePointer<CChar>?,
    _ threads: Int32, _ json: UnsafeMutablePointer<gossamer_string>?, _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let object = try given(model, ModelObject.self, "model")
        let evaluation = try object.model.evaluate(
            on: try object.documents(test, "test"), train: try train.map { try object.documents($0, "train") },
            EvaluationSettings(try JSONValue.members(options, "options")),
            execution: Execution(parallelism: try Parallelism(given: threads)))
        try give(json: evaluation.members, to: json)
    }
}

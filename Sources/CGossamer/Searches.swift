import Autoencoders
import CGossamerInterface
import Corpora
import Evaluation
import FileIO
import Gossamer
import SparseMatrices

/// What `gossamer_search` is asked for.
private struct SearchRequest {
    let search: ModelSearch
    let resultsPath: String?

    init(_ members: [String: JSONValue]) throws {
        var members = members
        let folds: Int = try members.take("folds") ?? 5
        guard folds >= 2 else { throw UsageError("folds: found \(folds); expected a number from 2") }
        let measure = try members.take("by", as: String.self).map { name in
            guard let measure = SearchMeasure(rawValue: name) else {
                let names = SearchMeasure.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("by: found \(name); expected one of \(names)")
            }
            return measure
        }
        let seed: UInt64 = try members.take("seed") ?? 0
        resultsPath = try members.take("results")
        guard case .list(let list) = members.removeValue(forKey: "candidates") ?? .null, !list.isEmpty else {
            throw UsageError("candidates: found none; expected settings to compare")
        }
        try members.requireEmpty(known: "candidates, folds, by, seed and results")
        search = ModelSearch(try list.map(Self.candidate), folds: folds, by: measure, seed: seed)
    }

    private static func candidate(_ value: JSONValue) throws -> SearchCandidate {
        guard case .object(var members) = value else {
            throw UsageError("candidates: found \(value.description); expected objects")
        }
        let options: [String: String] = try members.take("options") ?? [:]
        guard case .object(let given) = members.removeValue(forKey: "settings") ?? .object([:]) else {
            throw UsageError("candidates: found settings that are no object; expected one")
        }
        try members.requireEmpty(known: "options and settings")
        let settings = try ModelSettings(given)
        try settings.check()
        return SearchCandidate(
            choices: options.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value) }, settings)
    }
}

/// The result of `gossamer_search`.
private struct SearchAnswer: Encodable {
    let by: String
    let folds: Int
    let simplest: Int?
    let candidates: [SearchReport.Row]

    init(_ report: SearchReport) {
        (by, folds) = (report.measure.rawValue, report.folds)
        simplest = report.simplestNearBest?.place
        candidates = report.rows
    }
}

extension SearchEvent {
    /// As the caller is told of it; nil for what is no end of a training.
    fileprivate var message: JSONValue? {
        guard case .finished(let run, let result, let score, _) = self else { return nil }
        var members: [String: JSONValue] = [
            "event": .text("run"), "run": .whole(run.number), "runs": .whole(run.total), "fold": .whole(run.fold + 1),
            "options": .object(run.candidate.options.mapValues { .text($0) }), "seconds": .number(result.seconds),
        ]
        members["score"] = score.map { .number($0) }
        members["failure"] = result.failure.map { .text($0) }
        return .object(members)
    }
}

@c @implementation
public func gossamer_search(
    _ corpus: OpaquePointer?, _ request: UnsafePointer<CChar>?, _ threads: Int32,
    _ progress: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Int32)?,
    _ context: UnsafeMutableRawPointer?, _ json: UnsafeMutablePointer<gossamer_string>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let documents = try given(corpus, CorpusObject.self, "corpus").corpus
        let request = try SearchRequest(try JSONValue.members(request, "request"))
        let execution = Execution(parallelism: try Parallelism(given: threads))
        let report = try request.search.run(
            on: documents, resultsPath: request.resultsPath, execution: execution
        ) { event in
            let line = event.message.map { CText($0.description) }
            if let progress, progress(context, line?.start) != 0 { execution.cancel() }
        }
        try give(json: SearchAnswer(report), to: json)
    }
}

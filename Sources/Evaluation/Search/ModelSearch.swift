import Autoencoders
import Corpora
import FileIO
import Gossamer

/// Compares settings by cross-validation: each candidate is trained on all folds of a corpus but one, and measured on
/// that one, for every fold in turn. All candidates get the same folds, and nothing of the held-out documents enters
/// training, not even the document frequencies of the weighting.
///
///     let widths = [16, 32, 64].map { width in
///         var settings = ModelSettings()
///         settings.autoencoder.latentWidth = width
///         return SearchCandidate(["latent": "\(width)"], settings)
///     }
///     let report = try ModelSearch(widths, folds: 3).run(on: corpus)
///     print(report.best?.candidate.name ?? "none")
///
/// The same corpus, candidates and seed give the same scores, whatever the number of threads, and whether or not the
/// search was stopped on the way.
package struct ModelSearch: Sendable {
    package let candidates: [SearchCandidate]
    package let folds: Int
    package let measure: SearchMeasure
    /// Of the folds, and of the samples of a bound; models are trained with the seed of their own settings.
    package let seed: UInt64

    /// - Parameter measure: nil takes what suits the candidates.
    /// - Precondition: there is a candidate, and there are at least two folds.
    package init(
        _ candidates: [SearchCandidate], folds: Int = 5, by measure: SearchMeasure? = nil, seed: UInt64 = 0
    ) {
        precondition(!candidates.isEmpty, "there is nothing to search")
        precondition(folds >= 2, "\(folds) folds leave no document to train on or none to measure on")
        self.candidates = candidates
        self.folds = folds
        self.measure = measure ?? .suitable(for: candidates)
        self.seed = seed
    }

    /// Runs what is left to run, a fold after the other, so that all candidates can be compared early on.
    ///
    /// - Parameters:
    ///   - resultsPath: a file that gets each result as soon as it is known, as a line of JSON; results that it has
    ///     already are taken from it. nil keeps them in memory only.
    ///   - checkpoints: where the state of the training is kept that is under way; it goes on from the file's state if
    ///     that is its own. The file is removed once the result is known. nil begins trainings anew.
    ///   - onEvent: is told of every run.
    /// - Throws: `SearchError` if the candidates cannot be compared so; `WeightingError` or `LikelihoodError`, before
    ///   anything is trained, if an entry of the corpus does not suit one of them; `FileError` about the results file.
    ///   A training that fails is a result.
    /// - Complexity: memory for a copy of the corpus, besides a training's own.
    package func run(
        on corpus: Corpus, resultsPath: String? = nil, checkpoints: Checkpoints? = nil,
        execution: Execution = Execution(),
        onEvent: (SearchEvent) -> Void = { _ in }
    ) throws -> SearchReport {
        let settings = candidates.map { $0.settings.resolved(for: corpus.matrix) }
        try check(settings, on: corpus)
        var journal = try resultsPath.map {
            try SearchJournal(path: $0, SearchJournal.Header(corpus, folds: folds, seed: seed))
        }
        for note in journal?.notes ?? [] { onEvent(.note(note)) }
        var state = known(settings, journal)
        onEvent(.started(SearchPlan(self, done: state.done, corpus)))
        let division = CorpusFolds(rowCount: corpus.rowCount, count: folds, seed: seed)
        for fold in 0..<folds where !state.isDone(fold: fold) {
            let documents = FoldDocuments(corpus, division, fold: fold)
            for (index, candidate) in candidates.enumerated() where state[index, fold] == nil {
                let run = SearchRun(candidate: candidate, fold: fold, number: state.done + 1, of: state.runs)
                onEvent(.training(run, share: 0, secondsLeft: state.secondsLeft))
                let start = ContinuousClock.now
                let result = try documents.result(
                    of: settings[index], by: measure, seed: seed, execution: execution, checkpoints: checkpoints
                ) { news in
                    switch news {
                    case .warning(let text): onEvent(.note(text))
                    case .resumed(let epochs, let steps): onEvent(.resumed(run, epochs: epochs, steps: steps))
                    case .progress(let share):
                        let left = state.secondsLeft(
                            in: index, elapsed: start.duration(to: .now) / .seconds(1), share: share)
                        onEvent(.training(run, share: share, secondsLeft: left))
                    }
                }
                try journal?.append(result, of: candidate, settings[index], fold: fold)
                checkpoints?.path.map(AtomicFile.discard)
                state[index, fold] = result
                onEvent(.finished(run, result, score: measure.score(of: result), secondsLeft: state.secondsLeft))
            }
        }
        return report(state, on: corpus)
    }

    /// What earlier searches have found out; one by another measure may lack this one.
    private func known(_ settings: [ModelSettings], _ journal: SearchJournal?) -> SearchState {
        var state = SearchState(candidates: candidates.count, folds: folds)
        for (index, settings) in settings.enumerated() {
            for fold in 0..<folds {
                guard let result = journal?.result(of: settings, fold: fold),
                    result.failure != nil || measure.score(of: result) != nil
                else { continue }
                state[index, fold] = result
            }
        }
        return state
    }

    private func report(_ state: SearchState, on corpus: Corpus) -> SearchReport {
        let entries = candidates.enumerated().map { index, candidate in
            SearchReport.Entry(
                candidate, place: index, state.results(of: index), measure: measure, features: corpus.featureCount)
        }
        return SearchReport(entries, measure: measure, folds: folds)
    }

    /// Finds out now what would stop a search in its middle.
    private func check(_ settings: [ModelSettings], on corpus: Corpus) throws {
        guard corpus.rowCount >= folds else { throw SearchError.tooFewDocuments(corpus.rowCount, folds: folds) }
        try measure.check(
            zip(candidates, settings).map { SearchCandidate(choices: $0.choices, $1) }, on: corpus)
        for settings in settings { try settings.checkMemory(on: corpus.matrix) }
        var checked: Set<InputDemands> = []
        for settings in settings where checked.insert(InputDemands(settings)).inserted {
            let space = settings.inputSpace
            let weighting = FeatureWeighting(
                scheme: space.scheme, normalization: space.normalization, fittedTo: corpus.matrix)
            try settings.architecture.check(try weighting.rows(of: corpus.matrix))
        }
    }
}

/// What a candidate needs entries of a corpus to be.
private struct InputDemands: Hashable {
    let space: InputSpace
    let likelihood: LikelihoodKind?

    init(_ settings: ModelSettings) {
        space = settings.inputSpace
        likelihood = settings.architecture.namedLikelihood
    }
}

/// One of the settings that a search compares.
package struct SearchCandidate: Sendable, Equatable {
    /// What sets it apart from the others, for people, such as `latent` and `64`.
    package let choices: [Choice]
    package let settings: ModelSettings

    package struct Choice: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(_ choices: KeyValuePairs<String, String>, _ settings: ModelSettings) {
        self.init(choices: choices.map { Choice(name: $0.key, value: $0.value) }, settings)
    }

    package init(choices: [Choice], _ settings: ModelSettings) {
        self.choices = choices
        self.settings = settings
    }

    /// The choices by their names.
    package var options: [String: String] { Dictionary(choices.map { ($0.name, $0.value) }) { $1 } }

    /// `latent=64 sparsity=l1:1e-4`
    package var name: String {
        choices.isEmpty ? "as given" : choices.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }
}

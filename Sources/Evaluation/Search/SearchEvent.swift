import Corpora

/// What a search tells those who watch it.
package enum SearchEvent: Sendable {
    /// Something odd about the results file.
    case note(String)
    case started(SearchPlan)
    /// The training goes on from its state, after so many epochs and steps of the next one.
    case resumed(SearchRun, epochs: Int, steps: Int)
    /// - `share`: of the training that is done.
    /// - `secondsLeft`: of the whole search; nil as long as there is nothing to tell it from.
    case training(SearchRun, share: Double, secondsLeft: Double?)
    /// - `score`: nil if the training failed.
    case finished(SearchRun, FoldResult, score: Double?, secondsLeft: Double?)
}

package struct SearchPlan: Sendable {
    package let measure: SearchMeasure
    package let candidates: Int
    package let folds: Int
    /// Candidates × folds.
    package let runs: Int
    /// Runs whose results were there already.
    package let done: Int
    package let documents: Int
    package let features: Int

    init(_ search: ModelSearch, done: Int, _ corpus: Corpus) {
        measure = search.measure
        candidates = search.candidates.count
        folds = search.folds
        runs = candidates * folds
        self.done = done
        documents = corpus.rowCount
        features = corpus.featureCount
    }
}

/// The training of one candidate on all folds but one.
package struct SearchRun: Sendable {
    package let candidate: SearchCandidate
    /// The fold that is held out, from 0.
    package let fold: Int
    /// Counted from 1, over all runs.
    package let number: Int
    package let total: Int

    init(candidate: SearchCandidate, fold: Int, number: Int, of total: Int) {
        self.candidate = candidate
        self.fold = fold
        self.number = number
        self.total = total
    }
}

/// Which results there are already.
struct SearchState {
    private var results: [[FoldResult?]]

    init(candidates: Int, folds: Int) {
        results = Array(repeating: Array(repeating: nil, count: folds), count: candidates)
    }

    subscript(candidate: Int, fold: Int) -> FoldResult? {
        get { results[candidate][fold] }
        set { results[candidate][fold] = newValue }
    }

    var runs: Int { results.reduce(0) { $0 + $1.count } }
    var done: Int { results.reduce(0) { $0 + $1.count { $0 != nil } } }
    func isDone(fold: Int) -> Bool { results.allSatisfy { $0[fold] != nil } }
    func results(of candidate: Int) -> [FoldResult] { results[candidate].compactMap { $0 } }

    /// What is left, guessed from the seconds of the same candidate on other folds, or else of other candidates.
    var secondsLeft: Double? {
        guard let overall = meanSeconds(results.flatMap { $0 }) else { return nil }
        return results.reduce(0) { sum, folds in
            sum + Double(folds.count { $0 == nil }) * (meanSeconds(folds) ?? overall)
        }
    }

    /// The same while a run of `candidate` is on its way.
    func secondsLeft(in candidate: Int, elapsed: Double, share: Double) -> Double? {
        let whole = meanSeconds(results[candidate]) ?? (share > 0 ? elapsed / share : nil)
        if let left = secondsLeft { return max(0, left - min(elapsed, whole ?? elapsed)) }
        return whole.map { max(0, $0 * Double(runs) - elapsed) }
    }

    private func meanSeconds(_ results: [FoldResult?]) -> Double? {
        let seconds = results.compactMap { $0?.seconds }
        return seconds.isEmpty ? nil : seconds.reduce(0, +) / Double(seconds.count)
    }
}

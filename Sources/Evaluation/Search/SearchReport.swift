/// What a search found out about its candidates.
package struct SearchReport: Sendable {
    package let measure: SearchMeasure
    package let folds: Int
    /// Best first; those that failed on a fold come last. Of equal ones the first candidate comes first.
    package let entries: [Entry]

    /// One candidate, over all folds.
    package struct Entry: Sendable {
        package let candidate: SearchCandidate
        /// Its place among the candidates of the search, from 0.
        package let place: Int
        /// In the order of the folds.
        package let results: [FoldResult]
        /// In the order of the folds; empty if any of them failed.
        package let scores: [Double]
        /// The numbers that the model learns for every feature and between its layers.
        package let parameterCount: Int

        /// nil if a fold failed.
        package var mean: Double? { scores.isEmpty ? nil : scores.mean }
        /// s/√k of the k scores, s their standard deviation with k − 1 degrees of freedom. Training documents of the
        /// folds overlap, so it is a rough figure (Bengio & Grandvalet, JMLR 2004). nil if a fold failed.
        package var standardError: Double? { scores.isEmpty ? nil : scores.standardError }
        /// Why there are no scores.
        package var failure: String? {
            if !scores.isEmpty { return nil }
            return results.compactMap(\.failure).first ?? "the held-out documents give nothing that can be measured"
        }
        /// Means over the folds that have them.
        package var activeUnits: Double? { mean(\.activeUnits) }
        package var deadUnits: Double? { mean { $0.deadUnits.map(Double.init) } }
        package var perplexityCorpus: Double? { mean(\.perplexityCorpus) }
        /// Of a fold, on average.
        package var seconds: Double { mean(\.seconds) ?? 0 }

        init(
            _ candidate: SearchCandidate, place: Int, _ results: [FoldResult], measure: SearchMeasure, features: Int
        ) {
            (self.candidate, self.place) = (candidate, place)
            self.results = results
            let scores = results.compactMap { measure.score(of: $0) }
            self.scores = scores.count == results.count ? scores : []
            parameterCount = candidate.settings.architecture.parameterCount(features: features)
        }

        private func mean(_ value: (FoldResult) -> Double?) -> Double? {
            let values = results.compactMap(value)
            return values.isEmpty ? nil : values.mean
        }
    }

    init(_ entries: [Entry], measure: SearchMeasure, folds: Int) {
        self.measure = measure
        self.folds = folds
        let sign: Double = measure.isHigherBetter ? -1 : 1
        self.entries = entries.enumerated().sorted { a, b in
            let (x, y) = (a.element.mean.map { sign * $0 } ?? .infinity, b.element.mean.map { sign * $0 } ?? .infinity)
            return (x, a.offset) < (y, b.offset)
        }.map(\.element)
    }

    /// nil if every candidate failed.
    package var best: Entry? { entries.first.flatMap { $0.mean == nil ? nil : $0 } }

    /// The simplest of those whose mean is within one standard error of the best, the standard error being the best's
    /// (Breiman, Friedman, Olshen & Stone, "Classification and Regression Trees", 1984): what is not clearly worse and
    /// costs less. Simplest has the fewest parameters, then the fewest active units a document, then the better score.
    package var simplestNearBest: Entry? {
        nearBest.map { entries[$0] }.min {
            ($0.parameterCount, $0.activeUnits ?? 0) < ($1.parameterCount, $1.activeUnits ?? 0)
        }
    }

    /// How many of `entries`, the best included, are within one standard error of it.
    package var nearBest: Range<Int> {
        guard let mean = best?.mean, let error = best?.standardError else { return 0..<0 }
        let near = entries.prefix { entry in
            guard let other = entry.mean else { return false }
            return abs(other - mean) <= error
        }
        return 0..<near.count
    }
}

extension SearchReport {
    /// An entry as it is written in JSON; what it does not have is left out.
    package struct Row: Encodable, Sendable {
        /// What sets the candidate apart from the others.
        package let options: [String: String]
        /// The candidate's place among those that were given, from 0.
        package let candidate: Int
        package let mean: Double?
        package let standardError: Double?
        package let scores: [Double]
        package let perplexityCorpus: Double?
        package let activeUnits: Double?
        package let deadUnits: Double?
        package let parameters: Int
        package let secondsPerFold: Double
        package let isWithinOneStandardError: Bool
        package let failure: String?

        private enum CodingKeys: String, CodingKey {
            case options, candidate, mean, scores, parameters, failure
            case standardError = "standard_error"
            case perplexityCorpus = "perplexity_corpus"
            case activeUnits = "active_units"
            case deadUnits = "dead_units"
            case secondsPerFold = "seconds_per_fold"
            case isWithinOneStandardError = "is_within_one_standard_error"
        }
    }

    /// The entries, best first.
    package var rows: [Row] {
        entries.enumerated().map { place, entry in
            Row(
                options: entry.candidate.options, candidate: entry.place, mean: entry.mean,
                standardError: entry.standardError, scores: entry.scores, perplexityCorpus: entry.perplexityCorpus,
                activeUnits: entry.activeUnits, deadUnits: entry.deadUnits, parameters: entry.parameterCount,
                secondsPerFold: entry.seconds, isWithinOneStandardError: nearBest.contains(place),
                failure: entry.failure)
        }
    }
}

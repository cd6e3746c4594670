import ArgumentParser
import Autoencoders
import Evaluation

/// A search as given on the command line: for each combination of the grid, the command that trains it.
struct SearchJob<Training: TrainingCommand> {
    /// The options that all combinations share.
    let common: Training
    let candidates: [(candidate: SearchCandidate, training: Training)]
    /// The number of combinations left out because they are equivalent to others.
    let repeats: Int
    private let given: [String]
    private let options: SearchableOptions
    private let shorthand: Shorthand

    /// Interprets a value of an axis that is not a value of the option of that name; nil if it has no other meaning.
    typealias Shorthand = (_ name: String, _ value: String) -> (name: String, value: String)?

    /// - Parameter given: the corpus, and options that all combinations share.
    /// - Throws: `ValidationError` with the message that `train` would give.
    init(_ search: SearchOptions, given: [String], run: RunOptions, shorthand: @escaping Shorthand) throws {
        self.given = given
        self.shorthand = shorthand
        let options = SearchableOptions(of: Training.self)
        self.options = options
        // Used only with --best-out, but must never be the path of an input.
        let shared = given + ["--seed=\(run.seed)", "--out=\(search.bestOut ?? search.out + ".model")"]
        common = try Self.parse(shared, context: nil)
        if common.files.embeddings != nil {
            throw ValidationError("--embeddings: a search writes none; embed with the model of --best-out")
        }
        if common.files.report != nil {
            throw ValidationError("--report: a search makes none; give report the model of --best-out")
        }
        if common.files.start.startFrom != nil {
            throw ValidationError("--start-from is for one training; a search compares new models")
        }
        if common.files.state.resume != nil {
            throw ValidationError("--resume is for one training; with --checkpoint a search goes on by itself")
        }
        try OutputPaths.check(
            ["--out": search.out, "--best-out": search.bestOut, "--checkpoint": common.files.state.checkpoint],
            inputs: [common.files.corpus, common.corpusOptions.vocabulary])
        let grid = try SearchGrid(search.grid)
        for axis in grid.axes {
            try options.check(axis)
            try Self.check(axis, isNotIn: given, shorthand, of: grid)
        }
        let count = min(search.random ?? grid.count, grid.count)
        if count > Self.mostCandidates {
            throw ValidationError("--grid: there are \(count) combinations; try fewer, for example with --random 100")
        }
        var seen: Set<String> = []
        candidates = try grid.sample(count, seed: run.seed).compactMap { number in
            let choices = zip(grid.axes, grid[number]).map { SearchCandidate.Choice(name: $0.name, value: $1) }
            let (effective, training) = try Self.effective(choices, shared: shared, options, shorthand)
            let candidate = SearchCandidate(choices: effective, training.candidateSettings)
            return seen.insert(String(reflecting: candidate.settings)).inserted ? (candidate, training) : nil
        }
        repeats = count - candidates.count
    }

    /// Removes from a combination the choices that have no effect in it, such as an option of the optimal decoder if
    /// the decoder is trained.
    ///
    /// - Throws: `ValidationError` if `train` rejects the combination for another reason.
    private static func effective(
        _ choices: [SearchCandidate.Choice], shared: [String], _ options: SearchableOptions, _ shorthand: Shorthand
    ) throws -> ([SearchCandidate.Choice], Training) {
        var choices = choices
        while true {
            let training = try training(choices, shared: shared, options, shorthand)
            guard let useless = training.optionWithoutEffect else { return (choices, training) }
            guard choices.count > 1,
                let place = choices.firstIndex(where: { ["--\($0.name)", "--no-\($0.name)"].contains(useless.option) })
            else { throw ValidationError(useless.message) }
            choices.remove(at: place)
        }
    }

    private static func training(
        _ choices: [SearchCandidate.Choice], shared: [String], _ options: SearchableOptions, _ shorthand: Shorthand
    ) throws -> Training {
        let name = choices.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        return try parse(shared + (try arguments(of: choices, options, shorthand)), context: name)
    }

    /// The arguments of `train` for the values of a combination.
    private static func arguments(
        of choices: [SearchCandidate.Choice], _ options: SearchableOptions, _ shorthand: Shorthand
    ) throws -> [String] {
        try choices.flatMap { choice in
            let (name, value) = shorthand(choice.name, choice.value) ?? (choice.name, choice.value)
            return try options.arguments(name, value)
        }
    }

    private static var mostCandidates: Int { 10_000 }

    /// - Parameter context: the combination, if the arguments contain one.
    private static func parse(_ arguments: [String], context: String?) throws -> Training {
        do {
            return try Training.parse(arguments)
        } catch {
            let message = Training.message(for: error)
            throw ValidationError(context.map { $0.isEmpty ? message : "--grid \($0): \(message)" } ?? message)
        }
    }

    /// Rejects an option that is given both in the grid and beside it, since it would be unclear which value applies.
    private static func check(
        _ axis: GridAxis, isNotIn given: [String], _ shorthand: Shorthand, of grid: SearchGrid
    ) throws {
        let names = [axis.name] + axis.values.compactMap { shorthand(axis.name, $0)?.name }
        for name in names {
            let isGiven = given.contains { $0 == "--\(name)" || $0 == "--no-\(name)" || $0.hasPrefix("--\(name)=") }
            if isGiven || name != axis.name && grid.axes.contains(where: { $0.name == name }) {
                throw ValidationError(
                    "--grid \(axis.name)=… sets --\(name), which is given in another way, too; leave out one of them")
            }
        }
    }

    /// The command line that trains a candidate.
    func trainCommand(_ kind: String, _ candidate: SearchCandidate, seed: UInt64) -> String {
        let own = (try? Self.arguments(of: candidate.choices, options, shorthand)) ?? []
        let seed = seed == 0 ? [] : ["--seed", "\(seed)"]
        return (["gossamer", "train", kind] + given + own + seed).map(quoted).joined(separator: " ")
    }
}

/// Quotes a text so that a shell reads it as one word.
private func quoted(_ word: String) -> String {
    let isPlain = !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "-_=./:,+@%".contains($0) }
    return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
}

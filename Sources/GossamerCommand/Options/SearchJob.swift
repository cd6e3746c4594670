import ArgumentParser
import Autoencoders
import Evaluation

/// A search as the command line describes it: for each combination of the grid the command that would train it alone.
struct SearchJob<Training: TrainingCommand> {
    /// What is given besides the grid.
    let common: Training
    let candidates: [(candidate: SearchCandidate, training: Training)]
    /// Combinations left out, as they mean the same as others.
    let repeats: Int
    private let given: [String]
    private let shorthand: Shorthand

    /// What a value of an axis means if it is no value of the option of its name.
    typealias Shorthand = (_ name: String, _ value: String) -> (name: String, value: String)?

    /// - Parameter given: the corpus, and options that all combinations share.
    /// - Throws: `ValidationError` with what `train` would have said.
    init(_ search: SearchOptions, given: [String], run: RunOptions, shorthand: @escaping Shorthand) throws {
        self.given = given
        self.shorthand = shorthand
        let options = SearchableOptions(of: Training.self)
        // Of no interest without --best-out, but not to be taken for an input either.
        let shared = given + ["--seed=\(run.seed)", "--out=\(search.bestOut ?? search.out + ".model")"]
        common = try Self.parse(shared, context: nil)
        if common.files.embeddings != nil {
            throw ValidationError("--embeddings: a search writes none; embed with the model of --best-out")
        }
        try OutputPaths.check(
            ["--out": search.out, "--best-out": search.bestOut],
            inputs: [common.files.corpus, common.corpusOptions.vocabulary])
        let grid = try SearchGrid(search.grid)
        for axis in grid.axes {
            try options.check(axis)
            try Self.check(axis, isNotIn: given, shorthand, of: grid)
        }
        let numbers = grid.sample(search.random, seed: run.seed)
        if numbers.count > Self.mostCandidates {
            throw ValidationError(
                "--grid: there are \(numbers.count) combinations; try fewer, for example with --random 100")
        }
        var seen: Set<String> = []
        var candidates: [(SearchCandidate, Training)] = []
        for number in numbers {
            let choices = zip(grid.axes, grid[number]).map { SearchCandidate.Choice(name: $0.name, value: $1) }
            let own = try choices.flatMap { choice in
                let (name, value) = shorthand(choice.name, choice.value) ?? (choice.name, choice.value)
                return try options.arguments(name, value)
            }
            let name = choices.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
            let training = try Self.parse(shared + own, context: name)
            let candidate = SearchCandidate(choices: choices, training.candidateSettings)
            if seen.insert("\(candidate.settings)").inserted { candidates.append((candidate, training)) }
        }
        self.candidates = candidates
        repeats = numbers.count - candidates.count
    }

    private static var mostCandidates: Int { 10_000 }

    /// - Parameter context: the combination, if the arguments hold one.
    private static func parse(_ arguments: [String], context: String?) throws -> Training {
        do {
            return try Training.parse(arguments)
        } catch {
            let message = Training.message(for: error)
            throw ValidationError(context.map { $0.isEmpty ? message : "--grid \($0): \(message)" } ?? message)
        }
    }

    /// The same option given in two ways would leave it open which one holds.
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

    /// The command line that trains a candidate alone.
    func trainCommand(_ kind: String, _ candidate: SearchCandidate, seed: UInt64) -> String {
        let options = SearchableOptions(of: Training.self)
        let own = candidate.choices.flatMap { choice in
            let (name, value) = shorthand(choice.name, choice.value) ?? (choice.name, choice.value)
            return (try? options.arguments(name, value)) ?? []
        }
        let seed = seed == 0 ? [] : ["--seed", "\(seed)"]
        return (["gossamer", "train", kind] + given + own + seed).map(quoted).joined(separator: " ")
    }
}

/// As a shell takes it for one word.
private func quoted(_ word: String) -> String {
    let isPlain = !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "-_=./:,+@%".contains($0) }
    return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
}

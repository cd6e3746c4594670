import ArgumentParser
import Autoencoders
import Evaluation

extension SearchMeasure: ExpressibleByArgument {}

/// The options of a search.
struct SearchOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Values to try for an option of train, such as latent=32,64; repeatable, all combinations are tried. A + \
            joins what train takes with a comma or in several options (hidden=100+50, sparsity=l1:0.01+l2:0.1), \
            default stands for the option left out, yes and no for a flag, and sparsity=topk:16 for \
            activation=topk:16.
            """, valueName: "name=value,value"), transform: GridAxis.init)
    var grid: [GridAxis] = []

    @Option(help: ArgumentHelp("Try this many combinations, drawn at random without repeats.", valueName: "n"))
    var random: Int?

    @Option(help: ArgumentHelp("Into how many parts the documents are divided, each held out in turn.", valueName: "n"))
    var folds = 5

    @Option(
        help: """
            What models are compared by: fvu (the unexplained share of variance; squared error) or bound (nats a token \
            or a document; likelihoods), whichever applies by default, or probe (what a linear classifier on the codes \
            gets right; any models of documents with labels).
            """)
    var by: SearchMeasure?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where each result goes as soon as it is known. A search goes on from what is there already.",
            valueName: "file"))
    var out = "results.jsonl"

    @Option(help: ArgumentHelp("Also train the best settings on all documents, into this file.", valueName: "file"))
    var bestOut: String?

    func validate() throws {
        if folds < 2 || folds > TrainingOptions.mostOfAnything {
            throw ValidationError("--folds needs at least 2, not \(folds)")
        }
        if let random, random < 1 { throw ValidationError("--random needs at least 1, not \(random)") }
        for (index, axis) in grid.enumerated() where grid[..<index].contains(where: { $0.name == axis.name }) {
            throw ValidationError("--grid \(axis.name)=… is there twice; give all its values at once")
        }
        for (option, path) in [("--out", out), ("--best-out", bestOut)] where path == "-" {
            throw ValidationError("\(option) cannot go to standard output; give a file")
        }
    }
}

/// The values to try for one option, such as `latent=32,64,128`.
struct GridAxis {
    let name: String
    let values: [String]

    init(_ argument: String) throws {
        guard let equals = argument.firstIndex(of: "=") else {
            throw ValidationError("give the name of an option and its values, such as latent=32,64")
        }
        name = String(argument[..<equals])
        values = argument[argument.index(after: equals)...]
            .split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        if name.isEmpty { throw ValidationError("the name of an option is missing, as in latent=32,64") }
        if values.contains("") { throw ValidationError("a value is missing; separate values by one comma each") }
        if Set(values).count < values.count { throw ValidationError("a value is there twice") }
    }
}

/// All combinations of the values of some axes, numbered with the last axis changing fastest.
struct SearchGrid {
    let axes: [GridAxis]
    /// The number of combinations; 1 without axes.
    let count: Int

    /// - Throws: `ValidationError` if the number of combinations exceeds `Int`.
    init(_ axes: [GridAxis]) throws {
        self.axes = axes
        var count = 1
        for axis in axes {
            let (product, isOverflow) = count.multipliedReportingOverflow(by: axis.values.count)
            if isOverflow { throw ValidationError("--grid: there are too many combinations to count") }
            count = product
        }
        self.count = count
    }

    /// The values of a combination, one for each axis, in the order of the axes.
    subscript(number: Int) -> [String] {
        var rest = number
        var values: [String] = []
        for axis in axes.reversed() {
            values.append(axis.values[rest % axis.values.count])
            rest /= axis.values.count
        }
        return values.reversed()
    }

    /// The numbers of `size` different combinations, drawn at random, in ascending order; all numbers if there are no
    /// more.
    ///
    /// Floyd's algorithm (Bentley & Floyd, "A Sample of Brilliance", CACM 1987), whose cost depends on `size` and not
    /// on the number of combinations.
    func sample(_ size: Int, seed: UInt64) -> [Int] {
        guard size < count else { return Array(0..<count) }
        var generator = RandomGenerator(seed: seed, stream: 0x6772_6964)
        var drawn: Set<Int> = []
        for last in (count - size)..<count {
            let number = Int.random(in: 0...last, using: &generator)
            drawn.insert(drawn.contains(number) ? last : number)
        }
        return drawn.sorted()
    }
}

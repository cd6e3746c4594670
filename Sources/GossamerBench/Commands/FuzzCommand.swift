import ArgumentParser
import Foundation

struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz", abstract: "Reading damaged inputs of every format, and damaged models.",
        discussion: """
            Mutants of small valid inputs are read on every route that the commands take, in a process of their own. \
            It is a failure if a reader traps, takes more than 2 GB or 20 s, loses rows, or if two routes differ in \
            rows, columns, labels, warnings or in what they refuse. The same seed gives the same mutants in the same \
            order. The exit code is 70 if anything failed.
            """)

    @Option(help: ArgumentHelp("How long.", valueName: "n"))
    var seconds = 60.0

    @Option(help: ArgumentHelp("End after this many cases.", valueName: "n"))
    var cases: Int?

    @Option(help: "Only this: a format of corpora, vocabulary or model.")
    var format: String?

    @Option(
        name: .customLong("case"), help: ArgumentHelp("Only this case of --format, in this process.", valueName: "n"))
    var one: Int?

    @Option(help: ArgumentHelp("Which mutants.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("Keep the inputs that failed here.", valueName: "folder"))
    var keep: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: .hidden)
    var from: Int?

    @Option(help: .hidden)
    var folder: String?

    func validate() throws {
        if !(seconds > 0) || cases.map({ $0 < 1 }) == true || one.map({ $0 < 0 }) == true {
            throw ValidationError("--seconds and --cases are above 0, --case starts at 0")
        }
        if one != nil && format == nil { throw ValidationError("--case needs its --format") }
    }

    func run() throws {
        if let from, let folder { return try worker(in: URL(fileURLWithPath: folder)).run(from: from) }
        try withScratchFolder { scratch in
            let folder = scratch.appending(path: "case")
            if let one { return try runAlone(one, in: keep.map { URL(fileURLWithPath: $0) } ?? folder) }
            try supervise(in: folder)
        }
    }

    private func worker(in folder: URL) throws -> FuzzWorker {
        let all = try FuzzSubject.all()
        let subjects = all.filter { format == nil || $0.name == format }
        guard !subjects.isEmpty else {
            throw ValidationError("--format is one of \(all.map(\.name).joined(separator: ", ")), not \(format ?? "")")
        }
        return FuzzWorker(seed: seed, subjects: subjects, folder: folder)
    }

    private func runAlone(_ number: Int, in folder: URL) throws {
        let worker = try worker(in: folder)
        print(try worker.accepts(worker.subjects[0], number) ? "accepted" : "refused")
    }

    private func supervise(in folder: URL) throws {
        let maker = try worker(in: folder)
        let arguments = ["fuzz", "--seed", String(seed), "--folder", folder.path]
        let supervisor = FuzzSupervisor(
            arguments: arguments + (format.map { ["--format", $0] } ?? []), maker: maker, keeping: keep)
        try supervisor.run(seconds: seconds, mostCases: cases)
        let tallies = supervisor.tallies.sorted { $0.key < $1.key }
        if json {
            try print(json: supervisor.tallies)
        } else {
            for (name, tally) in tallies {
                print(
                    "\(name): \(tally.cases) cases, \(tally.accepted) accepted, \(tally.refused) refused, "
                        + "\(tally.failures.count) failed")
            }
        }
        let failed = tallies.reduce(0) { $0 + $1.value.failures.count }
        if failed > 0 { throw FuzzFailure(description: "\(failed) cases failed") }
    }
}

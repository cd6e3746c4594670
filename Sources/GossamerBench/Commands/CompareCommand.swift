import ArgumentParser
import Corpora
import Foundation
import Gossamer

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Gossamer and its peers on one corpus, side by side, as a Markdown table.",
        discussion: """
            Reading libsvm, an epoch of training, all of training, and embedding, beside scikit-learn and Keras, one \
            after the other on the same machine. Peers that are not installed are left out with a message.
            """)

    @Argument(help: "An uncompressed libsvm file, one-based.")
    var file: String

    @Option(help: ArgumentHelp("The number of latent units.", valueName: "n"))
    var latent = 128

    @Option(help: ArgumentHelp("Timed runs of reading and embedding.", valueName: "n"))
    var runs = 5

    @Option(help: ArgumentHelp("The Python that has the peers.", valueName: "program"))
    var python = "python3"

    @Option(help: ArgumentHelp("The script that runs the peers.", valueName: "file"))
    var peers = "Sources/GossamerBench/Peers/compare.py"

    @Flag(help: "Leave Keras out, which needs a dense matrix in memory.")
    var noKeras = false

    /// What a job took.
    private struct Cost {
        let seconds: Double
        var bytes: Int?

        var text: String {
            String(format: "%.3g s", seconds) + (bytes.map { String(format: ", %.0f MB", Double($0) / 1e6) } ?? "")
        }
    }

    func validate() throws {
        if latent < 1 || runs < 1 { throw ValidationError("numbers start at 1") }
    }

    func run() throws {
        let own = try measureOwn()
        let reading = try peer("read")
        let lsa = try peer("lsa")
        let keras = noKeras ? [:] : try peer("keras")
        func cell(_ costs: [String: Cost], _ job: String, _ name: String) -> String? {
            costs[job].map { "\(name) \($0.text)" }
        }
        let rows: [(String, String, [String?])] = [
            ("reading libsvm", "read", [cell(reading, "read", "scikit-learn")]),
            ("an epoch, \(latent) units", "epoch", [cell(keras, "epoch", "Keras, dense")]),
            ("training, all epochs", "fit", [cell(lsa, "fit", "scikit-learn's TruncatedSVD")]),
            ("embedding all documents", "embed",
                [cell(lsa, "embed", "TruncatedSVD"), cell(keras, "embed", "Keras, dense")]),
        ]
        print("| job | Gossamer | others |\n|---|---|---|")
        for (title, job, others) in rows {
            let others = others.compactMap { $0 }.joined(separator: " · ")
            print("| \(title) | **\(own[job]?.text ?? "")** | \(others.isEmpty ? "not measured" : others) |")
        }
    }

    private func measureOwn() throws -> [String: Cost] {
        var costs: [String: Cost] = [:]
        costs["read"] = Cost(seconds: try Timing(runs: runs) { _ = try CorpusReader.read(file) }.median)
        let corpus = try CorpusReader.read(file)
        var settings = ModelSettings()
        settings.autoencoder.latentWidth = latent
        var epochs: [Double] = []
        let start = ContinuousClock.now
        let (model, peak) = try MemoryWatch.peak {
            try FeatureModel.train(on: corpus, settings) { event in
                if case .epoch(let epoch) = event { epochs.append(epoch.seconds) }
            }
        }
        costs["fit"] = Cost(seconds: start.duration(to: .now) / .seconds(1), bytes: peak)
        costs["epoch"] = Cost(seconds: Rate(of: epochs).median, bytes: peak)
        costs["embed"] = Cost(seconds: try Timing(runs: runs) { _ = try model.embed(corpus) }.median)
        return costs
    }

    /// What a job of the peers' script took, by name; empty, with a message, if it cannot be run.
    private func peer(_ job: String) throws -> [String: Cost] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, peers, job, file, String(latent)]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        var costs: [String: Cost] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t")
            if fields.first == "missing" {
                note("\(job) is left out: \(fields.dropFirst().joined(separator: " ")) is not installed")
            } else if fields.count == 3, let seconds = Double(fields[1]) {
                costs[String(fields[0])] = Cost(seconds: seconds, bytes: job == "read" ? nil : Int(fields[2]))
            }
        }
        if process.terminationStatus != 0 { note("\(job) is left out: \(python) \(peers) failed") }
        return costs
    }

    private func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
}

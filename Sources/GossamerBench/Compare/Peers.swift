import Foundation

/// Runs the peers' scripts, one after the other.
struct Peers {
    let python: String
    let folder: String
    let threads: Int
    private let canRun: Bool

    /// The measured cost of a peer's job.
    struct Cost {
        let seconds: Double
        /// The peak memory of the script's process up to the end of the job.
        let peakBytes: Int
    }

    init(python: String, folder: String, threads: Int) {
        (self.python, self.folder, self.threads) = (python, folder, threads)
        canRun = (try? Tool(command: [python, "-c", ""], silently: true).run().status) == 0
        if !canRun { note("\(python) cannot be run: all peers but GraphBLAS are left out; name another with --python") }
    }

    /// Runs a script to its end.
    ///
    /// A script prints lines `name TAB seconds TAB peak bytes`, and `missing TAB package` for packages that are not
    /// installed.
    /// - Returns: the measurements by name; jobs that cannot be measured are left out, with a message.
    func run(_ script: String, _ arguments: [String]) -> [String: Cost] {
        costs(in: output(of: script, arguments) ?? "", of: script)
    }

    /// The output of a script; nil, with a message, if it cannot be run.
    func output(of script: String, _ arguments: [String]) -> String? {
        if !canRun { return nil }
        let path = "\(folder)/\(script).py"
        let libraries = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOSSAMER_PEER_THREADS"]
        do {
            let (output, status) = try Tool(
                command: [python, path] + arguments,
                environment: Dictionary(uniqueKeysWithValues: libraries.map { ($0, String(threads)) })
            ).run()
            if status != 0 { note("\(path) failed; what it did not measure is left out") }
            return String(decoding: output, as: UTF8.self)
        } catch {
            note("\(path) is left out: \(error)")
            return nil
        }
    }

    private func costs(in text: String, of script: String) -> [String: Cost] {
        var costs: [String: Cost] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t").map(String.init)
            if fields.first == "missing" {
                note("\(script): \(fields.dropFirst().joined(separator: " ")) is not installed, and left out")
            } else if fields.count == 3, let seconds = Double(fields[1]), let bytes = Int(fields[2]), seconds > 0 {
                costs[fields[0]] = Cost(seconds: seconds, peakBytes: bytes)
            }
        }
        return costs
    }
}

extension [String: Peers.Cost] {
    /// An entry for each of these names that has been measured.
    ///
    /// - Parameters:
    ///   - jobs: pairs of a name to print and a job's name.
    ///   - amount: the amount of work of a job, to report `amount` per second; nil to report seconds.
    func entries(_ jobs: KeyValuePairs<String, String>, amount: Double? = nil) -> [Comparison.Entry] {
        jobs.compactMap { name, job in
            guard let seconds = self[job]?.seconds else { return nil }
            return Comparison.Entry(name, amount.map { $0 / seconds } ?? seconds)
        }
    }
}

import Autoencoders
import Foundation
import SparseMatrices

/// Measurements of Gossamer and its peers, one row per job.
struct Comparison: Encodable {
    struct Row: Encodable {
        let job: String
        let unit: String
        let gossamer: Entry
        let peers: [Entry]
    }

    struct Entry: Encodable {
        let name: String
        let value: Double
        var peakBytes: Int?
        var remark: String?
        /// How many times faster Gossamer is.
        fileprivate(set) var timesAsFast: Double?

        init(_ name: String, _ value: Double, peakBytes: Int? = nil, remark: String? = nil) {
            self.name = name
            self.value = value
            self.peakBytes = peakBytes
            self.remark = remark
        }

        private enum CodingKeys: String, CodingKey {
            case name, value, remark
            case peakBytes = "peak_bytes"
            case timesAsFast = "times_as_fast"
        }
    }

    private(set) var rows: [Row] = []

    /// - Parameter unit: `s` for the time of a job; for any other unit, the greatest value is best.
    mutating func add(_ job: String, _ unit: String, _ gossamer: Entry, peers: [Entry]) {
        let compared = peers.map { peer in
            var peer = peer
            peer.timesAsFast = unit == "s" ? peer.value / gossamer.value : gossamer.value / peer.value
            return peer
        }
        rows.append(Row(job: job, unit: unit, gossamer: gossamer, peers: compared))
    }

    var markdown: String {
        var lines = ["| job | Gossamer | others, and how many times as fast Gossamer is |", "|---|---|---|"]
        for row in rows {
            let others = row.peers.map { peer in
                let memory = peer.peakBytes.flatMap { peak in row.gossamer.peakBytes.map { peak / max(1, $0) } }
                let ratio = String(format: "%.*f×", (peer.timesAsFast ?? 0) < 9.95 ? 1 : 0, peer.timesAsFast ?? 0)
                return "\(peer.name) \(text(peer, row.unit)): \(ratio)" + (memory.map { ", memory \($0)×" } ?? "")
            }
            let cell = others.isEmpty ? "–" : others.joined(separator: " · ")
            lines.append("| \(row.job) | **\(text(row.gossamer, row.unit))** | \(cell) |")
        }
        return lines.joined(separator: "\n")
    }

    private func text(_ entry: Entry, _ unit: String) -> String {
        var text =
            if entry.value >= 1e6 { String(format: "%.3g million \(unit)", entry.value / 1e6) } else {
                String(format: entry.value >= 100 ? "%.0f" : "%.3g", entry.value) + " \(unit)"
            }
        if let peak = entry.peakBytes { text += String(format: ", %.2g GB", Double(peak) / 1e9) }
        if let remark = entry.remark { text += " (\(remark))" }
        return text
    }
}

/// The settings that all jobs of `compare` share.
struct CompareSettings {
    let file: String
    let latent: Int
    let runs: Int
    let peers: Peers

    var parallelism: Parallelism { Parallelism(threads: peers.threads) }
    var execution: Execution { Execution(parallelism: parallelism) }
    /// The number of runs of jobs that take seconds.
    var longRuns: Int { min(runs, 3) }
}

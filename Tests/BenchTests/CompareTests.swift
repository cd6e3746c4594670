import Foundation
import Testing

/// The comparison with others, here where there are none but GraphBLAS.
@Suite(.serialized) struct CompareTests {
    private let quick = [
        "compare", eightSubjects, "--latent", "4", "--runs", "1", "--rows", "60", "--columns", "200", "--entries", "5",
        "--widths", "16", "--python", "no-such-python",
    ]

    @Test func aMissingPythonLeavesATable() throws {
        let outcome = try Bench.run(quick)
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.error.contains("no-such-python cannot be run"))
        let lines = outcome.text.split(separator: "\n")
        #expect(lines.count == 12 && lines.allSatisfy { $0.hasPrefix("| ") || $0.hasPrefix("|---") })
        #expect(lines.allSatisfy { $0.split(separator: "|").count == 3 }, "\(outcome.text)")
    }

    @Test func theJSONHasEveryJob() throws {
        let comparison = try Bench.json(MeasuredComparison.self, quick)
        let jobs = comparison.rows.map(\.job)
        for (job, start) in zip(
            jobs,
            [
                "sparse × dense, 16", "sparseᵀ × dense, the transpose at hand", "sparseᵀ × dense, transposing",
                "reading libsvm", "counting words", "an epoch, 400 × 1880, 4 units", "all of training", "training for a probe",
                "embedding", "an epoch, features hashed",
            ])
        {
            #expect(jobs.contains { $0.hasPrefix(start) }, "\(job)")
        }
        #expect(comparison.rows.count == 10)
        for entry in comparison.rows.flatMap({ [$0.gossamer] + $0.peers }) {
            #expect(entry.value > 0 && entry.value.isFinite && (entry.peak_bytes ?? 1) > 0, "\(entry)")
        }
        #expect(comparison.rows[0].peers.map(\.name) == ["GraphBLAS"])
        #expect(comparison.rows[0].peers.allSatisfy { ($0.times_as_fast ?? 0) > 0 })
    }

    /// Scripts of a stand-in for Python: what a peer prints is what the table compares with, what it lacks is told.
    @Test func whatAPeerPrintsIsCompared() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "peers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let scripts = [
            "products": "printf 'missing\\tscipy\\n'", "reading": "printf 'XGBoost\\t0.5\\t1000\\nnonsense\\n'",
            "counting": "exit 3", "keras_dense": "printf 'epoch\\t20\\t9000000000\\n'", "lsa": "printf 'embed\\t4\\t1\\n'",
        ]
        for (name, script) in scripts {
            try script.write(to: folder.appending(path: "\(name).py"), atomically: true, encoding: .utf8)
        }
        // The shell takes `-c ""` and `FILE ARGUMENT…` as Python does.
        let outcome = try Bench.run(quick.dropLast() + ["sh", "--peers", folder.path, "--json"])
        #expect(outcome.status == 0)
        #expect(outcome.error.contains("products: scipy is not installed") && outcome.error.contains("counting.py failed"))
        let rows = try JSONDecoder().decode(MeasuredComparison.self, from: outcome.output).rows
        let reading = try #require(rows.first { $0.job.hasPrefix("reading libsvm") })
        #expect(reading.peers.map(\.name) == ["XGBoost"])
        let size = try #require(
            try FileManager.default.attributesOfItem(atPath: eightSubjects)[.size] as? Int)
        #expect(abs(reading.peers[0].value - Double(size) / 0.5e6) < 1e-9)
        let epoch = try #require(rows.first { $0.job.hasPrefix("an epoch, 400") })
        #expect(epoch.peers.map(\.peak_bytes) == [9_000_000_000])
        #expect(abs((epoch.peers[0].times_as_fast ?? 0) - 20 / epoch.gossamer.value) < 1e-6 * 20 / epoch.gossamer.value)
        let embedding = try #require(rows.first { $0.job == "embedding" })
        #expect(embedding.peers.map(\.name) == ["TruncatedSVD.transform"] && embedding.peers[0].value == 100)
    }
}

import Corpora
import Foundation
import SparseMatrices

/// Reading libsvm, and counting the words of text.
struct ReadingComparison {
    let settings: CompareSettings

    func add(_ corpus: Corpus, to comparison: inout Comparison) throws {
        try add(
            "reading libsvm", settings.file, script: "reading",
            ["XGBoost": "XGBoost", "scikit-learn": "scikit-learn"], &comparison
        ) {
            _ = try LibSVMReader.read(path: settings.file, parallelism: settings.parallelism)
        }
        try withScratchFolder { folder in
            let path = folder.appending(path: "documents.txt").path
            try Self.text(of: corpus.matrix).write(toFile: path, atomically: false, encoding: .utf8)
            let reader = try TextCorpusReader()
            try add(
                "counting words of text", path, script: "counting", ["CountVectorizer": "CountVectorizer"], &comparison
            ) {
                _ = try reader.read(paths: [path], parallelism: settings.parallelism)
            }
        }
    }

    private func add(
        _ job: String, _ path: String, script: String, _ peers: KeyValuePairs<String, String>,
        _ comparison: inout Comparison, _ body: () throws -> Void
    ) throws {
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        let megabytes = Double(size) / 1e6
        let rate = try Timing(runs: settings.runs, body).rate(megabytes).median
        let costs = settings.peers.run(script, [path, String(settings.runs)])
        comparison.add(
            "\(job), \(String(format: "%.3g MB", megabytes))", "MB/s", .init("Gossamer", rate),
            peers: costs.entries(peers, amount: megabytes))
    }

    /// A document a line, a word `w…` for each count of a feature.
    private static func text(of matrix: CSRMatrix) -> String {
        var text = ""
        for row in 0..<matrix.rowCount {
            let (columns, values) = matrix.row(row)
            for (column, value) in zip(columns, values) {
                for _ in 0..<max(1, min(1_000, Int(value))) { text += "w\(column) " }
            }
            text += "\n"
        }
        return text
    }
}

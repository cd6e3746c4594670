import Corpora
import Evaluation
import Foundation
import SparseMatrices
import TensorFiles

/// The time that training takes until a linear probe on the codes is as accurate as on those of LSA. Every fifth
/// document is held out; both methods learn from the others and are evaluated with the same probe.
struct AccuracyComparison {
    let settings: CompareSettings

    func add(_ corpus: Corpus, to comparison: inout Comparison) throws {
        guard let task = HeldOutTask(corpus) else {
            note("the time to LSA's accuracy is left out: the documents' labels are no classes")
            return
        }
        let full = try TrainingComparison.train(task.train, latent: settings.latent, settings.execution)
        let fullAccuracy = try accuracy(full, task)
        let (count, units) = (full.epochs.count, settings.latent)
        let trained = String(format: "%.3f after all %d epochs, %.3g s", fullAccuracy, count, full.seconds)
        let job = "training until a probe does as well as on LSA's codes, \(units) units"
        guard let lsa = try lsa(task) else {
            comparison.add(
                "training for a probe, \(units) units", "s",
                .init("Gossamer", full.seconds, remark: String(format: "accuracy %.3f", fullAccuracy)), peers: [])
            return
        }
        let peer = Comparison.Entry(
            "TruncatedSVD.fit", lsa.seconds, remark: String(format: "accuracy %.3f", lsa.accuracy))
        for epochs in 1..<max(2, count) {
            let training = try TrainingComparison.train(
                task.train, latent: units, epochs: epochs, settings.execution)
            let reached = try accuracy(training, task)
            if reached < lsa.accuracy { continue }
            let others = try (1..<settings.longRuns).map { _ in
                try TrainingComparison.train(task.train, latent: units, epochs: epochs, settings.execution).seconds
            }
            comparison.add(
                job, "s",
                .init(
                    "Gossamer", Rate(of: [training.seconds] + others).median,
                    remark: String(format: "%.3f with --epochs %d; ", reached, epochs) + trained),
                peers: [peer])
            return
        }
        let remark = fullAccuracy < lsa.accuracy ? "not reached: " + trained : trained
        comparison.add(job, "s", .init("Gossamer", full.seconds, remark: remark), peers: [peer])
    }

    private func accuracy(_ training: TrainingComparison.Training, _ task: HeldOutTask) throws -> Double {
        try task.accuracy(
            train: training.model.embed(task.train, execution: settings.execution),
            held: training.model.embed(task.held, execution: settings.execution), settings.parallelism)
    }

    /// The time and accuracy of LSA; nil if it cannot be measured.
    private func lsa(_ task: HeldOutTask) throws -> (seconds: Double, accuracy: Double)? {
        try withScratchFolder { folder in
            let paths = ["train.svm", "held.svm", "train.npy", "held.npy"].map { folder.appending(path: $0).path }
            try LibSVMWriter.write(task.train, to: paths[0])
            try LibSVMWriter.write(task.held, to: paths[1])
            let arguments = [paths[0], String(settings.latent), String(settings.longRuns)] + paths[1...]
            guard let fit = settings.peers.run("lsa", arguments)["fit"] else { return nil }
            let accuracy = try task.accuracy(
                train: codes(paths[2]), held: codes(paths[3]), settings.parallelism)
            return (fit.seconds, accuracy)
        }
    }

    private func codes(_ path: String) throws -> DenseMatrix {
        let file = try NpyFile(path: path)
        guard file.shape.count == 2 else { throw WrongResult(what: "\(path) of shape \(file.shape)") }
        return DenseMatrix(rowCount: file.shape[0], columnCount: file.shape[1], elements: Array(file.floats))
    }
}

/// Labelled documents, every fifth of which is held out.
struct HeldOutTask {
    let train: Corpus
    let held: Corpus
    private let trainClasses: ClassLabels
    private let heldClasses: ClassLabels
    private let isMultilabel: Bool

    /// Returns nil unless every document has a label and the labels are classes.
    init?(_ corpus: Corpus) {
        let rows = 0..<corpus.rowCount
        (train, held) = (corpus.rows(rows.filter { $0 % 5 != 4 }), corpus.rows(rows.filter { $0 % 5 == 4 }))
        guard let trainLabels = train.labels, let heldLabels = held.labels, held.rowCount > 0,
            !(trainLabels.codes + heldLabels.codes).contains(RowLabels.none)
        else { return nil }
        let names = ClassNames(trainLabels)
        guard names.areClasses(of: train.rowCount) else { return nil }
        isMultilabel = names.isMultilabel
        trainClasses = names.classes(of: trainLabels, rows: Array(0..<train.rowCount))
        heldClasses = names.classes(of: heldLabels, rows: Array(0..<held.rowCount))
    }

    /// The accuracy of a linear probe that is trained on the codes of the training documents, on the held-out
    /// documents.
    func accuracy(train: DenseMatrix, held: DenseMatrix, _ parallelism: Parallelism) throws -> Double {
        guard train.rowCount == trainClasses.count, held.rowCount == heldClasses.count,
            let report = LinearProbe().score(
                train: train, trainClasses, test: held, heldClasses, isMultilabel: isMultilabel,
                parallelism: parallelism)
        else { throw WrongResult(what: "codes of \(train.rowCount) and \(held.rowCount) documents") }
        return report.score
    }
}

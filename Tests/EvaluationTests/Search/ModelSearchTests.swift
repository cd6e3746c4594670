import Autoencoders
import Corpora
import Gossamer
import RealModule
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct ModelSearchTests {
    @Test(arguments: [(10, 2), (11, 3), (5, 5), (100, 7)])
    func everyRowIsHeldOutOnce(rows: Int, count: Int) {
        let folds = CorpusFolds(rowCount: rows, count: count, seed: 3)
        #expect(folds.count == count)
        #expect(folds.heldOut.flatMap { $0 }.sorted() == Array(0..<rows))
        for fold in 0..<count {
            #expect(folds.heldOut[fold] == folds.heldOut[fold].sorted())
            #expect((rows / count...(rows + count - 1) / count).contains(folds.heldOut[fold].count))
            #expect((folds.heldOut[fold] + folds.training(fold)).sorted() == Array(0..<rows))
            #expect(folds.training(fold) == folds.training(fold).sorted())
        }
        #expect(folds == CorpusFolds(rowCount: rows, count: count, seed: 3))
        #expect(rows < 10 || folds != CorpusFolds(rowCount: rows, count: count, seed: 4))
    }

    /// What a fold reports is what one gets by hand from a model that has seen the other folds only.
    @Test func measuresOnHeldOutDocuments() throws {
        let corpus = try topicCorpus()
        let candidates = sparseCandidates()
        let report = try ModelSearch(candidates, folds: 3, seed: 5).run(on: corpus)
        #expect(report.measure == .fvu)
        let folds = CorpusFolds(rowCount: corpus.rowCount, count: 3, seed: 5)
        for entry in report.entries {
            let settings = entry.candidate.settings
            for fold in 0..<3 {
                let model = try FeatureModel.train(on: corpus.rows(folds.training(fold)), settings)
                guard let network = model.network as? SparseAutoencoder else { continue }
                let plain = try network.reconstruction(of: try model.inputs(from: corpus.rows(folds.heldOut[fold])))
                #expect(entry.scores[fold] == plain.unexplainedVariance)
                #expect(entry.results[fold].activeUnits == plain.activeUnits)
            }
        }
    }

    /// A search that is stopped in a training, again and again, goes on in it, with the results of one that was not.
    @Test(arguments: [0, 1]) func goesOnInsideATraining(kind: Int) throws {
        let folder = try SearchFolder()
        let search = ModelSearch(kind == 0 ? sparseCandidates() : variationalCandidates(), folds: 2, seed: 5)
        let corpus = try topicCorpus()
        func results(_ report: SearchReport) -> [[FoldResult]] {
            report.entries.map {
                $0.results.map { result in
                    var untimed = result
                    untimed.seconds = 0
                    return untimed
                }
            }
        }
        let whole = results(try search.run(on: corpus))
        var checkpoints = Checkpoints(path: folder.path("state"), interval: .zero, resumedPath: folder.path("state"))
        checkpoints.mayStart = true
        var (stops, resumptions) = (0, 0)
        while true {
            let execution = Execution()
            var trainings = 0
            do {
                let report = try search.run(
                    on: corpus, resultsPath: folder.path("r.jsonl"), checkpoints: checkpoints, execution: execution
                ) { event in
                    if case .resumed(_, let epochs, let steps) = event, epochs + steps > 0 { resumptions += 1 }
                    guard case .training(_, let share, _) = event, share > 0 else { return }
                    trainings += 1
                    if trainings == 3 { execution.cancel() }
                }
                #expect(results(report) == whole)
                break
            } catch let error as ModelTrainingError where error.reason == .cancelled {
                stops += 1
            }
        }
        #expect(stops > 4 && resumptions == stops)
        #expect(folder.exists("r.jsonl") && !folder.exists("state"))
    }

    @Test func boundsAreOfVariationalModelsAndLikelihoods() throws {
        let corpus = try topicCorpus()
        let variational = try ModelSearch(variationalCandidates(), folds: 3).run(on: corpus)
        #expect(variational.measure == .bound)
        for entry in variational.entries {
            for result in entry.results {
                let loss = try #require(result.lossNatsPerToken)
                #expect(loss > 0 && abs(1 - (result.perplexityCorpus ?? 0) / Double.exp(loss)) < 1e-9)
                #expect(result.fvu == nil && result.deadUnits != nil)
            }
        }
        let multinomial = sparseCandidates { settings in
            settings.autoencoder.objective = .likelihood(.multinomial)
            settings.weighting = WeightingScheme.none
            settings.normalization = FeatureWeighting.Normalization.none
        }
        let sparse = try ModelSearch(multinomial, folds: 2).run(on: corpus)
        #expect(sparse.measure == .bound)
        #expect(sparse.entries.allSatisfy { ($0.mean ?? 0) > 0 })
    }

    @Test func probesCompareAnyModels() throws {
        let corpus = try topicCorpus(documents: 90)
        var candidates = sparseCandidates([6]) { $0.training.epochs = 20 } + variationalCandidates([3])
        candidates += sparseCandidates([1]) { $0.weighting = .binary }
        let report = try ModelSearch(candidates, folds: 3, by: .probe).run(on: corpus)
        #expect(report.best?.candidate == candidates[0])
        #expect((report.best?.mean ?? 0) > 0.7)
        #expect(report.entries.allSatisfy { ($0.mean ?? -1) >= 0 })
    }

    @Test func threadsDoNotMatter() throws {
        let corpus = try topicCorpus()
        for candidates in [sparseCandidates(), variationalCandidates()] {
            let search = ModelSearch(candidates, folds: 3)
            let one = try search.run(on: corpus, execution: Execution(parallelism: .serial))
            let three = try search.run(on: corpus, execution: Execution(parallelism: Parallelism(threads: 3)))
            #expect(one.outcome == three.outcome)
            #expect(one.entries.map(\.candidate) == three.entries.map(\.candidate))
        }
    }

    @Test func refusesToCompareWhatCannotBeCompared() throws {
        let corpus = try topicCorpus()
        func message(_ candidates: [SearchCandidate], by measure: SearchMeasure? = nil, folds: Int = 2) -> String {
            do {
                _ = try ModelSearch(candidates, folds: folds, by: measure).run(on: corpus)
                return ""
            } catch {
                return "\(error)"
            }
        }
        let weighted = sparseCandidates([2]) { $0.weighting = .log } + sparseCandidates([3])
        #expect(message(weighted).contains("weighted or normalised differently"))
        let lengths = sparseCandidates([2]) { $0.normalization = FeatureWeighting.Normalization.none }
        #expect(message(lengths + sparseCandidates([3])).contains("weighted or normalised differently"))
        // The default of counts is tf-idf.
        #expect(message(sparseCandidates([2]) { $0.weighting = .tfIdf } + sparseCandidates([3])) == "")
        let objectives =
            sparseCandidates([2]) { $0.autoencoder.objective = .likelihood(.poisson) } + sparseCandidates([3])
        #expect(message(objectives).contains("different kinds of distributions"))
        let kinds = variationalCandidates([2]) + variationalCandidates([3]) { $0.variational.likelihood = .poisson }
        #expect(message(kinds).contains("different kinds of distributions"))
        let words =
            variationalCandidates([2]) + variationalCandidates([3]) { $0.variational.likelihood = .topicMixture }
        #expect(message(words) == "")
        #expect(message(sparseCandidates(), by: .bound).contains("compare by fvu"))
        #expect(message(variationalCandidates(), by: .fvu).contains("compare by bound"))
        #expect(message(sparseCandidates(), folds: 61).contains("found 60 documents"))
    }

    @Test func wrongEntriesAreFoundBeforeAnythingIsTrained() throws {
        let corpus = try topicCorpus(negatives: true)
        for candidates in [sparseCandidates() { $0.weighting = .tfIdf }, variationalCandidates()] {
            let folder = try SearchFolder()
            #expect(throws: (any Error).self) {
                try ModelSearch(candidates).run(on: corpus, resultsPath: folder.path("r.jsonl")) { event in
                    Issue.record("\(event)")
                }
            }
            #expect(!folder.exists("r.jsonl"))
        }
    }

    @Test func aTrainingThatFailsIsAResult() throws {
        let candidates = sparseCandidates([2]) { $0.training.learningRate = 1e38 } + sparseCandidates([3])
        let report = try ModelSearch(candidates, folds: 2).run(on: try topicCorpus())
        #expect(report.entries.map(\.candidate.name) == ["latent=3", "latent=2"])
        #expect(report.entries[1].mean == nil && report.entries[1].failure?.contains("finite") == true)
        #expect(report.best?.candidate.name == "latent=3" && report.nearBest == 0..<1)
    }

    @Test func tellsOfEveryRunAndTheTimeLeft() throws {
        var finished: [Int] = []
        var last: Double?
        let search = ModelSearch(sparseCandidates(), folds: 2)
        _ = try search.run(on: try topicCorpus()) { event in
            switch event {
            case .note, .resumed: Issue.record("\(event)")
            case .started(let plan): #expect(plan.runs == 4 && plan.done == 0 && plan.documents == 60)
            case .training(let run, let share, _): #expect(run.total == 4 && (0...1).contains(share))
            case .finished(let run, let result, let score, let left):
                finished.append(run.number)
                #expect(score == result.fvu && result.seconds > 0)
                last = left
            }
        }
        #expect(finished == [1, 2, 3, 4] && last == 0)
    }
}

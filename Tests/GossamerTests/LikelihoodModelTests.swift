import Autoencoders
import Corpora
import Foundation
import RealModule
import SparseMatrices
import Testing

@testable import Gossamer

@Suite struct LikelihoodModelTests {
    @Test(arguments: LikelihoodKind.allCases)
    func savingKeepsEveryBit(kind: LikelihoodKind) throws {
        let corpus = try smallCorpus(negatives: kind == .gaussian)
        let settings = quickVariationalSettings { $0.variational.likelihood = kind }
        let model = try FeatureModel.train(on: corpus, settings)
        let folder = try ScratchFolder()
        try model.save(to: folder.path("m.safetensors"))
        let loaded = try FeatureModel(contentsOf: folder.path("m.safetensors"))
        #expect(loaded.record == model.record)
        guard let network = (loaded.network as? VariationalNetwork)?.model,
            let original = (model.network as? VariationalNetwork)?.model
        else {
            Issue.record("not variational")
            return
        }
        #expect(network.likelihood == kind && original.likelihood == kind)
        #expect((network.dispersion != nil) == [.gaussian, .dirichletMultinomial].contains(kind))
        let inputs = try model.inputs(from: corpus)
        #expect(network.bound(on: inputs).loss == original.bound(on: inputs).loss)
        #expect(bits(try loaded.embed(corpus)) == bits(try model.embed(corpus)))
        try loaded.save(to: folder.path("again.safetensors"))
        #expect(try folder.read("again.safetensors") == folder.read("m.safetensors"))
    }

    @Test func mixturesAreSharesOfTopics() throws {
        let corpus = try smallCorpus()
        let settings = quickVariationalSettings { $0.variational.likelihood = .topicMixture }
        let model = try FeatureModel.train(on: corpus, settings)
        let (means, shares) = (try model.embed(corpus), try model.embed(corpus, asMixture: true))
        for row in 0..<means.rowCount {
            #expect(abs(shares.row(row).reduce(0, +) - 1) < 1e-5)
            let (mean, share) = (means.row(row), shares.row(row))
            for unit in 1..<4 {
                #expect(abs((share[unit] / share[0]) / Float.exp(mean[unit] - mean[0]) - 1) < 1e-4)
            }
        }
    }

    @Test(arguments: ReconstructionObjective.allCases)
    func sparseModelsKeepTheirObjective(objective: ReconstructionObjective) throws {
        let corpus = try smallCorpus()
        let model = try FeatureModel.train(on: corpus, quickSettings { $0.autoencoder.objective = objective })
        let folder = try ScratchFolder()
        try model.save(to: folder.path("m.safetensors"))
        guard let network = try FeatureModel(contentsOf: folder.path("m.safetensors")).network as? SparseAutoencoder
        else {
            Issue.record("not sparse")
            return
        }
        #expect(network.objective == objective)
    }

    /// However long a document is, its encoder sees a row of length 1, and its code is bounded with that.
    @Test(arguments: ReconstructionObjective.allCases)
    func objectivesOfCountsTakeCounts(objective: ReconstructionObjective) throws {
        let corpus = try smallCorpus()
        let model = try FeatureModel.train(on: corpus, quickSettings { $0.autoencoder.objective = objective })
        let isOfCounts = objective.likelihood?.needsCounts ?? false
        #expect((model.weighting.scheme == .none && model.weighting.normalization == .none) == isOfCounts)
        let network = try #require(model.network as? SparseAutoencoder)
        let inputs = try model.inputs(from: corpus)
        let seen = network.encoderInputs(from: inputs)
        for row in 0..<inputs.rowCount {
            let values = inputs.values(ofRow: row), actual = seen.values(ofRow: row)
            let logarithms = values.map { Double.log(1 + Double($0)) }
            let norm = logarithms.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let expected = isOfCounts ? logarithms.map { $0 / norm } : values.map(Double.init)
            #expect(zip(actual, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 })
        }
        #expect(bits(try model.embed(corpus)) == bits(network.encoder.encode(seen)))
    }

    @Test func encodersOfOlderModelsSeeWhatTheirObjectiveDescribes() throws {
        var settings = AutoencoderSettings()
        settings.objective = .likelihood(.multinomial)
        settings.inputLength = nil
        let record = try JSONEncoder().encode(settings)
        #expect(!String(decoding: record, as: UTF8.self).contains("inputLength"))
        let read = try JSONDecoder().decode(AutoencoderSettings.self, from: record)
        #expect(read == settings)
        let corpus = try smallCorpus()
        let model = try FeatureModel.train(on: corpus, quickSettings { $0.autoencoder = read })
        let inputs = try model.inputs(from: corpus)
        let network = try #require(model.network as? SparseAutoencoder)
        #expect(network.encoderInputs(from: inputs) == inputs)
    }

    @Test func valuesBelowZeroAreNamed() throws {
        let corpus = try smallCorpus(negatives: true)
        for kind in LikelihoodKind.allCases {
            let settings = quickVariationalSettings { $0.variational.likelihood = kind }
            if kind.needsCounts {
                #expect(throws: LikelihoodError.self) { try FeatureModel.train(on: corpus, settings) }
            } else {
                #expect(try FeatureModel.train(on: corpus, settings).kind == .variational)
            }
        }
        for objective in ReconstructionObjective.allCases {
            let settings = quickSettings {
                $0.autoencoder.objective = objective
                $0.weighting = WeightingScheme.none
            }
            if [.likelihood(.multinomial), .likelihood(.dirichletMultinomial), .likelihood(.poisson)].contains(
                objective)
            {
                #expect(throws: LikelihoodError.self) { try FeatureModel.train(on: corpus, settings) }
            } else {
                #expect(try FeatureModel.train(on: corpus, settings).kind == .sparse)
            }
        }
    }
}

extension CSRMatrix {
    fileprivate func values(ofRow row: Int) -> [Float] {
        withUnsafeView { view in view.entries(ofRow: row).map { view.values[$0] } }
    }
}

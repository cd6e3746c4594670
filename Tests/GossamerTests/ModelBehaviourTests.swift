import Autoencoders
import Corpora
import Foundation
import SparseMatrices
import Testing

@testable import Gossamer

/// What holds of every model, whatever it is made of: each activation with each objective, and each likelihood.
@Suite struct ModelBehaviourTests {
    /// A model by what it is made of, as the command line names it.
    struct Kind: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let settings: ModelSettings
        let takesNegatives: Bool
    }

    static let activations = [
        "relu", "linear", "tanh", "sigmoid", "topk:3", "batch-topk:3", "jumprelu", "k-competitive:3",
    ]

    static let kinds: [Kind] =
        activations.flatMap { name in
            ReconstructionObjective.allCases.map { objective in
                Kind(
                    testDescription: "sae \(name) \(objective)",
                    settings: quickSettings(activation: Activation(name) ?? .relu) {
                        $0.autoencoder.objective = objective
                    }, takesNegatives: false)
            }
        }
        + LikelihoodKind.allCases.map { likelihood in
            Kind(
                testDescription: "vae \(likelihood.rawValue)",
                settings: quickVariationalSettings { $0.variational.likelihood = likelihood },
                takesNegatives: likelihood == .gaussian)
        }

    private func corpus(_ kind: Kind) throws -> Corpus { try smallCorpus(negatives: kind.takesNegatives) }

    @Test func everyActivationIsNamed() {
        #expect(Self.activations.allSatisfy { Activation($0) != nil })
        #expect(Set(Self.kinds.map(\.testDescription)).count == Self.kinds.count)
    }

    @Test(arguments: kinds) func anyNumberOfThreadsGivesTheSameFile(kind: Kind) throws {
        let folder = try ScratchFolder()
        for threads in [1, 3] {
            let execution = Execution(parallelism: Parallelism(threads: threads))
            try FeatureModel.train(on: try corpus(kind), kind.settings, execution: execution)
                .save(to: folder.path("\(threads)"))
        }
        #expect(try folder.read("1") == folder.read("3"))
    }

    @Test(arguments: kinds) func aSavedModelDoesWhatItDid(kind: Kind) throws {
        let folder = try ScratchFolder()
        let documents = try corpus(kind)
        let model = try FeatureModel.train(on: documents, kind.settings)
        try model.save(to: folder.path("m"))
        let loaded = try FeatureModel(contentsOf: folder.path("m"))
        #expect(loaded.record == model.record && loaded.kind == model.kind)
        #expect(bits(try loaded.embed(documents)) == bits(try model.embed(documents)))
        let (scores, again) = (try model.scores(of: documents), try loaded.scores(of: documents))
        #expect(scores.map(\.score) == again.map(\.score))
        let (made, remade) = (try model.generate(4), try loaded.generate(4))
        #expect(made.matrix == remade.matrix)
    }

    @Test(arguments: kinds) func everyDocumentHasARow(kind: Kind) throws {
        let documents = try corpus(kind)
        let model = try FeatureModel.train(on: documents, kind.settings)
        let codes = try model.embed(documents)
        #expect(codes.rowCount == documents.rowCount && codes.columnCount == model.latentWidth)
        #expect(codes.elements.allSatisfy { $0.isFinite })
        let scores = try model.scores(of: documents)
        #expect(scores.map { $0.row } == Array(0..<documents.rowCount) && scores.allSatisfy { $0.score.isFinite })
        // A document's vector does not depend on its place.
        let turned = try model.embed(documents.rows(Array((0..<documents.rowCount).reversed())))
        for row in 0..<documents.rowCount {
            #expect(codes.row(row).map(\.bitPattern) == turned.row(documents.rowCount - 1 - row).map(\.bitPattern))
        }
    }

    @Test(arguments: kinds) func madeDocumentsAreSparseAndFinite(kind: Kind) throws {
        let made = try FeatureModel.train(on: try corpus(kind), kind.settings).generate(6).matrix
        #expect(made.rowCount == 6 && made.columnCount == 45)
        let values = made.values
        #expect(values.allSatisfy { $0.isFinite && $0 != 0 && (kind.takesNegatives || $0 > 0) })
    }

    @Test(arguments: kinds) func aStepTooLongIsAnErrorOrLeavesAFiniteModel(kind: Kind) throws {
        var settings = kind.settings
        settings.training.learningRate = 1e30
        do {
            let model = try FeatureModel.train(on: try corpus(kind), settings)
            let codes = try model.embed(try corpus(kind))
            #expect(codes.elements.allSatisfy { $0.isFinite })
        } catch let error as ModelTrainingError {
            guard let model = error.lastGood else { return }
            let codes = try model.embed(try corpus(kind))
            #expect(codes.elements.allSatisfy { $0.isFinite })
        }
    }
}

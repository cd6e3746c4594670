import CGossamerInterface
import Corpora
import Foundation
import Gossamer
import Testing

@Suite struct ContinueCallsTests {
    /// C gets the model that Swift gets.
    @Test func continuingGivesWhatSwiftGets() throws {
        let folder = try ScratchFolder()
        let corpus = try Owned.corpus(reading: subjects)
        var settings = ModelSettings()
        settings.autoencoder.latentWidth = 6
        settings.training.epochs = 1
        let documents = try CorpusReader.read(subjects)
        try FeatureModel.train(on: documents, settings).save(to: folder.path("first"))
        let known = try FeatureModel(contentsOf: folder.path("first"))
        try known.continued(on: documents, training: settings.training, keepingWeighting: true)
            .save(to: folder.path("swift"))
        var model: OpaquePointer?, continued: OpaquePointer?
        #expect(gossamer_model_load(folder.path("first"), &model, nil) == 0)
        defer { gossamer_model_free(model) }
        let options = #"{"training": {"epochs": 1}, "keep_weighting": true}"#
        #expect(gossamer_model_continue(model, corpus.handle, options, 0, nil, nil, &continued, nil) == 0)
        defer { gossamer_model_free(continued) }
        #expect(gossamer_model_save(continued, folder.path("c"), nil) == 0)
        let files = try ["swift", "c"].map { try Data(contentsOf: folder.url.appending(path: $0)) }
        #expect(files[0] == files[1])
    }

    @Test(arguments: [
        (#"{"epochs": 1}"#, "epochs"), (#"{"training": {"epochs": 0}}"#, "epochs"),
        (#"{"training": {"epoch": 1}}"#, "training.epoch"), (#"{"keep_weighting": 1}"#, "keep_weighting"),
    ])
    func wrongOptionsAreNamed(options: String, word: String) throws {
        let folder = try ScratchFolder()
        let corpus = try Owned.corpus(reading: subjects)
        var settings = ModelSettings()
        settings.autoencoder.latentWidth = 3
        settings.training.epochs = 1
        try FeatureModel.train(on: try CorpusReader.read(subjects), settings).save(to: folder.path("first"))
        var model: OpaquePointer?, continued: OpaquePointer?
        #expect(gossamer_model_load(folder.path("first"), &model, nil) == 0)
        defer { gossamer_model_free(model) }
        let said = answer { gossamer_model_continue(model, corpus.handle, options, 0, nil, nil, &continued, $0) }
        #expect(said.status == 64 && said.message?.contains(word) == true, "\(said)")
    }
}

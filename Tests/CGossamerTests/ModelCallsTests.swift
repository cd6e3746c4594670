import CGossamerInterface
import CGossamerProgram
import Corpora
import Foundation
import Gossamer
import Synchronization
import Testing

@Suite struct ModelCallsTests {
    /// A program in C gets the model and the codes that Swift gets.
    @Test(arguments: [
        #"{"autoencoder": {"latentWidth": 16}, "training": {"epochs": 3, "seed": 5}}"#,
        #"{"variational": {"latentWidth": 8, "hiddenWidths": [20]}, "training": {"epochs": 2}}"#,
        #"{"autoencoder": {"latentWidth": 16, "activation": "topk:4"}, "training": {"epochs": 3}}"#,
    ])
    func aProgramInCGetsWhatSwiftGets(settings: String) throws {
        let folder = try ScratchFolder()
        let corpus = try CorpusReader.read(subjects)
        let expected = try FeatureModel.train(on: corpus, swiftSettings(settings))
        try expected.save(to: folder.path("swift.safetensors"))
        let vectors = try expected.embed(corpus)
        var codes = [Float](repeating: .nan, count: corpus.rowCount * expected.latentWidth)
        var message = [CChar](repeating: 0, count: 500)
        let status = run_program(
            subjects, settings, folder.path("c.safetensors"), &codes, Int64(codes.count), &message, message.count)
        try #require(status == 0, "\(message.map { UInt8(bitPattern: $0) })")
        #expect((0..<corpus.rowCount).flatMap { vectors.row($0) } == codes)
        let files = try ["swift", "c"].map { try Data(contentsOf: folder.url.appending(path: $0 + ".safetensors")) }
        #expect(files[0] == files[1])
    }

    private func swiftSettings(_ json: String) throws -> ModelSettings {
        var settings = ModelSettings()
        if json.contains("variational") {
            settings.variational.latentWidth = 8
            settings.variational.hiddenWidths = [20]
            settings.training.epochs = 2
        } else {
            settings.autoencoder.latentWidth = 16
            settings.training.epochs = 3
            if json.contains("topk") {
                settings.autoencoder.activation = try #require(Activation("topk:4"))
            } else {
                settings.training.seed = 5
            }
        }
        return settings
    }

    /// The callback hears of every step and epoch, and ends training after the step in which it says so.
    @Test func aCallbackStopsTraining() throws {
        let corpus = try Owned.corpus(reading: subjects)
        final class Calls { var epochs = 0, steps = 0 }
        let calls = Calls()
        let context = Unmanaged.passUnretained(calls).toOpaque()
        var model: OpaquePointer?
        let said = answer { error in
            gossamer_model_train(
                corpus.handle, #"{"training": {"epochs": 9}}"#, 1,
                { context, json in
                    guard let context else { return 0 }
                    let calls = Unmanaged<Calls>.fromOpaque(context).takeUnretainedValue()
                    if json == nil { calls.steps += 1 } else { calls.epochs += 1 }
                    return calls.epochs == 2 ? 1 : 0
                }, context, &model, error)
        }
        #expect(said == Answer(status: 75, message: "training was stopped before its end"))
        #expect(model == nil)
        #expect(calls.epochs == 2)
        #expect(calls.steps >= 2)
    }

    @Test func modelsSurviveAsBytes() throws {
        let corpus = try Owned.corpus(reading: subjects)
        let model = try Owned.model(on: corpus, #"{"autoencoder": {"latentWidth": 8}, "training": {"epochs": 1}}"#)
        var bytes = gossamer_string()
        #expect(answer { gossamer_model_to_bytes(model.handle, &bytes, $0) }.status == 0)
        defer { gossamer_string_free(bytes) }
        let copy = try Owned.model { gossamer_model_from_bytes(bytes.bytes, bytes.length, $0, $1) }
        #expect(try codes(of: model, corpus, units: 8) == codes(of: copy, corpus, units: 8))
        let damaged = answer { error in
            var model: OpaquePointer?
            return gossamer_model_from_bytes(bytes.bytes, bytes.length / 2, &model, error)
        }
        #expect(damaged.status == 65)
    }

    /// Any number of threads may use one model.
    @Test func severalThreadsUseOneModel() throws {
        let corpus = try Owned.corpus(reading: subjects)
        let model = try Owned.model(on: corpus, #"{"autoencoder": {"latentWidth": 8}, "training": {"epochs": 2}}"#)
        let expected = try codes(of: model, corpus, units: 8)
        let failures = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 12) { i in
            let mine = i % 3 == 0 ? (try? Owned.model(on: corpus, #"{"training": {"epochs": 1}}"#)) : nil
            if i % 3 == 0 && mine == nil { failures.add(1, ordering: .relaxed) }
            if (try? codes(of: model, corpus, units: 8)) != expected { failures.add(1, ordering: .relaxed) }
        }
        #expect(failures.load(ordering: .relaxed) == 0)
    }

    @Test(arguments: ["sae", "vae"]) func everyResultOfAModel(kind: String) throws {
        let corpus = try Owned.corpus(reading: subjects)
        let member = kind == "sae" ? "autoencoder" : "variational"
        let model = try Owned.model(on: corpus, #"{"\#(member)": {"latentWidth": 8}, "training": {"epochs": 2}}"#)
        var losses = [Double](repeating: .nan, count: 400)
        #expect(answer { gossamer_model_losses(model.handle, corpus.handle, 0, &losses, 400, $0) }.status == 0)
        #expect(losses.allSatisfy { $0.isFinite })
        var weights = [Float](repeating: .nan, count: 8 * 1880)
        #expect(answer { gossamer_model_components(model.handle, &weights, Int64(weights.count), $0) }.status == 0)
        #expect(weights.contains { $0 != 0 } && weights.allSatisfy { $0.isFinite })
        let codes = try codes(of: model, corpus, units: 8)
        var means = [Float](repeating: .nan, count: 400 * 1880)
        #expect(
            answer { gossamer_model_decode(model.handle, codes, 400, 8, &means, Int64(means.count), $0) }.status == 0)
        if kind == "vae" {
            for row in 0..<400 {
                #expect(abs(means[row * 1880..<(row + 1) * 1880].reduce(0) { $0 + Double($1) } - 1) < 1e-4)
            }
        }
        let texts = try [
            text { gossamer_model_describe(model.handle, $0, $1) },
            text { gossamer_model_features(model.handle, #"{"top": 3}"#, $0, $1) },
            text { gossamer_model_evaluate(model.handle, corpus.handle, corpus.handle, nil, 0, $0, $1) },
        ]
        #expect(texts[0].contains(#""kind":"\#(kind)""#))
        #expect(texts[1].contains(#""unit":7"#))
        for name in ["probe_accuracy", "retrieval_precision_at_10", "npmi", "nmi"]
            + (kind == "vae" ? ["perplexity_document_refined"] : ["fvu", "dead_fraction"])
        {
            #expect(texts[2].contains("\"\(name)\":"))
        }
        let drawn = try Owned.corpus {
            gossamer_model_generate(model.handle, 7, nil, #"{"seed": 3, "near_training": true}"#, 0, nil, nil, $0, $1)
        }
        #expect(try drawn.entries.indptr.count == 8)
    }

    private func codes(of model: Owned, _ corpus: Owned, units: Int) throws -> [Float] {
        var codes = [Float](repeating: .nan, count: 400 * units)
        let said = answer {
            gossamer_model_transform(model.handle, corpus.handle, nil, 0, &codes, Int64(codes.count), $0)
        }
        if said.status != 0 { throw CallFailed(description: said.message ?? "") }
        return codes
    }

    private func text(
        _ call: (UnsafeMutablePointer<gossamer_string>, UnsafeMutablePointer<OpaquePointer?>) -> gossamer_status
    ) throws -> String {
        var string = gossamer_string()
        let said = answer { call(&string, $0) }
        if said.status != 0 { throw CallFailed(description: said.message ?? "") }
        defer { gossamer_string_free(string) }
        return String(cString: string.bytes)
    }
}

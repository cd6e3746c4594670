import CGossamerInterface
import Foundation
import Testing

@Suite struct WrongCallsTests {
    @Test func aWrongFileIsNamed() throws {
        let folder = try ScratchFolder()
        try "1 1:1 2:x\n".write(toFile: folder.path("bad.svm"), atomically: true, encoding: .utf8)
        var corpus: OpaquePointer?, error: OpaquePointer?
        #expect(gossamer_corpus_read(folder.path("bad.svm"), nil, &corpus, &error) == 65)
        defer { gossamer_error_free(error) }
        #expect(gossamer_error_file(error).map { String(cString: $0) } == folder.path("bad.svm"))
        #expect(gossamer_error_line(error) == 1)
        #expect(gossamer_error_column(error) == 9)
        #expect(corpus == nil)
        #expect(answer { gossamer_corpus_read(folder.path("none.svm"), nil, &corpus, $0) }.status == 66)
    }

    @Test(arguments: [
        (#"{"format": "pdf"}"#, "format"), (#"{"index_base": 2}"#, "index_base"), (#"{"features": -1}"#, "features"),
        (#"{"bogus": 1}"#, "bogus"), ("[1]", "JSON object"), ("{", "JSON object"), (#"{"ngrams": [2, 1]}"#, "ngrams"),
        (#"{"min_df": 2.5}"#, "min_df"), (#"{"analyzer": "sound"}"#, "analyzer"), (#"{"strict": "yes"}"#, "strict"),
    ])
    func wrongOptionsAreNamed(options: String, word: String) throws {
        var corpus: OpaquePointer?
        let said = answer { gossamer_corpus_read(subjects, options, &corpus, $0) }
        #expect(said.status == 64)
        #expect(said.message?.contains(word) == true, "\(said)")
    }

    @Test(arguments: [
        (#"{"autoencoder": {"latentWidth": 0}}"#, "latentWidth"),
        (#"{"autoencoder": {"latentWidth": "x"}}"#, "latentWidth"),
        (#"{"autoencoder": {"latent": 3}}"#, "autoencoder.latent"), (#"{"other": {}}"#, "other"),
        (#"{"autoencoder": {}, "variational": {}}"#, "one of them"),
        (#"{"autoencoder": {"denoising": 1}}"#, "denoising"),
        (#"{"autoencoder": {"activation": "topk:200"}}"#, "activation"), (#"{"training": {"epochs": 0}}"#, "epochs"),
        (#"{"training": {"seed": -1}}"#, "seed"), (#"{"training": {"learningRate": 0}}"#, "learningRate"),
        (#"{"variational": {"beta": 0}}"#, "beta"), (#"{"variational": {"likelihood": "poison"}}"#, "likelihood"),
        (#"{"variational": {"likelihood": "poisson", "sampledSoftmax": 5}}"#, "sampledSoftmax"),
        (#"{"weighting": "tfidf"}"#, "weighting"), (#"{"autoencoder": {"ridge": 0}}"#, "ridge"),
        (#"{"autoencoder": {"penalties": ["l1"]}}"#, "penalties"),
        (#"{"autoencoder": {"hiddenWidths": [0]}}"#, "hiddenWidths"),
        (#"{"variational": {"hiddenWidths": []}}"#, "hiddenWidths"), (#"{"training": {"epochs": 1.5}}"#, "epochs"),
        (#"{"autoencoder": {"denoising": 1e300}}"#, "denoising"),
        (#"{"autoencoder": {"latentWidth": 1e30}}"#, "latentWidth"),
        (#"{"autoencoder": {"activation": "rellu"}}"#, "topk:K"),
        (#"{"variational": {"likelihood": "poison"}}"#, "bernoulli"),
    ])
    func wrongSettingsAreNamed(settings: String, word: String) throws {
        let corpus = try Owned.corpus(reading: subjects)
        var model: OpaquePointer?
        let said = answer { gossamer_model_train(corpus.handle, settings, 0, nil, nil, &model, $0) }
        #expect(said.status == 64)
        #expect(said.message?.contains(word) == true, "\(said)")
        #expect(model == nil)
    }

    @Test(arguments: [
        #"{"autoencoder": {"latentWidth": 1000000000}}"#,
        #"{"autoencoder": {"hiddenWidths": [1000000000, 1000000000]}}"#,
        #"{"variational": {"latentWidth": 1000000000}}"#, #"{"variational": {"hiddenWidths": [1000000000]}}"#,
    ])
    func modelsBeyondAllMemoryAreRefused(settings: String) throws {
        let corpus = try Owned.corpus(reading: subjects)
        var model: OpaquePointer?
        let said = answer { gossamer_model_train(corpus.handle, settings, 0, nil, nil, &model, $0) }
        #expect(said.status == 65)
        #expect(said.message?.contains("GB") == true, "\(said)")
        #expect(model == nil)
    }

    @Test func countsBeyondAllAddressesAreRefused() throws {
        let offsets: [Int64] = [0], bytes: [CChar] = [0]
        offsets.withUnsafeBufferPointer { offsets in
            bytes.withUnsafeBufferPointer { bytes in
                var texts = gossamer_texts(count: .max, bytes: bytes.baseAddress, offsets: offsets.baseAddress)
                var corpus: OpaquePointer?
                let said = answer { gossamer_corpus_count(&texts, nil, nil, 0, &corpus, $0) }
                #expect(said.status == 65)
            }
        }
    }

    /// Rows, columns, offsets, columns of entries and values that are no matrix.
    @Test(
        arguments: [
            (-1, 3, [0, 1], [0], [1]), (.max, 3, [0, 1], [0], [1]), (1, -3, [0, 1], [0], [1]),
            (1, 3, [1, 1], [0], [1]),
            (2, 3, [0, 1, 0], [0], [1]),
            (1, 3, [0, 1], [3], [1]), (1, 3, [0, 1], [-1], [1]), (1, 3, [0, 1], [0], [.nan]),
            (1, 3, [0, 1], [0], [.infinity]),
        ] as [(Int64, Int64, [Int32], [Int32], [Float])])
    func wrongArraysAreRefused(rows: Int64, columns: Int64, indptr: [Int32], indices: [Int32], data: [Float]) {
        indptr.withUnsafeBytes { indptr in
            indices.withUnsafeBytes { indices in
                data.withUnsafeBytes { data in
                    var matrix = gossamer_matrix(
                        rows: rows, columns: columns, indptr: indptr.baseAddress, indices: indices.baseAddress,
                        data: data.baseAddress, indptr_type: 1, indices_type: 1, data_type: 4)
                    var corpus: OpaquePointer?
                    let said = answer { gossamer_corpus_from_matrix(&matrix, nil, nil, nil, &corpus, $0) }
                    #expect(said.status == 65)
                    #expect(said.message?.isEmpty == false)
                }
            }
        }
    }

    @Test func nullsAndSmallRoomAreRefused() throws {
        let corpus = try Owned.corpus(reading: subjects)
        let model = try Owned.model(on: corpus, #"{"autoencoder": {"latentWidth": 4}, "training": {"epochs": 1}}"#)
        var handle: OpaquePointer?, codes: [Float] = [0]
        let given: [Float] = [0]
        let answers = [
            answer { gossamer_corpus_read(nil, nil, &handle, $0) },
            answer { gossamer_corpus_read(subjects, nil, nil, $0) },
            answer { gossamer_corpus_from_matrix(nil, nil, nil, nil, &handle, $0) },
            answer { gossamer_model_train(nil, nil, 0, nil, nil, &handle, $0) },
            answer { gossamer_model_train(corpus.handle, nil, -1, nil, nil, &handle, $0) },
            answer { gossamer_model_transform(nil, corpus.handle, nil, 0, &codes, 1, $0) },
            answer { gossamer_model_transform(model.handle, nil, nil, 0, &codes, 1, $0) },
            answer { gossamer_model_transform(model.handle, corpus.handle, nil, 0, &codes, 1, $0) },
            answer { gossamer_model_transform(model.handle, corpus.handle, nil, 0, nil, 1600, $0) },
            answer { gossamer_model_transform(model.handle, corpus.handle, #"{"variance": true}"#, 0, &codes, 1, $0) },
            answer { gossamer_model_decode(model.handle, given, 1, 5, &codes, 1, $0) },
            answer { gossamer_model_components(model.handle, &codes, 1, $0) },
            answer { gossamer_model_generate(model.handle, -1, nil, nil, 0, nil, nil, &handle, $0) },
            answer { gossamer_model_generate(model.handle, 1, nil, #"{"temperature": 2}"#, 0, nil, nil, &handle, $0) },
            answer { gossamer_default_settings("lda", nil, $0) }, answer { gossamer_model_save(nil, "x", $0) },
        ]
        for said in answers {
            #expect(said.status == 64)
            #expect(said.message?.isEmpty == false)
        }
        // An error that nobody wants is not made.
        #expect(gossamer_corpus_read(nil, nil, &handle, nil) == 64)
        gossamer_corpus_free(nil)
        gossamer_model_free(nil)
        gossamer_error_free(nil)
    }

    @Test func documentsWiderThanTheModelAreRefused() throws {
        let corpus = try Owned.corpus(reading: subjects)
        let model = try Owned.model(on: corpus, #"{"autoencoder": {"latentWidth": 4}, "training": {"epochs": 1}}"#)
        let wide = try Owned.corpus { gossamer_corpus_read(subjects, #"{"features": 5000}"#, $0, $1) }
        var codes = [Float](repeating: 0, count: 1600)
        let said = answer { gossamer_model_transform(model.handle, wide.handle, nil, 0, &codes, 1600, $0) }
        #expect(said.status == 65)
        #expect(said.message?.contains("5000 columns") == true)
    }
}

import CGossamerInterface
import Foundation
import Testing

let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

let subjects = packageRoot.appending(path: "datasets/eight-subjects.svm").path

/// A new folder, removed with what is in it.
final class ScratchFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }
}

/// What a call said: its status, and its error's text.
struct Answer: Equatable {
    let status: Int32
    let message: String?
}

/// Makes a call, and takes its error.
func answer(_ call: (UnsafeMutablePointer<OpaquePointer?>) -> gossamer_status) -> Answer {
    var error: OpaquePointer?
    let status = call(&error)
    defer { gossamer_error_free(error) }
    return Answer(status: status, message: gossamer_error_message(error).map { String(cString: $0) })
}

struct CallFailed: Error, CustomStringConvertible {
    let description: String
}

/// A handle that is freed with this object.
final class Owned: @unchecked Sendable {
    let handle: OpaquePointer
    private let release: (OpaquePointer?) -> Void

    private init(
        _ release: @escaping (OpaquePointer?) -> Void,
        _ call: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<OpaquePointer?>) -> gossamer_status
    ) throws {
        var handle: OpaquePointer?
        let said = answer { error in call(&handle, error) }
        guard said.status == 0, let handle else { throw CallFailed(description: said.message ?? "\(said.status)") }
        self.handle = handle
        self.release = release
    }

    deinit { release(handle) }

    static func corpus(
        _ call: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<OpaquePointer?>) -> gossamer_status
    ) throws -> Owned {
        try Owned(gossamer_corpus_free, call)
    }

    static func model(
        _ call: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<OpaquePointer?>) -> gossamer_status
    ) throws -> Owned {
        try Owned(gossamer_model_free, call)
    }

    static func corpus(reading path: String) throws -> Owned {
        try corpus { gossamer_corpus_read(path, nil, $0, $1) }
    }

    static func model(on corpus: Owned, _ settings: String?, threads: Int32 = 0) throws -> Owned {
        try model { gossamer_model_train(corpus.handle, settings, threads, nil, nil, $0, $1) }
    }

    /// The entries of a corpus, as its arrays have them.
    var entries: (indptr: [Int], indices: [UInt32], data: [Float]) {
        get throws {
            var matrix = gossamer_matrix()
            let said = answer { gossamer_corpus_matrix(handle, &matrix, $0) }
            guard said.status == 0, let indptr = matrix.indptr, let indices = matrix.indices, let data = matrix.data
            else { throw CallFailed(description: said.message ?? "no arrays") }
            let offsets = Array(
                UnsafeBufferPointer(start: indptr.assumingMemoryBound(to: Int.self), count: Int(matrix.rows) + 1))
            let count = offsets.last ?? 0
            return (
                offsets,
                Array(UnsafeBufferPointer(start: indices.assumingMemoryBound(to: UInt32.self), count: count)),
                Array(UnsafeBufferPointer(start: data.assumingMemoryBound(to: Float.self), count: count))
            )
        }
    }
}

/// Calls `body` with texts as C has them.
func withTexts<Result>(_ texts: [String], _ body: (UnsafePointer<gossamer_texts>) throws -> Result) rethrows -> Result {
    let bytes = texts.flatMap { Array($0.utf8).map { CChar(bitPattern: $0) } }
    let offsets = texts.reduce(into: [Int64(0)]) { $0.append($0[$0.count - 1] + Int64($1.utf8.count)) }
    return try bytes.withUnsafeBufferPointer { bytes in
        try offsets.withUnsafeBufferPointer { offsets in
            var given = gossamer_texts(
                count: Int64(texts.count), bytes: bytes.baseAddress, offsets: offsets.baseAddress)
            return try body(&given)
        }
    }
}

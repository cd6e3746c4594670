import CGossamerInterface
import Corpora
import FileIO
import Gossamer
import Report
import SparseMatrices

/// The options of `gossamer_model_report`.
private struct ReportRequest {
    var settings = ReportSettings()
    let title: String
    let ldavis: String?

    init(_ options: UnsafePointer<CChar>?, path: String) throws {
        var members = try JSONValue.members(options, "options")
        settings.documents = try members.take("documents") ?? settings.documents
        settings.seed = try members.take("seed") ?? settings.seed
        let shape: [Int]? = try members.take("image_shape")
        ldavis = try members.take("ldavis")
        let file = path.split(separator: "/").last.map(String.init) ?? path
        title = try members.take("title") ?? (file.hasSuffix(".html") ? String(file.dropLast(5)) : file)
        try members.requireEmpty(known: "title, documents, seed, image_shape and ldavis")
        guard (1...200_000).contains(settings.documents) else {
            throw UsageError("documents: found \(settings.documents); expected a number from 1 to 200,000")
        }
        settings.hasLDAvis = ldavis != nil
        guard let shape else { return }
        guard (2...3).contains(shape.count),
            let image = ImageShape(height: shape[0], width: shape[1], colours: shape.count == 3 ? shape[2] : 1)
        else {
            throw UsageError("image_shape: found \(shape); expected rows, columns and, of colours, 3")
        }
        settings.imageShape = image
    }
}

@c @implementation
public func gossamer_model_report(
    _ model: OpaquePointer?, _ corpus: OpaquePointer?, _ labels: UnsafePointer<gossamer_texts>?,
    _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?, _ threads: Int32,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let object = try given(model, ModelObject.self, "model")
        let path = try givenText(path, "path")
        let request = try ReportRequest(options, path: path)
        if let shape = request.settings.imageShape, shape.count != object.model.featureCount {
            throw UsageError(
                "image_shape: found \(shape.count) numbers; expected \(object.model.featureCount), one for each feature"
            )
        }
        for case let file? in [path, request.ldavis] { try AtomicFile.checkCreatable(file) }
        var documents = try corpus.map { try object.documents($0) }
        if let labels { documents = try documents?.labelled(GivenTexts(labels.pointee, "labels")) }
        let report = try ModelReport(
            of: object.model, on: documents.map { CorpusPieces($0, rowMultiple: FeatureModel.rowsPerPiece) },
            named: "documents given", request.settings,
            execution: Execution(parallelism: try Parallelism(given: threads)))
        if let file = request.ldavis { try report.ldavis?.write(to: file) }
        try ReportPage(report, title: request.title).write(to: path)
    }
}

extension Corpus {
    /// The same documents with other labels; an empty one stands for none.
    fileprivate func labelled(_ labels: GivenTexts) throws -> Corpus {
        guard labels.count == rowCount else {
            throw ArrayError("labels: found \(labels.count); expected \(rowCount), one for each document")
        }
        return Corpus(
            matrix: matrix, labels: RowLabels(sets: try labels.strings("labels").map { $0.isEmpty ? [] : [$0] }),
            ids: ids, qids: qids, weights: weights, vocabulary: vocabulary, textOptions: textOptions,
            provenance: provenance)
    }
}

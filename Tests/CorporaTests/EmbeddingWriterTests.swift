import FileIO
import Foundation
import TensorFiles
import Testing

@testable import Corpora

/// Three documents, two latent units; the second document has no active unit.
private let codes: [Float] = [1, 0, 0, 0, -0.5, 1e-7]
private let named = RowMetadata(labels: ["1", "", "sci.med #x"], ids: ["a,b", "say \"hi\"", "x y\nz"])

@Suite struct EmbeddingWriterTests {
    /// The bytes that a format gives, rows handed over in blocks of 2 and 1.
    private func written(
        _ format: EmbeddingFormat, _ metadata: RowMetadata = RowMetadata(), codes: [Float] = codes
    ) throws -> [UInt8] {
        try inFolder { folder in
            let path = folder.appending(path: "codes.\(format.rawValue)").path
            try write(codes, to: path, metadata)
            return Array(try Data(contentsOf: URL(filePath: path)))
        }
    }

    private func write(_ codes: [Float], to path: String, _ metadata: RowMetadata = RowMetadata()) throws {
        let writer = try EmbeddingFormat(path: path).makeWriter(path: path, columnCount: 2)
        try append(codes, metadata, rows: 0..<2, to: writer)
        try append(codes, metadata, rows: 2..<3, to: writer)
        try writer.finish()
    }

    private func append(
        _ codes: [Float], _ metadata: RowMetadata, rows: Range<Int>, to writer: any EmbeddingWriter
    ) throws {
        try codes.withUnsafeBufferPointer { codes in
            try writer.append(
                rows: UnsafeBufferPointer(rebasing: codes[2 * rows.lowerBound..<2 * rows.upperBound]),
                count: rows.count, metadata: part(of: metadata, rows))
        }
    }

    private func part(of metadata: RowMetadata, _ rows: Range<Int>) -> RowMetadata {
        RowMetadata(labels: metadata.labels.map { Array($0[rows]) }, ids: metadata.ids.map { Array($0[rows]) })
    }

    private func text(
        _ format: EmbeddingFormat, _ metadata: RowMetadata = RowMetadata(), codes: [Float] = codes
    ) throws -> String {
        String(decoding: try written(format, metadata, codes: codes), as: UTF8.self)
    }

    private func inFolder<R>(_ body: (URL) throws -> R) throws -> R {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gossamer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    // MARK: Which format

    @Test func endingsNameFormats() throws {
        for format in EmbeddingFormat.allCases {
            #expect(try EmbeddingFormat(path: "a.b/c.\(format.rawValue)") == format)
        }
        #expect(try EmbeddingFormat(path: "X.NPY") == .npy)
    }

    @Test(arguments: ["codes.txt", "codes", "-", "", "folder.csv/codes", "codes.csv.gz"])
    func otherEndingsAreRefusedWithTheKnownOnes(path: String) {
        let error = #expect(throws: UnknownEmbeddingFormat.self) { try EmbeddingFormat(path: path) }
        #expect(error?.description.contains(".npy .npz .csv .tsv .vec .svm .safetensors .jsonl;") == true)
    }

    @Test func binaryFormatsDoNotGoToStandardOutput() {
        for format in EmbeddingFormat.allCases where !format.isText {
            #expect(throws: FileError.self) { try format.makeWriter(path: "-", columnCount: 2) }
        }
    }

    // MARK: Text

    @Test func csv() throws {
        #expect(try text(.csv) == "unit_0,unit_1\n1,0\n0,0\n-0.5,1e-07\n")
        #expect(
            try text(.csv, named) == #"""
                id,unit_0,unit_1
                "a,b",1,0
                "say ""hi""",0,0
                "x y
                z",-0.5,1e-07

                """#)
    }

    @Test func tsv() throws {
        #expect(try text(.tsv) == "1\t0\n0\t0\n-0.5\t1e-07\n")
        #expect(try text(.tsv, named) == text(.tsv))
    }

    @Test func vec() throws {
        #expect(try text(.vec) == "3 2\n1 1 0\n2 0 0\n3 -0.5 1e-07\n")
        #expect(try text(.vec, named) == "3 2\na,b 1 0\nsay_\"hi\" 0 0\nx_y_z -0.5 1e-07\n")
        let odd = RowMetadata(ids: ["", "same", "same"])
        #expect(try text(.vec, odd) == "3 2\n1 1 0\nsame 0 0\nsame -0.5 1e-07\n")
    }

    @Test func svmSkipsZeros() throws {
        #expect(try text(.svm) == "0 1:1\n0\n0 1:-0.5 2:1e-07\n")
        #expect(
            try text(.svm, named) == """
                1 1:1 # a,b
                0 # say "hi"
                2 1:-0.5 2:1e-07 # x y_z

                """)
        #expect(try text(.svm, codes: [-0.0, 2, 0, 0, 0, 3]) == "0 2:2\n0\n0 2:3\n")
    }

    /// No two labels share a number, and what is a number stays one.
    @Test func labelsOfLibSVMAreNumbers() {
        let names = LabelNumbers()
        #expect(["ham", "spam", "", "ham", "e\u{301}", "\u{e9}"].map(names.number) == ["1", "2", "0", "1", "3", "4"])
        #expect(names.numbered.map(\.name) == ["ham", "spam", "e\u{301}", "\u{e9}"])
        let mixed = LabelNumbers()
        #expect(
            ["2", "1,4", "ham", "spam", "3", "-1", "nan"].map(mixed.number) == ["2", "1,4", "3", "5", "6", "-1", "7"])
        #expect(mixed.numbered.map(\.number) == [3, 5, 6, 7])
    }

    @Test func jsonLines() throws {
        #expect(try text(.jsonl) == "{\"vector\":[1,0]}\n{\"vector\":[0,0]}\n{\"vector\":[-0.5,1e-07]}\n")
        #expect(
            try text(.jsonl, named, codes: [1, .nan, 0, .infinity, -0.5, 1e-7]) == #"""
                {"id":"a,b","label":"1","vector":[1,null]}
                {"id":"say \"hi\"","label":"","vector":[0,null]}
                {"id":"x y\nz","label":"sci.med #x","vector":[-0.5,1e-07]}

                """#)
    }

    @Test func decimalsReadBackAsTheSameFloat() {
        var bits: UInt32 = 1
        let random = (0..<20_000).map { _ in
            bits = bits &* 1_664_525 &+ 1_013_904_223
            return Float(bitPattern: bits)
        }
        for value in random + [0, -0.0, 1, -10, 16_777_216, -16_777_218, 1e10, 1e16] where value.isFinite {
            var buffer: [UInt8] = []
            appendShortest(value, to: &buffer)
            #expect(Float(String(decoding: buffer, as: UTF8.self))?.bitPattern == value.bitPattern)
        }
    }

    // MARK: Binary

    @Test func npy() throws {
        let bytes = try written(.npy, named)
        let header = Array("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }".utf8)
        #expect(bytes[10...].starts(with: header))
        #expect(bytes[128...].elementsEqual(rawBytes(codes)))
        try inFolder { folder in
            let path = folder.appending(path: "codes.npy").path
            try write(codes, to: path)
            let file = try NpyFile(path: path)
            #expect(file.shape == [3, 2])
            #expect(Array(file.floats) == codes)
        }
    }

    @Test func safetensors() throws {
        try inFolder { folder in
            let path = folder.appending(path: "codes.safetensors").path
            try write(codes, to: path, named)
            let file = try SafetensorsFile(path: path)
            #expect(file.tensors.map(\.name) == ["embeddings", "ids"])
            #expect(try Array(file.floats(named: "embeddings", shape: [3, 2])) == codes)
            let ids = try file.array(named: "ids", of: UInt8.self)
            #expect(String(decoding: ids, as: UTF8.self) == "a,b\nsay \"hi\"\nx y_z")
        }
        let bytes = try written(.safetensors)
        let text = #"{"embeddings":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]}}"#
        #expect(bytes[..<8].elementsEqual([120, 0, 0, 0, 0, 0, 0, 0]))
        #expect(bytes[8...].starts(with: Array(text.utf8)))
        #expect(bytes[128...].elementsEqual(rawBytes(codes)))
    }

    /// The entries are stored as they are, so the archive can be searched for the arrays.
    @Test func npzHoldsTheSparseMatrix() throws {
        let archive = Data(try written(.npz))
        func holds(_ name: String, _ type: String, _ shape: String, _ data: [UInt8]) -> Bool {
            let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
            let padding = String(repeating: " ", count: 117 - header.utf8.count) + "\n"
            return archive.range(of: Data("\(name).npy".utf8)) != nil
                && archive.range(of: Data((header + padding).utf8) + Data(data)) != nil
        }
        #expect(holds("indices", "<i4", "(3,)", rawBytes([0, 0, 1] as [Int32])))
        #expect(holds("indptr", "<i4", "(4,)", rawBytes([0, 1, 1, 3] as [Int32])))
        #expect(holds("format", "|S3", "()", Array("csr".utf8)))
        #expect(holds("shape", "<i8", "(2,)", rawBytes([3, 2])))
        #expect(holds("data", "<f4", "(3,)", rawBytes([1, -0.5, 1e-7] as [Float])))
        #expect(try written(.npz) == Array(archive))
    }

    private func rawBytes<Element>(_ elements: [Element]) -> [UInt8] { elements.withUnsafeBytes { Array($0) } }

    // MARK: Whole files only

    @Test(arguments: EmbeddingFormat.allCases)
    func noRowsIsAFileToo(format: EmbeddingFormat) throws {
        try inFolder { folder in
            let path = folder.appending(path: "codes").path
            let writer = try format.makeWriter(path: path, columnCount: 2)
            try writer.finish()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["codes"])
        }
    }

    @Test(arguments: EmbeddingFormat.allCases)
    func nothingAppearsWithoutFinish(format: EmbeddingFormat) throws {
        try inFolder { folder in
            do {
                let writer = try format.makeWriter(path: folder.appending(path: "codes").path, columnCount: 2)
                try append(codes, RowMetadata(), rows: 0..<3, to: writer)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        }
    }

    @Test(arguments: EmbeddingFormat.allCases)
    func missingFoldersAreReportedAtTheStart(format: EmbeddingFormat) {
        #expect(throws: FileError.self) {
            try format.makeWriter(path: "/nonexistent/folder/codes", columnCount: 2)
        }
    }

    @Test func aMissingValueIsAMisuse() async {
        await #expect(processExitsWith: .failure) {
            let writer = try EmbeddingFormat.csv.makeWriter(path: "-", columnCount: 2)
            try [Float](repeating: 1, count: 3).withUnsafeBufferPointer {
                try writer.append(rows: $0, count: 2, metadata: RowMetadata())
            }
        }
    }

    // MARK: Texts that come late

    private static let fields = [(false, true), (true, false), (true, true)]

    /// Rows before the first that has texts are written as if it had been known that there are some.
    @Test(arguments: EmbeddingFormat.allCases, fields)
    func textsThatComeLateHaveTheirPlace(format: EmbeddingFormat, fields: (ids: Bool, labels: Bool)) throws {
        try inFolder { folder in
            let late = RowMetadata(labels: fields.labels ? ["a"] : nil, ids: fields.ids ? ["\"vector\":[,#"] : nil)
            let all = RowMetadata(labels: late.labels.map { ["", ""] + $0 }, ids: late.ids.map { ["", ""] + $0 })
            let path = folder.appending(path: "late").path
            let writer = try format.makeWriter(path: path, columnCount: 2)
            try append(codes, RowMetadata(), rows: 0..<1, to: writer)
            try append(codes, RowMetadata(labels: late.labels.map { _ in ["", ""] }), rows: 0..<2, to: writer)
            try append(
                codes, RowMetadata(labels: ["", "", "a"], ids: late.ids.map { ["", "", $0[0]] }), rows: 2..<3,
                to: writer)
            try writer.finish()
            let known = try format.makeWriter(path: path + ".known", columnCount: 2)
            let labels = all.labels ?? ["", "", "a"]
            try append(codes, RowMetadata(labels: labels, ids: all.ids), rows: 0..<1, to: known)
            try append(codes, RowMetadata(labels: labels, ids: all.ids), rows: 0..<2, to: known)
            try append(codes, RowMetadata(labels: labels, ids: all.ids), rows: 2..<3, to: known)
            try known.finish()
            #expect(try Data(contentsOf: URL(filePath: path)) == Data(contentsOf: URL(filePath: path + ".known")))
            #expect(writer.rowsWithoutTheirTexts == 0)
        }
    }

    @Test func idsStandOneALine() throws {
        try inFolder { folder throws in
            let path = folder.appending(path: "ids.txt").path
            func written(_ parts: [[String]?]) throws -> String {
                let writer = try IDWriter(path: path)
                for ids in parts { try writer.append(RowMetadata(ids: ids), count: ids?.count ?? 2) }
                try writer.finish()
                return try String(contentsOfFile: path, encoding: .utf8)
            }
            #expect(try written([named.ids]) == "a,b\nsay \"hi\"\nx y_z\n")
            #expect(try written([nil, nil]) == "1\n2\n3\n4\n")
            #expect(try written([nil, ["a"], nil, ["", "b"]]) == "\n\na\n\n\n\nb\n")
        }
    }

    @Test func metadataHaveColumnsForWhatThereIs() throws {
        try inFolder { folder throws in
            let path = folder.appending(path: "metadata.tsv").path
            func written(_ parts: RowMetadata...) throws -> String {
                let writer = try ProjectorMetadataWriter(path: path)
                for part in parts { try writer.append(part, count: 1) }
                try writer.finish()
                return try String(contentsOfFile: path, encoding: .utf8)
            }
            let (none, ids, labels) = (RowMetadata(), RowMetadata(ids: ["a\tb"]), RowMetadata(labels: ["x"]))
            let both = RowMetadata(labels: ["x"], ids: ["a\tb"])
            #expect(try written(none, none) == "1\n2\n")
            #expect(try written(none, ids, none) == "1\na_b\n3\n")
            #expect(try written(none, labels, none) == "(none)\nx\n(none)\n")
            #expect(try written(ids, labels) == "id\tlabel\na_b\t(none)\n2\tx\n")
            #expect(try written(none, labels, both) == "id\tlabel\n1\t(none)\n2\tx\na_b\tx\n")
        }
    }
}

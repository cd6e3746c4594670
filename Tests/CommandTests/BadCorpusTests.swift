import Foundation
import Testing

/// Bad files of every format: exit code 65, what is wrong, and nothing written.
@Suite struct BadCorpusTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private struct Bad {
        let path: String
        var options: [String] = []
        let parts: [String]
    }

    private func expectRefused(_ bad: [Bad]) throws {
        let before = try folder.names()
        for bad in bad {
            for command in [["inspect", bad.path], ["import", bad.path, "--out", folder.path("out.safetensors")]] {
                let outcome = try Gossamer.run(command + bad.options)
                #expect(outcome.status == 65 && !outcome.wasKilled, "\(command): \(outcome.status) \(outcome.error)")
                #expect(outcome.output.isEmpty)
                for part in bad.parts + ["found", "expected"] {
                    #expect(outcome.error.contains(part), "\(command): \(outcome.error)")
                }
            }
        }
        #expect(try folder.names() == before)
    }

    private func write(_ data: Data, _ name: String) throws -> String {
        try data.write(to: folder.url.appending(path: name))
        return folder.path(name)
    }

    @Test func matricesAndText() throws {
        let gzip = Data(base64Encoded: "H4sIAAAAAAAC/zNUMLQyVDC2MuQyUDACkgB9k8B8EAAAAA==") ?? Data()
        let matrix = "%%MatrixMarket matrix coordinate real general\n"
        try expectRefused([
            Bad(path: try write(gzip.dropLast(6), "cut.svm.gz"), parts: ["cut.svm.gz", "gzip"]),
            Bad(path: try folder.write(matrix + "2 2 2\n1 1 1\n", to: "short.mtx"), parts: [":4:1", "2 entries"]),
            Bad(path: try folder.write(matrix + "2 2 1\n1 1 1\n2 2 1\n", to: "long.mtx"), parts: [":4:1", "one more"]),
            Bad(path: try folder.write(matrix + "2 2 1\n1 3 1\n", to: "range.mtx"), parts: [":3:3", "from 1 to 2"]),
            Bad(path: try write(SciPyFixtures.pickled, "pickled.npz"), parts: ["pickled.npz", "pickled Python"]),
            Bad(path: try write(SciPyFixtures.complexData, "type.npz"), parts: ["type.npz", "'data'", "<c16"]),
            Bad(path: try write(SciPyFixtures.columnOutOfRange, "range.npz"), parts: ["'indices'", "position 0"]),
            Bad(path: try folder.write("", to: "empty.mtx"), parts: ["empty.mtx:1:1"]),
            Bad(path: try folder.write("", to: "empty.svm"), parts: ["no documents"]),
            Bad(path: try folder.write("", to: "empty.txt"), parts: ["no documents"]),
            Bad(path: try folder.write(matrix + "0 5 0\n", to: "none.mtx"), parts: ["no documents"]),
            Bad(path: try folder.write("0\n5\n0\n", to: "docword.none.txt"), parts: ["no documents"]),
            Bad(
                path: try folder.write(matrix + "1 5 0\n", to: "wide.mtx"), options: ["--features", "3"],
                parts: ["5 columns", "at most 3"]),
            Bad(path: try folder.write("{\"text\": \"a b\"}\n{oops\n", to: "bad.jsonl"), parts: ["bad.jsonl:2:"]),
            Bad(
                path: try folder.write("2 0:1\n", to: "bad.ldac"), options: ["--format", "lda-c"],
                parts: ["bad.ldac:1:1", "number of id"]),
            Bad(path: try folder.write("what is this\n", to: "unknown"), parts: ["--format"]),
        ])
    }

    @Test func textThatLeavesNothing() throws {
        let text = try folder.write("some words\nof text\n", to: "a.txt")
        let empty = try folder.write("", to: "empty.voc")
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "hollow"), withIntermediateDirectories: false)
        let stop = try folder.write("some\nwords\nof\ntext\n", to: "stop.txt")
        let twice = try folder.write("text\nwords\ntext\n", to: "twice.voc")
        let gzip = Data(base64Encoded: "H4sIAAAAAAAC/zNUMLQyVDC2MuQyUDACkgB9k8B8EAAAAA==") ?? Data()
        try expectRefused([
            Bad(path: text, options: ["--vocabulary", empty], parts: ["empty.voc", "no words"]),
            Bad(path: text, options: ["--min-df", "2"], parts: ["no word left of 4", "min-df 2"]),
            Bad(path: text, options: ["--stop-words", stop], parts: ["a.txt", "stop words only, 4"]),
            Bad(path: folder.path("hollow"), parts: ["hollow", "no documents"]),
            Bad(path: try write(gzip.dropLast(6), "cut.txt.gz"), parts: ["cut.txt.gz", "gzip"]),
        ])
        let outcome = try Gossamer.run(["import", text, "--vocabulary", twice, "--out", folder.path("out.npz")])
        #expect(outcome.status != 0 && outcome.error.contains("'text'"), "\(outcome.error)")
    }

    @Test func foldersWithUnreadableFilesAndLinesToSkip() throws {
        let posts = folder.url.appending(path: "posts/a")
        try FileManager.default.createDirectory(at: posts, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: posts.path + "/gone", withDestinationPath: "/nowhere/at/all")
        let out = folder.path("out.safetensors")
        try Gossamer.fail(66, "import", folder.path("posts"), "--out", out, saying: ["posts/a/gone", "cannot be read"])
        let lines = try folder.write("{\"text\":\"one word\"}\noops\n{\"text\":\"more\"}\n[]\n", to: "a.jsonl")
        try Gossamer.fail(65, "import", lines, "--out", out, saying: ["a.jsonl:2:1"])
        #expect(try !folder.names().contains("out.safetensors"))
        let outcome = try Gossamer.succeed("import", lines, "--skip-bad-lines", "--out", out, "--json")
        #expect(try outcome.json()["documents"] as? Int == 2 && outcome.error.contains("2 bad lines were skipped"))
    }

    @Test func corpusFiles() throws {
        try Gossamer.succeed("import", eightSubjects, "--out", folder.path("whole.safetensors"))
        let whole = try folder.data("whole.safetensors")
        let offsets = Int(whole.prefix(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }) + 8
        let columns = offsets + 401 * 8
        func replacing(_ place: Int, _ bytes: [UInt8]) -> Data {
            var data = whole
            data.replaceSubrange(place..<place + bytes.count, with: bytes)
            return data
        }
        try expectRefused([
            Bad(path: try write(whole.dropLast(100), "cut.safetensors"), parts: ["cut short"]),
            Bad(
                path: try write(replacing(columns + 4 * 7937, [0xFF, 0xFF, 0, 0]), "column.safetensors"),
                parts: ["column 65535", "1880"]),
            Bad(
                path: try write(replacing(offsets + 8 * 200, [1, 0, 0, 0, 0, 0, 0, 0x40]), "offset.safetensors"),
                parts: ["row offsets"]),
            Bad(
                path: try write(replacing(columns + 4 * 7938, [0, 0, 0xC0, 0x7F]), "value.safetensors"),
                parts: ["not finite"]),
        ])
    }

    @Test func otherWidthsUnderAModel() throws {
        let model = try Gossamer.smallModel()
        let matrix = "%%MatrixMarket matrix coordinate integer general\n"
        let narrow = try folder.write(matrix + "1 5 1\n1 2 1\n", to: "narrow.mtx")
        let outcome = try Gossamer.succeed("embed", model, narrow, "--out", folder.path("a.tsv"))
        #expect(outcome.error.contains("5 columns and the model 1880"), "\(outcome.error)")
        let wide = try folder.write(matrix + "1 5000 2\n1 2 1\n1 4999 1\n", to: "wide.mtx")
        let json = try Gossamer.succeed("embed", model, wide, "--out", folder.path("b.tsv"), "--json").json()
        #expect(json["unseen_feature_entries"] as? Int == 1)
        #expect(try folder.data("a.tsv") == folder.data("b.tsv"))
    }
}

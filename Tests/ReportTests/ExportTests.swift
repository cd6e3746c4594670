import Foundation
import Testing

@testable import Report

@Suite struct ExportTests {
    @Test func picturesStandInAGrid() throws {
        let shape = try #require(ImageShape(height: 1, width: 2))
        let grid = PictureGrid([[0, 1], [0.5, 0], [2, .nan]], shape: shape, columns: 2)
        #expect(grid.width == 5 && grid.height == 3)
        // Between pictures, and where there is none, is grey.
        let g: UInt8 = 128
        #expect(grid.pixels == [0, 128, g, 64, 0, g, g, g, g, g, 255, 0, g, g, g])
        #expect(grid.netpbm == Array("P5\n5 3\n255\n".utf8) + grid.pixels)
        let colours = try #require(ImageShape(height: 1, width: 1, colours: 3))
        #expect(PictureGrid([[1, 0, 1]], shape: colours).netpbm == Array("P6\n1 1\n255\n".utf8) + [255, 0, 255])
        #expect(PictureGrid([], shape: shape).pixels.count == 2)
    }

    @Test func templatesTakeValuesAsTheyStand() {
        let page = PageTemplate(html: "<a title=\"{{a}}\">{{{b}}}</a>{{a}}")
        #expect(
            page.filled(["a": "<&\"'{{b}}>", "b": "<i>{{a}}</i>"])
                == "<a title=\"&lt;&amp;&quot;&#39;{{b}}&gt;\"><i>{{a}}</i></a>&lt;&amp;&quot;&#39;{{b}}&gt;")
        #expect(PageTemplate(html: "").filled([:]) == "" && PageTemplate(html: "a { b").filled([:]) == "a { b")
    }

    @Test func pngHasItsChunks() throws {
        let shape = try #require(ImageShape(height: 3, width: 2))
        let png = PictureGrid([[0, 1, 2, 3, 4, 5]], shape: shape).png
        #expect(png.prefix(16) == [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52])
        #expect(png[16..<24].elementsEqual([0, 0, 0, 2, 0, 0, 0, 3]))
        // The checksum of the last chunk is the same in every file.
        #expect(png.suffix(12) == [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82])
    }

    @Test func shapesAreChecked() {
        #expect(ImageShape(height: 0, width: 2) == nil && ImageShape(height: 2, width: 2, colours: 2) == nil)
        #expect(ImageShape(height: 2, width: 3, colours: 3)?.count == 18)
    }

    @Test func tensorBoardHasAScalarForEachMeasure() throws {
        let corpus = try subjects()
        let report = try makeReport(try sparseModel(on: corpus), on: corpus)
        let folder = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try TensorBoardLog(report).write(to: folder.path)
        let events = [UInt8](try Data(contentsOf: folder.appending(path: "events.out.tfevents.0.gossamer")))
        // The first record is that of all files: its length is 24, and the checksums are TensorFlow's own.
        #expect(events[0..<8].elementsEqual([24, 0, 0, 0, 0, 0, 0, 0]))
        #expect(events[8..<12].elementsEqual([0xA3, 0x7F, 0x4B, 0x22]))
        let text = String(decoding: events, as: UTF8.self)
        #expect(text.components(separatedBy: "training/loss").count == 1 + report.history.count)
        let vectors = try String(contentsOf: folder.appending(path: "documents.tsv"), encoding: .utf8)
        let names = try String(contentsOf: folder.appending(path: "documents-metadata.tsv"), encoding: .utf8)
        #expect(vectors.split(separator: "\n").count == 400 && names.split(separator: "\n").count == 401)
        #expect(vectors.split(separator: "\n").allSatisfy { $0.split(separator: "\t").count == 12 })
    }
}

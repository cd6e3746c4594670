import Foundation
import Testing

@Suite struct PictureTests {
    /// A model of 4 × 4 pictures with ones and zeros.
    private func pictures(in folder: ScratchFolder) throws -> String {
        let rows = (0..<60).map { row in
            "\(row % 2)"
                + (0..<16).filter { ($0 / 4 + row) % 2 == 0 || ($0 * 7 + row * 5) % 11 == 0 }.map { " \($0 + 1):1" }
                .joined()
        }
        let corpus = try folder.write(rows.joined(separator: "\n") + "\n", to: "p.svm")
        let model = folder.path("p.safetensors")
        try Gossamer.succeed(
            "train", "vae", corpus, "--likelihood", "bernoulli", "--latent", "2", "--hidden", "8", "--epochs", "3",
            "--features", "16", "--out", model)
        return model
    }

    @Test func generatedDocumentsBecomePictures() throws {
        let folder = try ScratchFolder()
        let model = try pictures(in: folder)
        for name in ["g.png", "g.pgm"] {
            try Gossamer.succeed("generate", model, "--count", "9", "--out", folder.path(name), "--image-shape", "4,4")
        }
        #expect(try folder.data("g.png").prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
        #expect(try folder.data("g.pgm").starts(with: Data("P5\n14 14\n255\n".utf8)))
        #expect(try folder.data("g.pgm").count == 13 + 14 * 14)
        try Gossamer.fail(
            64, "generate", model, "--count", "9", "--out", folder.path("g.png"), saying: ["--image-shape"])
        try Gossamer.fail(
            64, "generate", model, "--count", "9", "--out", folder.path("g.svm"), "--image-shape", "4,4",
            saying: [".svm"])
        try Gossamer.fail(
            64, "generate", model, "--count", "9", "--out", folder.path("g.png"), "--image-shape", "5,5",
            saying: ["16 features"])
    }

    @Test func reportsShowPictures() throws {
        let folder = try ScratchFolder()
        let model = try pictures(in: folder)
        try Gossamer.succeed(
            "report", model, "--corpus", folder.path("p.svm"), "--out", folder.path("r.html"), "--image-shape", "4,4",
            "--tensorboard", folder.path("log"))
        #expect(try folder.text("r.html").hasSuffix("</html>\n"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path("log")).sorted() == [
                "documents-metadata.tsv", "documents.tsv", "events.out.tfevents.0.gossamer", "projector_config.pbtxt",
            ])
    }

    @Test func aUnitsWordsBecomeAPicture() throws {
        let model = try Gossamer.smallModel(words: true)
        let svg = try Gossamer.succeed("features", model, "--svg", "3", "--top", "5").text
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n") && svg.contains("Unit 3"))
        #expect(svg.components(separatedBy: "rx=").count == 6)
        try Gossamer.fail(64, "features", model, "--svg", "12", saying: ["0 to 11"])
        try Gossamer.fail(64, "features", model, "--svg", "3", "--json", saying: ["--svg"])
    }
}

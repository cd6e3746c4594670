import Foundation
import Testing

@Suite struct EmbedTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    @Test func rowsAreThoseOfTheDocumentsInOrder() throws {
        let model = try Gossamer.smallModel()
        let documents = Array(try documentLines().prefix(12))
        try folder.write(documents.joined(separator: "\n") + "\n", to: "all.svm")
        try Gossamer.succeed("embed", model, folder.path("all.svm"), "--out", folder.path("all.tsv"))
        let rows = try folder.lines("all.tsv")
        #expect(rows.count == 12 && Set(rows).count > 6)
        for (row, document) in documents.enumerated() {
            let alone = try Gossamer.succeed(
                "embed", model, "-", "--out", "-", "--out-format", "tsv", input: Data("\(document)\n".utf8))
            #expect(alone.text == rows[row] + "\n", "row \(row)")
        }
    }

    @Test func emptyRowsAreKept() throws {
        let model = try Gossamer.smallModel()
        try folder.write("1\n0 104:1 248:1 # second\n\n1 # third\n", to: "c.svm")
        let outcome = try Gossamer.succeed(
            "embed", model, folder.path("c.svm"), "--out", folder.path("e.tsv"), "--ids", folder.path("ids.txt"),
            "--json")
        let json = try outcome.json()
        #expect(json["documents"] as? Int == 3 && json["latent"] as? Int == 12)
        #expect(json["embeddings"] as? String == folder.path("e.tsv"))
        #expect(json["seconds"] is Double && json["peak_memory_bytes"] is Int)
        let rows = try folder.lines("e.tsv")
        #expect(rows.count == 3 && rows[0] == rows[2] && rows[0] != rows[1])
        #expect(try folder.lines("ids.txt") == ["", "second", "third"])
        #expect(outcome.error.contains("1 blank line"))
    }

    @Test func idsAndLabelsBecomeColumns() throws {
        let model = try Gossamer.smallModel()
        try folder.write("a 104:1 # first,\nc 5:1\nb 248:1\n", to: "c.svm")
        for name in ["e.csv", "e.tsv", "e.jsonl"] {
            try Gossamer.succeed(
                "embed", model, folder.path("c.svm"), "--out", folder.path(name), "--with-ids", "--with-labels")
        }
        let csv = try folder.lines("e.csv"), tsv = try folder.lines("e.tsv"), json = try folder.lines("e.jsonl")
        #expect(csv[0].hasPrefix("id,label,unit_0,") && tsv[0].hasPrefix("id\tlabel\tunit_0\t"))
        #expect(
            csv.count == 4 && csv[1].hasPrefix("\"first,\",a,") && csv[2].hasPrefix(",c,") && csv[3].hasPrefix(",b,"))
        #expect(tsv.count == 4 && tsv[1].hasPrefix("first,\ta\t") && tsv[3].hasPrefix("\tb\t"))
        #expect(json[0].hasPrefix(#"{"id":"first,","label":"a","#) && json[2].hasPrefix(#"{"id":"","label":"b","#))
        try Gossamer.succeed(
            "embed", model, folder.path("c.svm"), "--out", folder.path("labels.csv"), "--with-labels")
        #expect(try folder.lines("labels.csv")[0].hasPrefix("id,label,unit_0"))
        for ending in ["npy", "npz", "vec", "svm", "safetensors"] {
            try Gossamer.fail(
                64, "embed", model, folder.path("c.svm"), "--out", folder.path("e.\(ending)"), "--with-labels")
        }
    }

    @Test func everyEndingGivesItsFormat() throws {
        let model = try Gossamer.smallModel()
        for ending in ["npy", "npz", "csv", "tsv", "vec", "svm", "safetensors", "jsonl", "NPY"] {
            try Gossamer.succeed("embed", model, eightSubjects, "--out", folder.path("e.\(ending)"))
        }
        #expect(try folder.lines("e.csv").count == 401)
        #expect(try folder.lines("e.csv")[1].hasPrefix("astronomy-01,"))
        #expect(try folder.lines("e.tsv").allSatisfy { $0.split(separator: "\t").count == 12 })
        #expect(try folder.lines("e.vec").count == 401 && folder.lines("e.vec")[0] == "400 12")
        #expect(try folder.lines("e.svm").count == 400 && folder.lines("e.svm")[1].hasPrefix("1"))
        let objects = try folder.lines("e.jsonl").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(objects.count == 400 && objects.allSatisfy { ($0["vector"] as? [Double])?.count == 12 })
        #expect(objects[399]["id"] as? String == "sailing-50" && objects[399]["label"] as? String == "7")
        let npy = try folder.data("e.npy")
        #expect(npy.prefix(6) == Data([0x93]) + Data("NUMPY".utf8) && npy.count == 128 + 400 * 12 * 4)
        #expect(try folder.data("e.NPY") == npy)
        #expect(try folder.data("e.npz").prefix(2) == Data("PK".utf8))
        let text = String(decoding: try folder.data("e.safetensors").prefix(400), as: UTF8.self)
        #expect(text.contains(#""shape":[400,12]"#) && text.contains("ids"))
        try Gossamer.succeed("embed", model, eightSubjects, "-o", folder.path("other"), "--out-format", "csv")
        #expect(try folder.data("other") == folder.data("e.csv"))
        #expect(try folder.names().allSatisfy { !$0.contains("partial") && !$0.contains("spool") })
    }

    @Test func writesToStdout() throws {
        let model = try Gossamer.smallModel()
        let outcome = try Gossamer.succeed("embed", model, eightSubjects, "--out", "-", "--out-format", "jsonl")
        #expect(outcome.text.split(separator: "\n").count == 400)
        #expect(outcome.error.contains("400 × 12"))
        try Gossamer.fail(64, "embed", model, eightSubjects, "--out", "-", "--out-format", "npy", saying: ["binary"])
        try Gossamer.fail(64, "embed", model, eightSubjects, "--out", "-", saying: ["-: the ending", ".npy"])
        try Gossamer.fail(64, "embed", model, eightSubjects, "--out", "-", "--out-format", "csv", "--json")
        try Gossamer.fail(64, "embed", model, eightSubjects, "--out", "-", "--out-format", "csv", "--ids", "-")
    }

    @Test func unseenFeaturesAreCountedNotAnError() throws {
        let model = try Gossamer.smallModel()
        try folder.write("1 104:1 248:1\n1 1881:5\n", to: "known.svm")
        try folder.write("1 104:1 248:1 1881:3 99999:1\n1 4000000000:1\n", to: "wide.svm")
        try Gossamer.succeed("embed", model, folder.path("known.svm"), "--out", folder.path("known.tsv"))
        let outcome = try Gossamer.succeed(
            "embed", model, folder.path("wide.svm"), "--out", folder.path("wide.tsv"), "--json")
        #expect(try outcome.json()["unseen_feature_entries"] as? Int == 3)
        #expect(outcome.error.contains("warning:") && outcome.error.contains("3 entries"))
        #expect(try folder.data("wide.tsv") == folder.data("known.tsv"))
    }

    @Test func theModelsIndexBaseHolds() throws {
        // A corpus that shows no index 0, read by a model whose corpus did.
        try folder.write("1 0:1 2:1\n0 1:2 2:1\n1 0:3\n", to: "zero.svm")
        try Gossamer.succeed(
            "train", "sae", folder.path("zero.svm"), "--out", folder.path("zero"), "--latent", "3", "--epochs", "2")
        try folder.write("1 2:1\n", to: "later.svm")
        try folder.write("1 0:0 2:1\n", to: "told.svm")
        try Gossamer.succeed("embed", folder.path("zero"), folder.path("later.svm"), "--out", folder.path("a.tsv"))
        try Gossamer.succeed("embed", folder.path("zero"), folder.path("told.svm"), "--out", folder.path("b.tsv"))
        #expect(try folder.data("a.tsv") == folder.data("b.tsv"))
        // And the other way round: index 0 under a model that counts from 1.
        try Gossamer.fail(
            65, "embed", try Gossamer.smallModel(), folder.path("zero.svm"), "--out", folder.path("c.tsv"),
            saying: ["zero.svm:1:3: found index 0", "expected an index from 1", "read it with index base 0"])
        // Which is what the advice says.
        try folder.write("1 1:1 3:1\n0 2:2 3:1\n1 1:3\n", to: "one.svm")
        for (name, options) in [("zero.svm", ["--index-base", "0"]), ("one.svm", [])] {
            let command = ["embed", try Gossamer.smallModel(), folder.path(name), "--out", folder.path("\(name).tsv")]
            let outcome = try Gossamer.run(command + options)
            #expect(outcome.status == 0, "\(outcome.error)")
        }
        #expect(try folder.data("zero.svm.tsv") == folder.data("one.svm.tsv"))
    }

    @Test func itIsSaidWhereNothingButTheWidthWasChecked() throws {
        try Gossamer.succeed(
            "train", "sae", eightSubjects, "--vocabulary", vocabularyFile, "--latent", "4", "--epochs", "1", "--out",
            folder.path("named"), "--progress", "none")
        try folder.write("1 104:1 248:1\n", to: "c.svm")
        let said = "nothing but their number was checked"
        for (options, isSaid) in [([], true), (["--vocabulary", vocabularyFile], false)] {
            let outcome = try Gossamer.run(
                ["embed", folder.path("named"), folder.path("c.svm"), "--out", folder.path("e.csv")] + options)
            #expect(outcome.status == 0 && outcome.error.contains(said) == isSaid, "\(outcome.error)")
        }
    }

    @Test func labelsThatAreNamesAreNumberedAndSaid() throws {
        try folder.write("ham 104:1\nspam 248:1\n104:1 248:1\n", to: "named.svm")
        let outcome = try Gossamer.succeed(
            "embed", try Gossamer.smallModel(), folder.path("named.svm"), "--out", folder.path("e.svm"))
        #expect(try folder.lines("e.svm").map { $0.prefix { $0 != " " } } == ["1", "2", "0"])
        #expect(
            outcome.error.contains("warning: \(folder.path("e.svm")): labels are written as numbers: 1 ham, 2 spam"))
    }

    @Test func negativeValuesUnderTfIdfAreBadData() throws {
        try folder.write("# values\n1 1:1\n\n1 3:1 5:-2\n", to: "c.svm")
        try Gossamer.fail(
            65, "embed", try Gossamer.smallModel(), folder.path("c.svm"), "--out", folder.path("e.npy"),
            saying: ["c.svm:4:7: row 2", "-2", "expected"])
        #expect(try folder.names() == ["c.svm"])
    }

    @Test func threadsDoNotChangeTheBytes() throws {
        for threads in ["1", "2", "7"] {
            try Gossamer.succeed(
                "embed", try Gossamer.smallModel(), eightSubjects, "--out", folder.path("\(threads).npy"), "--threads",
                threads, "--seed", "5", "--progress", "none")
        }
        #expect(try folder.data("1.npy") == folder.data("2.npy") && folder.data("1.npy") == folder.data("7.npy"))
    }

    @Test func devicesAndLinksStayWhatTheyAre() throws {
        let model = try Gossamer.smallModel()
        try Gossamer.succeed("embed", model, eightSubjects, "--out", "/dev/null", "--out-format", "npy")
        let attributes = try FileManager.default.attributesOfItem(atPath: "/dev/null")
        #expect(attributes[.type] as? FileAttributeType == .typeCharacterSpecial)
        try folder.write("old\n", to: "target.csv")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link.csv"), withDestinationPath: folder.path("target.csv"))
        try Gossamer.succeed("embed", model, eightSubjects, "--out", folder.path("link.csv"))
        #expect(try folder.lines("target.csv").count == 401)
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link.csv")).hasSuffix("target.csv"))
    }
}

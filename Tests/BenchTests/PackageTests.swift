import Foundation
import Testing

@testable import GossamerBench

@Suite struct PackageTests {
    @Test func versionComesWithTheProgramsName() throws {
        let outcome = try Bench.run(["--version"])
        #expect(outcome.status == 0 && outcome.text.hasPrefix("gossamer-bench "))
    }

    @Test func aMissingProgramIsNoInput() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "package-\(UUID().uuidString)")
        let outcome = try Bench.run(["package", "--program", "/nowhere/gossamer", "--out", folder.path])
        #expect(outcome.status == 66 && outcome.error.contains("swift build"), "\(outcome.error)")
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    /// The tests' own program is linked to Swift's shared libraries.
    @Test func aProgramThatNeedsSwiftIsRefused() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "package-\(UUID().uuidString)")
        let outcome = try Bench.run(["package", "--out", folder.path])
        #expect(outcome.status == 65 && outcome.error.contains("--static-swift-stdlib"), "\(outcome.error)")
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test func completionsAreNoPrograms() {
        let scripts = ["#!/bin/bash\n\nf() {\n}\n": "f() {\n}\n", "#compdef tool\nx\n": "#compdef tool\nx\n", "": ""]
        for (script, expected) in scripts {
            #expect(PackageContents.withoutInterpreter(Data(script.utf8)) == Data(expected.utf8))
        }
    }

    @Test func manualPagesFollowTheHelp() throws {
        let dump = """
            {"serializationVersion": 0, "command": {
            "commandName": "tool", "abstract": "Does it.", "shouldDisplay": true,
            "subcommands": [
            {"commandName": "help", "superCommands": ["tool"], "shouldDisplay": true},
            {"commandName": "make", "superCommands": ["tool"], "abstract": "Makes.", "shouldDisplay": true,
            "discussion": ".dots and back\\\\slashes", "arguments": [
            {"kind": "positional", "shouldDisplay": true, "isOptional": false, "isRepeating": true,
            "valueName": "file", "abstract": "What."},
            {"kind": "option", "shouldDisplay": true, "isOptional": true, "isRepeating": false, "valueName": "n",
            "names": [{"kind": "long", "name": "dry-run"}, {"kind": "short", "name": "d"}], "defaultValue": "3",
            "abstract": "How often."},
            {"kind": "flag", "shouldDisplay": false, "isOptional": true, "isRepeating": false,
            "names": [{"kind": "long", "name": "secret"}]}]}]}}
            """
        let description = try JSONDecoder().decode(ProgramDescription.self, from: Data(dump.utf8))
        let pages = ManualPage.all(of: description.command, version: "tool 1.2.3", day: "2024-05-06")
        #expect(pages.map(\.name) == ["tool", "tool-make"])
        #expect(pages[0].text.contains(".B tool make\nMakes.\n") && pages[0].text.contains("\\fBtool\\-make\\fR(1)"))
        let expected = """
            .TH TOOL\\-MAKE 1 "2024-05-06" "tool 1.2.3" "User Commands"
            .SH NAME
            tool\\-make \\- Makes
            .SH SYNOPSIS
            .B tool make
            \\fIfile\\fR ... [\\fIoptions\\fR]
            .SH DESCRIPTION
            .PP
            \\&.dots and back\\eslashes
            .SH ARGUMENTS
            .TP
            \\fIfile\\fR
            What.
            .SH OPTIONS
            .TP
            \\fB\\-\\-dry\\-run\\fR, \\fB\\-d\\fR \\fIn\\fR
            How often. Default: 3.
            .SH SEE ALSO
            \\fBtool\\fR(1)

            """
        #expect(pages[1].text == expected)
    }
}

import Foundation
import Testing

/// Every command of the README, run.
@Suite struct ReadmeTests {
    /// The lines of the README's shell blocks, those that end in a backslash joined with the next.
    static let shellLines: [String] = {
        guard let text = try? String(contentsOf: packageRoot.appending(path: "README.md"), encoding: .utf8) else {
            return []
        }
        var lines: [String] = []
        var isShell = false
        var isContinued = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                isShell = !isShell && line == "```sh"
                continue
            }
            guard isShell else { continue }
            let part = line.hasSuffix("\\") ? String(line.dropLast()) : line
            if isContinued { lines[lines.count - 1] += part } else { lines.append(part) }
            isContinued = line.hasSuffix("\\")
        }
        return lines
    }()

    static let runPrefix = "swift run -c release gossamer "

    @Test(.enabled(if: !shellLines.isEmpty, "the README has no commands yet"))
    func commandsWork() throws {
        let folder = try ScratchFolder()
        try FileManager.default.createSymbolicLink(
            at: folder.url.appending(path: "datasets"), withDestinationURL: packageRoot.appending(path: "datasets"))
        let programs = try Gossamer.binary().deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        for line in Self.shellLines where !line.contains("…") {
            var command = line
            if let range = line.range(of: Self.runPrefix) { command = "gossamer " + line[range.upperBound...] }
            // Other lines install things, but for those that make small files to work on.
            guard ["gossamer ", "printf ", "mkdir "].contains(where: command.hasPrefix) else { continue }
            let shell = Process()
            shell.executableURL = URL(fileURLWithPath: "/bin/sh")
            shell.arguments = ["-c", "exec > /dev/null 2> err.txt; \(command)"]
            shell.currentDirectoryURL = folder.url
            shell.environment = ProcessInfo.processInfo.environment.merging(["PATH": "\(programs):\(path)"]) { $1 }
            try shell.run()
            shell.waitUntilExit()
            let message = String(decoding: try folder.data("err.txt"), as: UTF8.self)
            #expect(shell.terminationStatus == 0, "\(line): \(message)")
        }
    }

    @Test func theTableNamesEveryCommand() throws {
        let text = try String(contentsOf: packageRoot.appending(path: "README.md"), encoding: .utf8)
        for (arguments, _) in HelpTests.commands {
            #expect(text.contains("| `gossamer \(arguments.joined(separator: " ")) "), "\(arguments)")
        }
    }

    /// One command installs and runs, the other installs and tests: both have to name the same packages.
    @Test(.enabled(if: shellLines.contains { $0.hasPrefix("apt-get ") }, "the README has no apt-get commands yet"))
    func bothInstallationsNameTheSamePackages() {
        let installations = Self.shellLines.filter { $0.hasPrefix("apt-get ") }
        #expect(installations.count == 2)
        let packages = installations.map { line -> Set<String> in
            let commands = line.replacingOccurrences(of: "&&", with: ";").split(separator: ";")
            let words = commands.filter { $0.contains("install") }.flatMap { $0.split(separator: " ").map(String.init) }
            return Set(words.filter { !$0.hasPrefix("-") && !["apt-get", "install"].contains($0) })
        }
        #expect(Set(packages).count == 1 && packages.first?.isEmpty == false, "\(packages)")
        #expect(installations.contains { $0.contains(Self.runPrefix + "train sae ") })
        #expect(installations.contains { $0.contains("swift test") })
    }
}

import Foundation
import Testing

/// Every command of the README and of the articles of the documentation, run.
///
/// Blocks of `sh` are run, those of `console` are not: they install or build something, or need data or minutes.
@Suite struct ReadmeTests {
    static let readme = "README.md"
    static let catalogue = "Sources/Gossamer/Gossamer.docc"

    /// The README and every article, by their paths in the package.
    static let documents: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: packageRoot.appending(path: catalogue).path)
        return [readme] + (names ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "\(catalogue)/\($0)" }
    }()

    static let runPrefix = "swift run -c release gossamer "

    /// Each document has a folder of its own, in which its commands follow one another.
    @Test(arguments: documents)
    func commandsWork(_ document: String) throws {
        let folder = try ScratchFolder()
        try FileManager.default.createSymbolicLink(
            at: folder.url.appending(path: "datasets"), withDestinationURL: packageRoot.appending(path: "datasets"))
        let programs = try Gossamer.binary().deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        for line in try shellLines(of: document) {
            var command = line
            if let range = line.range(of: Self.runPrefix) { command = "gossamer " + line[range.upperBound...] }
            // What installs and tests is continuous integration's to run.
            if command.hasPrefix("apt-get ") { continue }
            // The others make small files to work on.
            #expect(["gossamer ", "printf ", "mkdir "].contains(where: command.hasPrefix), "\(document): \(line)")
            let shell = Process()
            shell.executableURL = URL(fileURLWithPath: "/bin/sh")
            shell.arguments = ["-c", "exec > /dev/null 2> err.txt; \(command)"]
            shell.currentDirectoryURL = folder.url
            shell.environment = ProcessInfo.processInfo.environment.merging(["PATH": "\(programs):\(path)"]) { $1 }
            try shell.run()
            shell.waitUntilExit()
            let message = String(decoding: try folder.data("err.txt"), as: UTF8.self)
            #expect(shell.terminationStatus == 0, "\(document): \(line): \(message)")
        }
    }

    /// A block with a misspelt language would be one whose commands nobody runs.
    @Test(arguments: documents)
    func blocksAreOfKnownLanguages(_ document: String) throws {
        for language in try blocks(of: document).map(\.language) {
            #expect(["", "sh", "console", "swift", "python"].contains(language), "\(document): \(language)")
        }
    }

    @Test func theTableNamesEveryCommand() throws {
        let text = try text(of: Self.readme)
        for (arguments, _) in HelpTests.commands {
            #expect(text.contains("| `gossamer \(arguments.joined(separator: " ")) "), "\(arguments)")
        }
    }

    /// The README is for those who do not know the program yet; everything else has its place in an article.
    @Test func theReadmeIsShort() throws {
        #expect(try text(of: Self.readme).utf8.count <= 12_000)
    }

    @Test func theReadmeLinksToEveryArticle() throws {
        let text = try text(of: Self.readme)
        let articles = Self.documents.dropFirst().filter { !$0.hasSuffix("/Gossamer.md") }
        #expect(articles.count >= 7)
        for article in articles { #expect(text.contains("](\(article))"), "\(article)") }
    }

    /// One command installs and runs, the other installs and tests: both have to name the same packages, but for
    /// Python and a browser, which only the tests need.
    @Test func bothInstallationsNameTheSamePackages() throws {
        let installations = try shellLines(of: Self.readme).filter { $0.hasPrefix("apt-get ") }
        #expect(installations.count == 2)
        let packages = installations.map { line -> Set<String> in
            let commands = line.replacingOccurrences(of: "&&", with: ";").split(separator: ";")
            let words = commands.filter { $0.contains("apt-get install") }.flatMap { $0.split(separator: " ").map(String.init) }
            return Set(words.filter { !$0.hasPrefix("-") && !["apt-get", "install"].contains($0) })
        }
        let needed = packages.map { $0.subtracting(["python3-venv", "chromium", "chromium-driver"]) }
        #expect(Set(needed).count == 1 && needed.first?.isEmpty == false, "\(packages)")
        #expect(installations.contains { $0.contains(Self.runPrefix + "train sae ") })
        #expect(installations.contains { $0.contains("swift test") })
    }

    // MARK: Reading Markdown

    private func text(of document: String) throws -> String {
        try String(contentsOf: packageRoot.appending(path: document), encoding: .utf8)
    }

    /// The fenced blocks of a document.
    private func blocks(of document: String) throws -> [(language: String, lines: [String])] {
        var blocks: [(language: String, lines: [String])] = []
        var isInside = false
        for line in try text(of: document).split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside.toggle()
                if isInside { blocks.append((String(line.dropFirst(3)), [])) }
            } else if isInside {
                blocks[blocks.count - 1].lines.append(String(line))
            }
        }
        #expect(!isInside, "\(document): a block does not end")
        return blocks
    }

    /// The lines of the shell blocks, those that end in a backslash joined with the next.
    private func shellLines(of document: String) throws -> [String] {
        let lines = try blocks(of: document).filter { $0.language == "sh" }.flatMap(\.lines)
        return lines.joined(separator: "\n").replacingOccurrences(of: "\\\n", with: "").split(separator: "\n")
            .map(String.init)
    }
}

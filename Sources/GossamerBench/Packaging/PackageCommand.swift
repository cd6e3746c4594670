import ArgumentParser
import FileIO
import Foundation
import Gossamer

struct PackageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "package", abstract: "Makes a Debian package and a tar archive of gossamer, to install elsewhere.",
        discussion: """
            To be run in the package's folder, after `swift build -c release --static-swift-stdlib`: the program then \
            needs no Swift where it is installed. Both files hold the program, a manual page of each command, \
            completions for bash, zsh and fish, the README and the licence. The same program gives the same bytes; \
            the time of all files in it is SOURCE_DATE_EPOCH or else that of the program. Needs dpkg-dev and binutils.
            """)

    @Option(help: ArgumentHelp("The folder for the two files, made if it is not there.", valueName: "folder"))
    var out: String

    @Option(help: ArgumentHelp("The program; by default the gossamer beside this one.", valueName: "file"))
    var program: String?

    @Flag(help: "Print one JSON object: the files, and their sizes in bytes.")
    var json = false

    func run() throws {
        let program = program.map { URL(fileURLWithPath: $0) } ?? Self.besideThis
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw FileError.unreadable(
                path: program.path,
                reason: "there is no such program; run `swift build -c release --static-swift-stdlib` first")
        }
        try requireNoSwift(program)
        let time = try timeOfFiles(program)
        do {
            try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        } catch {
            throw FileError.cannotCreate(path: out, reason: error.localizedDescription)
        }
        let sizes = try withScratchFolder { scratch in
            let contents = PackageContents(program: program, time: time)
            let debian = DebianPackage(contents: contents, folder: scratch.appending(path: "debian"))
            let archive = TarPackage(contents: contents, folder: scratch.appending(path: "tar"))
            return [try keep(debian.make()), try keep(archive.make())]
        }
        if json {
            try print(json: Dictionary(uniqueKeysWithValues: sizes))
        } else {
            for (path, size) in sizes { print("\(path)  \(size) bytes") }
        }
    }

    private static var besideThis: URL {
        (Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])).resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "gossamer")
    }

    /// Fails if the program needs Swift's shared libraries, since it would not start on systems without Swift.
    private func requireNoSwift(_ program: URL) throws {
        let needs = try Tool(command: ["readelf", "--dynamic", "--wide", program.path]).output()
        let libraries = String(decoding: needs, as: UTF8.self).split(separator: "\n").filter { $0.contains("(NEEDED)") }
        if libraries.contains(where: { $0.contains("[libswift") }) {
            throw BadData(
                path: program.path, found: "a program that needs Swift's shared libraries",
                expected: "one that holds them",
                advice: "build it by `swift build -c release --static-swift-stdlib`")
        }
    }

    /// The time of the package's files, in seconds since 1970.
    private func timeOfFiles(_ program: URL) throws -> Int {
        if let text = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"] {
            guard let time = Int(text), time >= 0 else {
                throw ValidationError("SOURCE_DATE_EPOCH is '\(text)'; it has to be seconds since 1970, or unset")
            }
            return time
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: program.path)
        return Int((attributes[.modificationDate] as? Date ?? Date()).timeIntervalSince1970)
    }

    /// Copies a finished file to the requested folder.
    private func keep(_ file: URL) throws -> (path: String, size: Int) {
        let path = URL(fileURLWithPath: out).appending(path: file.lastPathComponent).relativePath
        let bytes = [UInt8](try Data(contentsOf: file))
        let output = try AtomicFile(path: path)
        try output.write(bytes)
        try output.commit()
        return (path, bytes.count)
    }
}

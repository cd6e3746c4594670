import FileIO
import Foundation
import Gossamer

/// The files that a package installs, created from the program and the folder that it was built in.
struct PackageContents {
    let program: URL
    /// The modification time of all files, in seconds since 1970.
    let time: Int

    /// Writes the program, its manual pages and its completions below `prefix`, in the standard folders of the file
    /// system hierarchy.
    ///
    /// - Parameter zsh: the folder below `share/zsh` where the shell looks for completions.
    func write(below prefix: URL, zsh: String) throws {
        let binary = prefix.appending(path: "bin/gossamer")
        try write(Data(contentsOf: program), to: binary)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: binary.path)
        _ = try Tool(command: ["strip", "--remove-section=.comment", "--remove-section=.note", binary.path]).output()
        let share = prefix.appending(path: "share")
        for page in try manualPages() {
            try writeCompressed(Data(page.text.utf8), to: share.appending(path: "man/man1/\(page.name).1.gz"))
        }
        for (shell, file) in [
            ("bash", "bash-completion/completions/gossamer"), ("zsh", "zsh/\(zsh)/_gossamer"),
            ("fish", "fish/vendor_completions.d/gossamer.fish"),
        ] {
            let script = try Tool(command: [program.path, "--generate-completion-script", shell]).output()
            try write(Self.withoutInterpreter(script), to: share.appending(path: file))
        }
    }

    /// Completions are read by a running shell; a `#!` line would mark them as programs.
    static func withoutInterpreter(_ script: Data) -> Data {
        guard script.starts(with: Data("#!".utf8)) else { return script }
        return Data(script.drop { $0 != UInt8(ascii: "\n") }.drop { $0 == UInt8(ascii: "\n") })
    }

    private func manualPages() throws -> [ManualPage] {
        let dump = try Tool(command: [program.path, "--experimental-dump-help"]).output()
        let description = try JSONDecoder().decode(ProgramDescription.self, from: dump)
        let day = Date(timeIntervalSince1970: Double(time)).formatted(.iso8601.year().month().day())
        return ManualPage.all(of: description.command, version: "gossamer \(gossamerVersion)", day: day)
    }

    func write(_ data: Data, to file: URL) throws {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    func writeCompressed(_ data: Data, to file: URL) throws {
        let plain = file.deletingPathExtension()
        try write(data, to: plain)
        // Without the name and time of the file in the header.
        _ = try Tool(command: ["gzip", "-9n", plain.path]).output()
    }

    /// A file of the folder that the program was built in, which is the current folder of this process.
    func source(_ name: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: name) else {
            throw FileError.unreadable(path: name, reason: "run this in the folder of the package, which has \(name)")
        }
        return data
    }
}

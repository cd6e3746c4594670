import Foundation
import Gossamer

/// `gossamer-VERSION-SYSTEM-MACHINE.tar.gz`: one folder of that name, to be unpacked over `/usr/local` or anywhere.
struct TarPackage {
    let contents: PackageContents
    let folder: URL

    /// - Returns: the finished file.
    func make() throws -> URL {
        let system = try Tool(command: ["uname", "-sm"]).output()
        let parts = String(decoding: system, as: UTF8.self).lowercased().split(whereSeparator: \.isWhitespace)
        let name = (["gossamer", gossamerVersion] + parts.map(String.init)).joined(separator: "-")
        let root = folder.appending(path: name)
        try contents.write(below: root, zsh: "site-functions")
        for document in ["README.md", "LICENSE"] {
            try contents.write(
                contents.source(document), to: root.appending(path: "share/doc/gossamer/\(document)"))
        }
        let file = folder.appending(path: "\(name).tar.gz")
        _ = try Tool(
            command: [
                "tar", "--create", "--file", file.path, "--use-compress-program", "gzip -9n", "--sort=name",
                "--mtime=@\(contents.time)", "--owner=0", "--group=0", "--numeric-owner",
                "--mode=u=rwX,go=rX", "--format=gnu", "-C", folder.path, name,
            ]
        ).output()
        return file
    }
}

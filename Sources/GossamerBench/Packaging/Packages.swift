import Foundation
import Gossamer
import SuiteSparse

/// The Debian package `gossamer_VERSION_ARCHITECTURE.deb`.
struct DebianPackage {
    let contents: PackageContents
    let folder: URL

    private static let maintainer = "Gossamer developers <gossamer@users.noreply.github.com>"

    private var root: URL { folder.appending(path: "root") }
    private var usr: URL { root.appending(path: "usr") }

    /// - Returns: the path of the finished file.
    func make() throws -> URL {
        try contents.write(below: usr, zsh: "vendor-completions")
        let documents = usr.appending(path: "share/doc/gossamer")
        try contents.writeCompressed(contents.source("README.md"), to: documents.appending(path: "README.md.gz"))
        try contents.write(Data(copyright.utf8), to: documents.appending(path: "copyright"))
        try contents.writeCompressed(Data(changes.utf8), to: documents.appending(path: "changelog.gz"))
        let architecture = try text(["dpkg", "--print-architecture"])
        // dpkg-shlibdeps finds the root of a package by this folder.
        let description = root.appending(path: "DEBIAN")
        try FileManager.default.createDirectory(at: description, withIntermediateDirectories: true)
        try contents.write(Data(try control(architecture).utf8), to: description.appending(path: "control"))
        try contents.write(Data(try checksums().utf8), to: description.appending(path: "md5sums"))
        let file = folder.appending(path: "gossamer_\(gossamerVersion)_\(architecture).deb")
        // dpkg-deb replaces later times by this one; since the files were just created, it applies to all of them.
        let time = ["SOURCE_DATE_EPOCH": String(contents.time)]
        _ = try text(["chmod", "-R", "u=rwX,go=rX", root.path])
        _ = try text(["dpkg-deb", "--root-owner-group", "--build", root.path, file.path], environment: time)
        return file
    }

    private func control(_ architecture: String) throws -> String {
        let size = try text(["du", "-k", "-s", "--apparent-size", usr.path]).prefix { $0.isNumber }
        return """
            Package: gossamer
            Version: \(gossamerVersion)
            Section: science
            Priority: optional
            Architecture: \(architecture)
            Depends: \(try dependencies())
            Recommends: \(GraphBLASInstallation.debianPackage)
            Installed-Size: \(size)
            Maintainer: \(Self.maintainer)
            Description: sparse and variational autoencoders for sparse data
             Gossamer learns features of sparse, high-dimensional data, bag-of-words text
             above all, with autoencoders that never turn their input into a dense matrix.
             Documents come in as text or as sparse counts, and go out as short vectors,
             ready for classification, search or clustering.

            """
    }

    /// The checksums with which debsums compares an installed package.
    private func checksums() throws -> String {
        let lines = try text(["find", "usr", "-type", "f", "-exec", "md5sum", "{}", "+"], in: root)
        return lines.split(separator: "\n").sorted().joined(separator: "\n") + "\n"
    }

    /// The packages of the shared libraries that the program needs, with the versions that provide its symbols.
    private func dependencies() throws -> String {
        // The source package description that dpkg-shlibdeps requires, although this package is not built from one.
        let source = folder.appending(path: "source")
        try contents.write(
            Data("Source: gossamer\n\nPackage: gossamer\nArchitecture: any\n".utf8),
            to: source.appending(path: "debian/control"))
        let program = usr.appending(path: "bin/gossamer").path
        let line = try text(["dpkg-shlibdeps", "-O", program], in: source)
        return String(line.trimmingPrefix("shlibs:Depends="))
    }

    private func text(
        _ command: [String], environment: [String: String] = [:], in folder: URL? = nil
    ) throws -> String {
        let output = try Tool(command: command, environment: environment, folder: folder).output()
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private var copyright: String {
        """
        Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
        Upstream-Name: Gossamer

        Files: *
        Copyright: 2026 Gossamer developers
        License: Apache-2.0

        License: Apache-2.0
         On Debian systems, the full text of the Apache License, version 2.0, is in
         /usr/share/common-licenses/Apache-2.0.
         .
         The program holds the Swift standard library, Foundation,
         swift-argument-parser, swift-collections, swift-numerics and swift-system,
         which are under the same licence with the Swift runtime library exception.

        """
    }

    private var changes: String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss +0000"
        let day = formatter.string(from: Date(timeIntervalSince1970: Double(contents.time)))
        return """
            gossamer (\(gossamerVersion)) stable; urgency=low

              * Release \(gossamerVersion).

             -- \(Self.maintainer)  \(day)

            """
    }
}

/// The archive `gossamer-VERSION-SYSTEM-MACHINE.tar.gz`: one folder of that name, to be unpacked over `/usr/local` or
/// anywhere else.
struct TarPackage {
    let contents: PackageContents
    let folder: URL

    /// - Returns: the path of the finished file.
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

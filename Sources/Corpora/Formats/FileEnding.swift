/// The ending of a file's name, below those of compressions.
enum FileEnding {
    static let compressions: Set<String> = [".gz", ".bz2", ".xz", ".zst", ".zstd"]

    /// In lower case, with the dot: `.svm` for `a/B.SVM.gz`; nil if there is none.
    static func of(_ path: String) -> String? {
        var name = (path.split(separator: "/").last ?? "")[...]
        while let dot = name.lastIndex(of: "."), dot != name.startIndex {
            let ending = name[dot...].lowercased()
            if !compressions.contains(ending) { return ending }
            name = name[..<dot]
        }
        return nil
    }

    /// The last one, whatever it is.
    static func last(of path: String) -> String? {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return name.lastIndex(of: ".").map { name[$0...].lowercased() }
    }
}

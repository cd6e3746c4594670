import FileIO

/// A format and how it was told, in words.
public struct RecognisedFormat: Sendable, Equatable {
    public let format: CorpusFormat
    public let reason: String
    /// Another reading that fits as well, and how to ask for it; nil if there is none.
    public let hint: String?

    init(format: CorpusFormat, reason: String, hint: String? = nil) {
        (self.format, self.reason, self.hint) = (format, reason, hint)
    }
}

/// Tells formats apart.
///
/// 1. What a name claims holds (`.svm`, `.mtx`, `docword.…`; see `FormatClaim`). Content that contradicts it is refused,
///    here if the head shows it, or by the format's reader, with the line.
/// 2. Names that claim nothing, `.txt` and standard input are told by the first bytes (safetensors, zip, MatrixMarket's
///    banner), or by the shape of the lines: UCI's three numbers, JSON objects, `index:value` pairs.
/// 3. Pairs are LDA-C rather than libsvm if every line begins with the number of its pairs and that is no chance.
/// 4. A `.csv` is a table of numbers if all cells but names, labels and ids are numbers; see `NumberTable.narrows`.
/// 5. All else in a `.txt` is text, a document a line. Lines that are nothing but numbers are no text.
///
/// What was decided is said in `RecognisedFormat.reason`; a second reading that would fit, in `hint`.
enum FormatRecognition {
    /// How much of an input is looked at.
    static let headSize = 1 << 18
    static let headLines = 1 << 10

    /// The format of a folder.
    static func folder(_ path: String) -> RecognisedFormat? {
        first { kind in kind.folder(path).map { ($0, nil) } }
    }

    /// The first format of which `looks` says something.
    private static func first(
        _ looks: (any FormatKind.Type) -> (reason: String, hint: String?)?
    ) -> RecognisedFormat? {
        for format in CorpusFormat.allCases {
            if let (reason, hint) = looks(format.kind) {
                return RecognisedFormat(format: format, reason: reason, hint: hint)
            }
        }
        return nil
    }

    /// - Parameters:
    ///   - path: a file's name, or `-`.
    ///   - content: decompressed; the beginning will do, up to the end of a line.
    ///   - table: the columns that were chosen.
    /// - Returns: nil if neither content nor name tell.
    /// - Throws: `FileError.badData` if the content contradicts the name, or is in a format that is not read.
    static func format(
        path: String, content: UnsafeRawBufferPointer, table: TableColumns? = nil
    ) throws(FileError) -> RecognisedFormat? {
        let head = HeadShape(content.withoutByteOrderMark, name: path == "-" ? "<stdin>" : path, table: table)
        let signed = first { kind in kind.signature(of: head).map { ($0, nil) } }
        if let claim = FormatClaim(path: path) {
            if let signed, signed.format != claim.format {
                throw head.bad(
                    line: 1, "\(signed.format.rawValue): \(signed.reason)",
                    "\(claim.format.rawValue), since \(claim.reason)",
                    "rename the file, or name the format \(signed.format.rawValue)")
            }
            if let narrower = first({ $0.narrows(claim.format, in: head).map { ($0, nil) } }) {
                return RecognisedFormat(format: narrower.format, reason: "\(claim.reason), and \(narrower.reason)")
            }
            try claim.format.kind.refuseContradiction(in: head, reason: claim.reason)
            return RecognisedFormat(format: claim.format, reason: claim.reason)
        }
        if let found = signed ?? first({ $0.shape(of: head) }) { return found }
        guard FileEnding.of(path) == ".txt" else { return nil }
        try head.refuseNumbers(as: .text)
        return RecognisedFormat(
            format: .text, reason: "its name ends in .txt", hint: PlainText.labelHint(of: head))
    }
}

/// What a file's name says of its format.
struct FormatClaim {
    let format: CorpusFormat
    let reason: String

    /// nil for names that say nothing; `.txt` may be any text, so it says nothing either.
    init?(path: String) {
        let name = path.split(separator: "/").last ?? ""
        let ending = FileEnding.of(path)
        for format in CorpusFormat.allCases {
            if let ending, format.kind.endings.contains(ending) {
                (self.format, reason) = (format, "its name ends in \(ending)")
                return
            }
        }
        for format in CorpusFormat.allCases {
            if let beginning = format.kind.beginning, name.hasPrefix(beginning) {
                (self.format, reason) = (format, "its name begins with \(beginning)")
                return
            }
        }
        return nil
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes after the mark that some editors begin files with.
    var withoutByteOrderMark: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: dropFirst(byteOrderMarkLength))
    }
}

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

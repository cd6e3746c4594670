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
/// 4. All else in a `.txt` is text, a document a line. Lines that are nothing but numbers are no text.
///
/// What was decided is said in `RecognisedFormat.reason`; a second reading that would fit, in `hint`.
enum FormatRecognition {
    /// How much of an input is looked at.
    static let headSize = 1 << 18
    static let headLines = 1 << 10

    static let folder = RecognisedFormat(format: .folder, reason: "it is a folder")

    /// - Parameters:
    ///   - path: a file's name, or `-`.
    ///   - content: decompressed; the beginning will do, up to the end of a line.
    /// - Returns: nil if neither content nor name tell.
    /// - Throws: `FileError.badData` if the content contradicts the name, or is in a format that is not read.
    static func format(path: String, content: UnsafeRawBufferPointer) throws(FileError) -> RecognisedFormat? {
        let head = HeadShape(content.withoutByteOrderMark, name: path == "-" ? "<stdin>" : path)
        let claim = FormatClaim(path: path)
        if let claim {
            try head.refuseContradiction(to: claim)
            return RecognisedFormat(format: claim.format, reason: claim.reason)
        }
        if let found = head.byFirstBytes ?? head.byLines { return found }
        guard FileEnding.of(path) == ".txt" else { return nil }
        try head.refuseNumbers(as: .text)
        return RecognisedFormat(format: .text, reason: "its name ends in .txt", hint: head.labelHint)
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
        switch ending {
        case ".svm", ".libsvm", ".svmlight", ".feat": format = .libSVM
        case ".mtx", ".mm": format = .matrixMarket
        case ".npz": format = .npz
        case ".ldac", ".lda-c": format = .ldaC
        case ".tsv": format = .tsv
        case ".jsonl", ".ndjson": format = .jsonLines
        case ".safetensors": format = .corpus
        case _ where name.hasPrefix("docword."):
            (format, reason) = (.uci, "its name begins with docword.")
            return
        default: return nil
        }
        reason = "its name ends in \(ending ?? "")"
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes after the mark that some editors begin files with.
    var withoutByteOrderMark: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: dropFirst(byteOrderMarkLength))
    }
}

/// What became of a text on its way to counts.
package struct TextProvenance: Sendable, Equatable {
    /// Tokens that the pattern found, stop words included.
    package var tokens = 0
    package var stopWordsDropped = 0
    /// Occurrences of features that a given vocabulary doesn't have.
    package var outOfVocabulary = 0
    /// Distinct features that stood in too few documents.
    package var belowMinDF = 0
    /// Distinct features that stood in too many documents.
    package var aboveMaxDF = 0
    /// Distinct features beyond the highest number to keep.
    package var beyondMaxFeatures = 0
    /// Documents with bytes that are not UTF-8; each was read as U+FFFD, which is no part of a word.
    package var documentsRepaired = 0
    /// Lines that were not understood and skipped on request; they are not rows.
    package var badLinesSkipped = 0
    /// Hidden files, and files beside the class folders; they are not rows.
    package var filesSkipped = 0
    /// Fields a line of labelled text, decided from the first lines: 2 or 3.
    package var fields: Int?
    /// What the columns of tab-separated text were taken for, such as `label 1, id 2, text 3`.
    package var columns: String?

    package init() {}

    /// What a user should hear about.
    var warnings: [String] {
        [
            sentence(
                documentsRepaired, "document was not valid UTF-8; its invalid bytes were taken for separators",
                "documents were not valid UTF-8; their invalid bytes were taken for separators"),
            sentence(
                badLinesSkipped, "bad line was skipped; it is not a document",
                "bad lines were skipped; they are not documents"),
            sentence(
                filesSkipped, "file is hidden or stands beside the class folders; it is not a document",
                "files are hidden or stand beside the class folders; they are not documents"),
            sentence(
                outOfVocabulary, "word is not in the vocabulary and was left out",
                "words are not in the vocabulary and were left out"),
        ].compactMap { $0 }
    }
}

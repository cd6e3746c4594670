import FileIO

/// The index of the first feature in a file.
public enum IndexBase: Int, Sendable, Equatable, CaseIterable, Codable {
    case zero = 0
    case one = 1
}

/// The source of a corpus, and everything about the file that the matrix does not contain.
public struct CorpusProvenance: Sendable, Equatable {
    /// The format's name, such as `libsvm`.
    public var format: String
    /// For a corpus file, the format that it was imported from, to which the following values refer.
    public var origin: String?
    /// The names of the files that a corpus file was imported from, without folders.
    public var sources: [String] = []
    /// How the format was recognised, as text; nil if it was given.
    public var formatReason: String?
    /// Other decisions made while reading, as sentences.
    public var notes: [Message] = []
    /// The index base of the file; nil for formats that have none.
    public var indexBase: IndexBase?
    /// How the index base was determined, as text.
    public var indexBaseReason: String?
    /// Whether the columns of the file are the documents.
    public var isTransposed = false
    /// The number of rows without entries; they are rows of the matrix nevertheless.
    public var rowsWithoutFeatures = 0
    /// The number of rows without a label in a file with labels.
    public var rowsWithoutLabel = 0
    /// The number of rows whose indices were not ascending; they were sorted.
    public var unsortedRows = 0
    /// The number of entries that were added to another entry with the same row and column.
    public var duplicatesMerged = 0
    /// The number of entries that were zero, rounded to zero or summed to zero; they are not stored.
    public var explicitZerosDropped = 0
    /// The number of entries beyond the requested number of features; they are not stored.
    public var excessFeaturesDropped = 0
    /// The number of values that were rounded to the nearest Float: in text, integers beyond 2²⁴; in binary files, all
    /// that are not exactly representable.
    public var valuesRounded = 0
    /// The number of values that are separated from their colon by blanks, in libsvm.
    public var valuesApart = 0
    /// The number of blank lines; they are not rows.
    public var blankLines = 0
    /// The number of lines with only a comment; they are not rows.
    public var commentLines = 0
    /// The number of document ids that were not valid UTF-8; the invalid bytes were replaced.
    public var idsRepaired = 0
    /// The number of distinct labels that are not numbers.
    public var wordLabels = 0
    /// Statistics of counting text; nil unless the corpus was counted from text.
    package var text: TextProvenance?

    public init(format: String, indexBase: IndexBase? = nil, indexBaseReason: String? = nil) {
        self.format = format
        self.indexBase = indexBase
        self.indexBaseReason = indexBaseReason
    }

    /// Irregularities of the file itself, excluding features that a model does not know.
    var oddities: [String] {
        var own = self
        own.excessFeaturesDropped = 0
        return own.warnings
    }

    /// Warnings for the user: one sentence for each kind of merging, dropping, reordering or irregularity.
    public var warnings: [String] {
        [
            sentence(
                blankLines, "blank line was skipped; it is not a document",
                "blank lines were skipped; they are not documents"),
            sentence(rowsWithoutLabel, "row has no label, others do", "rows have no label, others do"),
            sentence(
                unsortedRows, "row had unsorted indices and was sorted", "rows had unsorted indices and were sorted"),
            sentence(
                duplicatesMerged, "duplicate index was merged by adding its value",
                "duplicate indices were merged by adding their values"),
            sentence(
                explicitZerosDropped, "entry was zero, or too small for a 32-bit float, and is not stored",
                "entries were zero, or too small for a 32-bit float, and are not stored"),
            sentence(
                valuesRounded, "value was rounded to the nearest 32-bit float",
                "values were rounded to the nearest 32-bit floats"),
            sentence(
                valuesApart, "value stands apart from its colon", "values stand apart from their colons"),
            sentence(
                excessFeaturesDropped, "entry lies beyond the given number of features and was left out",
                "entries lie beyond the given number of features and were left out"),
            sentence(
                idsRepaired, "id was not valid UTF-8 and was repaired", "ids were not valid UTF-8 and were repaired"),
        ].compactMap { $0 } + (text?.warnings ?? [])
    }
}

/// A number with its noun; nil for zero.
func sentence(_ count: Int, _ one: String, _ many: String) -> String? {
    count == 0 ? nil : count == 1 ? "1 \(one)" : "\(count) \(many)"
}

extension CorpusProvenance: Codable {
    private enum CodingKeys: String, CodingKey {
        case format, sources, indexBase, indexBaseReason, isTransposed, counts
    }

    /// The counts, by their names in files. Names may be added but must not change.
    private static let counts: [(name: String, path: WritableKeyPath<CorpusProvenance, Int> & Sendable)] = [
        ("rows_without_features", \.rowsWithoutFeatures), ("rows_without_label", \.rowsWithoutLabel),
        ("unsorted_rows", \.unsortedRows), ("duplicates_merged", \.duplicatesMerged),
        ("zeros_dropped", \.explicitZerosDropped), ("values_rounded", \.valuesRounded),
        ("excess_features_dropped", \.excessFeaturesDropped), ("blank_lines", \.blankLines),
        ("values_apart", \.valuesApart), ("comment_lines", \.commentLines), ("ids_repaired", \.idsRepaired), ("word_labels", \.wordLabels),
    ]

    /// Counts that a file does not have are zero; unknown ones are ignored.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            format: try container.decode(String.self, forKey: .format),
            indexBase: try container.decodeIfPresent(IndexBase.self, forKey: .indexBase),
            indexBaseReason: try container.decodeIfPresent(String.self, forKey: .indexBaseReason))
        sources = try container.decodeIfPresent([String].self, forKey: .sources) ?? []
        isTransposed = try container.decodeIfPresent(Bool.self, forKey: .isTransposed) ?? false
        let counts = try container.decodeIfPresent([String: Int].self, forKey: .counts) ?? [:]
        for (name, path) in Self.counts { self[keyPath: path] = counts[name] ?? 0 }
    }

    /// How the format was recognised and other decisions of reading are not stored.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(origin ?? format, forKey: .format)
        if !sources.isEmpty { try container.encode(sources, forKey: .sources) }
        try container.encodeIfPresent(indexBase, forKey: .indexBase)
        try container.encodeIfPresent(indexBaseReason, forKey: .indexBaseReason)
        if isTransposed { try container.encode(true, forKey: .isTransposed) }
        let counts = Self.counts.map { ($0.name, self[keyPath: $0.path]) }.filter { $0.1 != 0 }
        try container.encode(Dictionary(uniqueKeysWithValues: counts), forKey: .counts)
    }

    /// Adds the counts of another file.
    mutating func add(_ other: CorpusProvenance) {
        for (_, path) in Self.counts { self[keyPath: path] += other[keyPath: path] }
        notes += other.notes
    }
}

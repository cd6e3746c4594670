extension CorpusProvenance: Codable {
    private enum CodingKeys: String, CodingKey {
        case format, sources, indexBase, indexBaseReason, isTransposed, counts
    }

    /// What is counted, by the names that files use. Names may be added; they do not change.
    private static let counts: [(name: String, path: WritableKeyPath<CorpusProvenance, Int> & Sendable)] = [
        ("rows_without_features", \.rowsWithoutFeatures), ("rows_without_label", \.rowsWithoutLabel),
        ("unsorted_rows", \.unsortedRows), ("duplicates_merged", \.duplicatesMerged),
        ("zeros_dropped", \.explicitZerosDropped), ("values_rounded", \.valuesRounded),
        ("excess_features_dropped", \.excessFeaturesDropped), ("blank_lines", \.blankLines),
        ("values_apart", \.valuesApart), ("comment_lines", \.commentLines), ("ids_repaired", \.idsRepaired), ("word_labels", \.wordLabels),
    ]

    /// Counts that a file does not have are zero; those that are not known here are passed over.
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

    /// How the format was recognised and other decisions of a single reading are not kept.
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

    /// Adds what is counted of another file.
    mutating func add(_ other: CorpusProvenance) {
        for (_, path) in Self.counts { self[keyPath: path] += other[keyPath: path] }
        notes += other.notes
    }
}

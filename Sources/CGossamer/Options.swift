import CGossamerInterface
import Corpora
import FileIO
import SparseMatrices

extension TextOptions {
    private static let known =
        "lowercase, token_pattern, ngrams, stop_words, min_df, max_df, max_features, stem, analyzer"

    /// Takes the options about text, by their names in C.
    init(taking members: inout [String: JSONValue]) throws {
        self.init()
        if let value: Bool = try members.take("lowercase") { lowercase = value }
        if let value: String = try members.take("token_pattern") { tokenPattern = value }
        if let value: [Int] = try members.take("ngrams") {
            guard value.count == 2, value[0] >= 1, value[0] <= value[1] else {
                throw UsageError("ngrams: found \(value); expected two rising numbers from 1, such as [1, 2]")
            }
            ngrams = value[0]...value[1]
        }
        minDF = try Self.frequency("min_df", &members) ?? minDF
        maxDF = try Self.frequency("max_df", &members) ?? maxDF
        if let value: Int = try members.take("max_features") {
            if value < 1 { throw UsageError("max_features: found \(value); expected at least 1") }
            maxFeatures = value
        }
        if let value: Bool = try members.take("stem") { stem = value }
        if let value: String = try members.take("analyzer") {
            guard let unit = FeatureUnit(rawValue: value) else {
                let units = FeatureUnit.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("analyzer: found \(value); expected one of \(units)")
            }
            analyzer = unit
        }
        stopWords = try Self.stopWords(members.removeValue(forKey: "stop_words"))
    }

    /// - Throws: `UsageError` also for other members.
    init(_ members: [String: JSONValue]) throws {
        var members = members
        try self.init(taking: &members)
        try members.requireEmpty(known: Self.known)
    }

    private static func frequency(
        _ name: String, _ members: inout [String: JSONValue]
    ) throws(UsageError) -> DocumentFrequency? {
        let value = members.removeValue(forKey: name)
        let frequency: DocumentFrequency? =
            switch value {
            case nil, .null: nil
            case .text(let text): DocumentFrequency(text)
            case .whole(let count): DocumentFrequency(String(count))
            case .number(let share): DocumentFrequency(String(share))
            default: nil
            }
        if let value, value != .null, frequency == nil {
            throw UsageError("\(name): found \(value.description); expected a count from 1, or a share from 0.0 to 1.0")
        }
        return frequency
    }

    private static func stopWords(_ value: JSONValue?) throws -> StopWords {
        switch value {
        case nil, .null, .text("none"): .none
        case .text("english"): .english
        case .list(let words):
            .list(
                try words.map { word in
                    guard case .text(let text) = word else {
                        throw UsageError("stop_words: found \(word.description); expected words")
                    }
                    return text
                })
        case .some(let other):
            throw UsageError("stop_words: found \(other.description); expected \"english\" or a list of words")
        }
    }
}

extension CorpusReadingOptions {
    private static let known =
        "format, index_base, features, transpose, strict, label_column, text_column, id_column, header and those of text"

    /// The options of `gossamer_corpus_read`.
    init(_ members: [String: JSONValue]) throws {
        var members = members
        self.init(format: try Self.format(&members))
        switch members.removeValue(forKey: "index_base") {
        case nil, .null, .text("auto"): break
        case .whole(0): indexBase = .zero
        case .whole(1): indexBase = .one
        case .some(let other): throw UsageError("index_base: found \(other.description); expected \"auto\", 0 or 1")
        }
        if let value: Int = try members.take("features") {
            guard (0...Int(Int32.max)).contains(value) else {
                throw UsageError("features: found \(value); expected a number from 0 to \(Int32.max)")
            }
            featureCount = value
        }
        isTransposed = try members.take("transpose") ?? false
        isStrict = try members.take("strict") ?? false
        let table = TableColumns(
            label: try members.take("label_column"), id: try members.take("id_column"),
            texts: try members.take("text_column").map { [$0] } ?? [], hasHeader: try members.take("header") ?? false)
        text = try TextOptions(taking: &members)
        if table != TableColumns() {
            text.table = table
            isTable = true
        }
        try members.requireEmpty(known: Self.known)
    }

    private static func format(_ members: inout [String: JSONValue]) throws -> CorpusFormat? {
        guard let name: String = try members.take("format") else { return nil }
        guard let format = CorpusFormat(rawValue: name) else {
            let names = CorpusFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("format: found \(name); expected one of \(names)")
        }
        return format
    }
}

extension Parallelism {
    /// - Parameter threads: 0 for all.
    init(given threads: Int32) throws(UsageError) {
        guard (0...4096).contains(threads) else {
            throw UsageError("threads: found \(threads); expected a number from 0, for all, to 4096")
        }
        self = threads == 0 ? .allCores : Parallelism(threads: Int(threads))
    }
}

/// Memory of the caller for a result.
func place<Element>(
    _ memory: UnsafeMutablePointer<Element>?, _ capacity: Int64, needed: Int, _ name: String
) throws(UsageError) -> UnsafeMutablePointer<Element> {
    guard capacity >= Int64(needed) else {
        throw UsageError("\(name): found room for \(capacity) numbers; expected \(needed)")
    }
    guard let memory else { throw UsageError("\(name) is NULL; expected room for \(needed) numbers") }
    return memory
}

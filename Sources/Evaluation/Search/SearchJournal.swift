import Corpora
import FileIO
import Gossamer

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The results file of a search: a line of JSON that says what is searched on, then one for each fold of each
/// candidate, appended as soon as it is known. So whatever ends a search leaves all it had found out, and the next one
/// goes on from there.
struct SearchJournal {
    private let file: AppendedFile
    private var results: [Key: FoldResult] = [:]
    /// What was odd about the file.
    private(set) var notes: [String] = []

    /// Opens a file and reads what earlier searches have left, or makes a new one.
    ///
    /// - Throws: `FileError.badData` if it is no results file, or one of another corpus or other folds.
    init(path: String, _ header: Header) throws {
        file = try AppendedFile(path: path)
        let bytes = try file.contents()
        let headerLine = try Self.line(header)
        let text = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What ends without a line end was being written when something stopped the program.
        let torn = text.last ?? []
        if text.count <= 1, headerLine.starts(with: torn) {
            try file.truncate(to: 0)
            try file.append(headerLine)
            return
        }
        try Self.check(Array(text[0]), against: header, path: path)
        for (number, line) in text.dropFirst().dropLast().enumerated() {
            guard let line = try Self.parse(Array(line), number: number + 2, path: path) else { continue }
            results[Key(line.settings, fold: line.fold - 1)] = line.result
        }
        if !torn.isEmpty {
            try file.truncate(to: bytes.count - torn.count)
            notes.append("\(path): the last line was cut off; its fold is done again")
        }
    }

    /// What all results of a file have in common.
    struct Header: Codable, Equatable {
        /// The version of the format.
        var gossamerSearch = 1
        /// `Corpus.fingerprint`.
        let corpus: String
        let documents: Int
        let features: Int
        let folds: Int
        let seed: UInt64

        init(_ corpus: Corpus, folds: Int, seed: UInt64) {
            self.corpus = Fingerprint.text(corpus.fingerprint)
            documents = corpus.rowCount
            features = max(corpus.featureCount, corpus.vocabulary?.count ?? 0)
            self.folds = folds
            self.seed = seed
        }
    }

    private struct Line: Codable {
        /// From 1.
        let fold: Int
        let options: [String: String]
        let settings: ModelSettings
        let result: FoldResult
    }

    private struct Key: Hashable {
        let settings: String
        let fold: Int

        init(_ settings: ModelSettings, fold: Int) {
            self.settings = String(reflecting: settings)
            self.fold = fold
        }
    }

    /// - Parameter fold: from 0.
    /// - Returns: the last result of the same settings on the same fold; nil if there is none.
    func result(of settings: ModelSettings, fold: Int) -> FoldResult? {
        results[Key(settings, fold: fold)]
    }

    /// - Parameters:
    ///   - settings: resolved.
    ///   - fold: from 0.
    mutating func append(
        _ result: FoldResult, of candidate: SearchCandidate, _ settings: ModelSettings, fold: Int
    ) throws {
        let line = Line(fold: fold + 1, options: candidate.options, settings: settings, result: result)
        try file.append(Self.line(line))
        results[Key(settings, fold: fold)] = result
    }

    private static func line(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(value)) + [UInt8(ascii: "\n")]
    }

    private static func decode<T: Decodable>(_ type: T.Type, _ line: [UInt8]) throws -> T {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(line))
    }

    /// Any object of JSON.
    private struct AnyObject: Decodable {
        private enum NoKeys: CodingKey {}

        init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: NoKeys.self) }
    }

    private static func check(_ line: [UInt8], against header: Header, path: String) throws {
        guard let found = try? decode(Header.self, line), found.gossamerSearch == header.gossamerSearch else {
            throw FileError.badData(
                BadData(
                    path: path, line: 1, column: 1, found: "something else than the results of a search",
                    expected: "a new file, or one that a search has written",
                    advice: "give another name for the results"))
        }
        if found == header { return }
        var differences: [(found: String, expected: String)] = []
        if found.corpus != header.corpus {
            differences.append(
                (
                    "a corpus of \(found.documents) documents × \(found.features) features (\(found.corpus))",
                    "\(header.documents) × \(header.features) (\(header.corpus))"
                ))
        }
        if found.folds != header.folds { differences.append(("\(found.folds) folds", "\(header.folds)")) }
        if found.seed != header.seed { differences.append(("seed \(found.seed)", "\(header.seed)")) }
        throw FileError.badData(
            BadData(
                path: path, line: 1, column: 1,
                found: "results of another search: " + differences.map(\.found).joined(separator: ", "),
                expected: Message(differences.map(\.expected).joined(separator: ", ")),
                advice: "search as before to go on with it, or give another name for the results"))
    }

    /// - Returns: nil for settings that this version of the program does not know.
    private static func parse(_ line: [UInt8], number: Int, path: String) throws -> Line? {
        if let line = try? decode(Line.self, line) { return line }
        if (try? decode(AnyObject.self, line)) != nil { return nil }
        throw FileError.badData(
            BadData(
                path: path, line: number, column: 1, found: "a line that is no JSON object",
                expected: "the result of a fold", advice: "remove this line, and its fold is done again"))
    }
}

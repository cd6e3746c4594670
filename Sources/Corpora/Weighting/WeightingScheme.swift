import RealModule
import SparseMatrices

/// What an entry x of a document weighs before the document is brought to its length. It has parameters and no data;
/// what it learns of the training documents is in `WeightingStatistics`.
///
/// Each kind has one conforming type, in a file of its own; `all` names it.
public struct WeightingScheme: Sendable {
    let rule: any WeightingRule

    init(_ rule: any WeightingRule) { self.rule = rule }

    /// One of each kind, with its usual parameters.
    public static let all: [WeightingScheme] = [.none, .binary, .log, .tfIdf, .bm25(), .logEntropy]
}

extension WeightingScheme: Codable, LosslessStringConvertible, RawRepresentable {
    /// As on the command line and in JSON.
    public var rawValue: String { description }
    public init?(rawValue: String) { self.init(rawValue) }

    /// The name, and what parameters are not the usual ones, such as `bm25:1.5:0.5`.
    public var description: String { rule.parameters.isEmpty ? rule.name : "\(rule.name):\(rule.parameters)" }

    /// - Returns: nil for an unknown name or parameters that the scheme does not have.
    public init?(_ description: String) {
        let parts = description.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let usual = Self.all.first(where: { $0.rule.name == parts[0] }) else { return nil }
        if parts.count == 1 {
            self = usual
        } else if let rule = usual.rule.with(parameters: parts[1]) {
            self.init(rule)
        } else {
            return nil
        }
    }

    /// Whether each feature has a weight of its own.
    package var hasFeatureWeights: Bool { rule.hasFeatureWeights }
    /// Whether it depends on how long the training documents are on average.
    package var hasMeanLength: Bool { rule.hasMeanLength }

    /// How each kind is written, such as `bm25[:K1:B]`.
    public static var usages: [String] { all.map(\.rule.usage) }
}

extension WeightingScheme: Hashable {
    public static func == (a: Self, b: Self) -> Bool { a.description == b.description }

    public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

/// Which entries a weighting is defined for.
enum EntryDomain {
    case any, fromZero, aboveZero

    var description: String {
        switch self {
        case .any: "a number"
        case .fromZero: "a value of zero or more"
        case .aboveZero: "a count above zero"
        }
    }

    @inline(__always)
    func contains(_ x: Float) -> Bool {
        switch self {
        case .any: true
        case .fromZero: x >= 0
        case .aboveZero: x > 0
        }
    }
}

/// What is true of a kind of weighting.
protocol WeightingRule: Sendable {
    var name: String { get }
    /// How it is written, such as `bm25[:K1:B]`.
    var usage: String { get }
    /// As they are written; empty for the usual ones.
    var parameters: String { get }
    /// Whether each feature has a weight of its own.
    var hasFeatureWeights: Bool { get }
    /// Whether it depends on how long documents are on average.
    var hasMeanLength: Bool { get }
    /// The entries that it is defined for.
    var domain: EntryDomain { get }

    /// The same kind with other parameters; nil if it has none such.
    func with(parameters: Substring) -> (any WeightingRule)?

    /// What it has to know of the training documents.
    ///
    /// - Complexity: O(entries + features).
    func statistics(of matrix: CSRMatrix) -> WeightingStatistics

    /// Replaces a document's entries, for all of which it is defined, by what they weigh.
    func weigh(
        _ values: UnsafeMutableBufferPointer<Float>, columns: UnsafeBufferPointer<UInt32>,
        _ statistics: WeightingStatistics)

    /// The entries of a document whose weighted entries are known up to their length; see
    /// `FeatureWeighting.rawEntries`.
    func rawEntries(_ document: WeightedDocument, _ statistics: WeightingStatistics) -> [Float]
}

extension WeightingRule {
    var usage: String { name }
    var parameters: String { "" }
    var hasFeatureWeights: Bool { false }
    var hasMeanLength: Bool { false }
    var domain: EntryDomain { .any }
    func with(parameters: Substring) -> (any WeightingRule)? { nil }
    func statistics(of matrix: CSRMatrix) -> WeightingStatistics { WeightingStatistics() }
}

/// What a weighting has learned of the training documents.
public struct WeightingStatistics: Sendable, Equatable {
    /// What each feature's entries are multiplied by; empty if the scheme has nothing such.
    public var featureWeights: [Float] = []
    /// The tokens of a document on average; of schemes that ask for it.
    public var meanLength: Double = 0

    public init(featureWeights: [Float] = [], meanLength: Double = 0) {
        self.featureWeights = featureWeights
        self.meanLength = meanLength
    }
}

extension WeightingScheme {
    /// x
    public static let none = Self(NoWeighting())
    /// 1
    public static let binary = Self(BinaryWeighting())
    /// ln(1 + x)
    public static let log = Self(LogWeighting())
}

private struct NoWeighting: WeightingRule {
    let name = "none"

    func weigh(
        _ values: UnsafeMutableBufferPointer<Float>, columns: UnsafeBufferPointer<UInt32>,
        _ statistics: WeightingStatistics
    ) {}

    func rawEntries(_ document: WeightedDocument, _ statistics: WeightingStatistics) -> [Float] { document.values }
}

private struct BinaryWeighting: WeightingRule {
    let name = "binary"

    func weigh(
        _ values: UnsafeMutableBufferPointer<Float>, columns: UnsafeBufferPointer<UInt32>,
        _ statistics: WeightingStatistics
    ) {
        for i in values.indices where values[i] != 0 { values[i] = 1 }
    }

    func rawEntries(_ document: WeightedDocument, _ statistics: WeightingStatistics) -> [Float] {
        document.values.map { _ in 1 }
    }
}

private struct LogWeighting: CountWeighting {
    let name = "log"
    let domain = EntryDomain.fromZero

    func weigh(
        _ values: UnsafeMutableBufferPointer<Float>, columns: UnsafeBufferPointer<UInt32>,
        _ statistics: WeightingStatistics
    ) {
        for i in values.indices { values[i] = .log(onePlus: values[i]) }
    }

    func unit(count: Double, tokens: Double, _ statistics: WeightingStatistics) -> Double { .log(onePlus: count) }
    func count(unit: Double, tokens: Double, _ statistics: WeightingStatistics) -> Double { .exp(unit) - 1 }
}

/// A penalty on active units that does not depend on the scale of the codes.
///
/// A decoder can compensate any rescaling of the codes, so a plain penalty could be made arbitrarily small without
/// changing the model. Each unit is therefore weighted by the norm of its decoder column, h_j‖D_j‖, which is the size
/// of what it adds to the reconstruction, or only the pattern of its activity counts. Training measures lengths in
/// units of s, the root mean square of ‖x‖, so that λ has the same meaning for all data.
///
/// The kinds of penalty, with their values and gradients, are in other files of this folder; this type has their names.
public struct SparsityPenalty: Sendable {
    package let function: any PenaltyFunction

    package init(function: some PenaltyFunction) { self.function = function }

    /// All kinds of penalty.
    private static let kinds: [any PenaltyFunction.Type] = [
        L1Penalty.self, L2Penalty.self, DivergencePenalty.self, CountPenalty.self,
    ]

    /// The notation of each kind, with the meaning of its numbers.
    public static var usages: [String] { kinds.map { $0.usage } }

    /// Whether only the thresholds of an activation can be trained by it, because it has no gradient in the codes.
    package var needsThresholds: Bool { type(of: function).needsThresholds }

    /// The default penalties of an activation; only activations that need one have any.
    public static func defaults(for activation: Activation) -> [SparsityPenalty] {
        activation.function.defaultPenalties
    }
}

extension SparsityPenalty: Equatable {
    public static func == (a: SparsityPenalty, b: SparsityPenalty) -> Bool { a.description == b.description }
}

extension SparsityPenalty: Codable, LosslessStringConvertible, RawRepresentable {
    /// As on the command line and in JSON.
    public var rawValue: String { description }
    public init?(rawValue: String) { self.init(rawValue) }

    /// The name and the numbers, separated by colons.
    public var description: String {
        ([type(of: function).name] + function.numbers.map { "\($0)" }).joined(separator: ":")
    }

    public init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().compactMap { Float($0) }.filter { $0.isFinite && $0 >= 0 }
        guard numbers.count == parts.count - 1, let kind = Self.kinds.first(where: { $0.name == parts[0] }),
            let function = kind.init(numbers: numbers)
        else { return nil }
        self.function = function
    }
}

/// A kind of `SparsityPenalty`.
package protocol PenaltyFunction: Sendable, SendableMetatype {
    /// The name in the notation `name:number:number`.
    static var name: String { get }
    /// The notation, and the meaning of the numbers.
    static var usage: String { get }
    /// - Parameter numbers: finite and not negative; nil is returned if they are not valid for this kind.
    init?(numbers: [Float])
    /// The numbers in the order of the notation.
    var numbers: [Float] { get }

    /// Adds the gradient of the mean penalty over the rows to the batch's `delta`.
    ///
    /// - Returns: the sum over the rows.
    func add(to batch: CodeBatch) -> Double

    /// Whether only the thresholds of an activation can be trained by it, because it has no gradient in the codes.
    static var needsThresholds: Bool { get }
    /// λ for a penalty on the number of active units, otherwise 0.
    var activityPrice: Float { get }
}

extension PenaltyFunction {
    package static var needsThresholds: Bool { false }
    package var activityPrice: Float { 0 }
}

/// The penalties on a batch's codes: their sum and its gradient. They are applied by decoders, which have ‖D_j‖.
package struct CodePenalties: Sendable, ExpressibleByArrayLiteral {
    private let penalties: [SparsityPenalty]
    /// Whether the activation's codes are in (0, 1).
    private let codesAreShares: Bool

    package init(_ penalties: [SparsityPenalty], activation: Activation = .relu) {
        self.penalties = penalties
        codesAreShares = activation.function.codesAreShares
    }

    package init(_ settings: AutoencoderSettings) {
        self.init(settings.penalties, activation: settings.activation)
    }

    package init(arrayLiteral elements: SparsityPenalty...) { self.init(elements) }

    var isEmpty: Bool { penalties.isEmpty }

    /// The sum of λ over the penalties on the number of active units.
    package var activityPrice: Float {
        penalties.reduce(0) { $0 + $1.function.activityPrice }
    }

    /// Adds the penalties of a batch to its loss, and the gradient of their mean over the rows to `delta`.
    ///
    /// - Parameters:
    ///   - codes: rows × H.
    ///   - norms: ‖D_j‖ in units of s; treated as constant, since the decoder is fitted to the codes and not to the
    ///     penalty.
    ///   - delta: rows × H.
    package func accumulate(
        codes: UnsafePointer<Float>, rows: Int, norms: [Float], delta: UnsafeMutablePointer<Float>,
        to total: inout BatchLoss
    ) {
        let batch = CodeBatch(codes: codes, rows: rows, norms: norms, codesAreShares: codesAreShares, delta: delta)
        for penalty in penalties { total.penalty += penalty.function.add(to: batch) }
    }
}

/// The codes that penalties are computed from, and their gradient.
package struct CodeBatch {
    /// rows × H.
    let codes: UnsafePointer<Float>
    let rows: Int
    /// ‖D_j‖ of every unit.
    let norms: [Float]
    /// Whether codes are in (0, 1) whatever the decoder, as those of sigmoid units.
    let codesAreShares: Bool
    /// rows × H.
    let delta: UnsafeMutablePointer<Float>

    /// H.
    var width: Int { norms.count }
    /// The weight of one row in the mean.
    var weight: Float { 1 / Float(max(1, rows)) }
}

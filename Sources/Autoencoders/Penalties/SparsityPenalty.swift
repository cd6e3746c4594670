/// A price on active units, free of the scale of the codes.
///
/// A decoder absorbs any rescaling of the codes, so a plain penalty could be made as small as one likes without
/// changing the model. Each unit is therefore weighed by the norm of its decoder column, h_j‖D_j‖, the size of what
/// it adds to the reconstruction, or only the pattern of its activity counts. And so that λ means the same for any
/// data, training measures lengths in units of s, the root mean square of ‖x‖.
///
/// The kinds stand in files of their own, beside this one, with their values and gradients; this type has their names.
public struct SparsityPenalty: Sendable {
    package let function: any PenaltyFunction

    package init(function: some PenaltyFunction) { self.function = function }

    /// All kinds.
    private static let kinds: [any PenaltyFunction.Type] = [
        L1Penalty.self, L2Penalty.self, DivergencePenalty.self, CountPenalty.self,
    ]

    /// How each kind is written, with what the letters stand for.
    public static var usages: [String] { kinds.map { $0.usage } }

    /// Whether only the thresholds of an activation can learn from it, for want of a gradient in the codes.
    package var needsThresholds: Bool { type(of: function).needsThresholds }

    /// What an activation that lives by a penalty gets when nobody asked for one.
    public static func defaults(for activation: Activation) -> [SparsityPenalty] {
        activation.function.defaultPenalties
    }
}

extension SparsityPenalty: Equatable {
    public static func == (a: SparsityPenalty, b: SparsityPenalty) -> Bool { a.description == b.description }
}

extension SparsityPenalty: TextCodable {
    /// Its name and its numbers, with colons between.
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

/// A kind of `SparsityPenalty`: everything that depends on it.
package protocol PenaltyFunction: Sendable, SendableMetatype {
    /// As in `name:number:number`.
    static var name: String { get }
    /// How it is written, and what the numbers mean.
    static var usage: String { get }
    /// - Parameter numbers: finite, from 0; nil if they are not such as the kind takes.
    init?(numbers: [Float])
    /// As they are written.
    var numbers: [Float] { get }

    /// Adds the gradient of the mean penalty over the rows to the batch's `delta`.
    ///
    /// - Returns: the sum over the rows.
    func add(to batch: CodeBatch) -> Double

    /// Whether only the thresholds of an activation can learn from it, for want of a gradient in the codes.
    static var needsThresholds: Bool { get }
    /// λ of a penalty on the number of active units, else 0.
    var activityPrice: Float { get }
}

extension PenaltyFunction {
    package static var needsThresholds: Bool { false }
    package var activityPrice: Float { 0 }
}

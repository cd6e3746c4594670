/// A price on active units, free of the scale of the codes.
///
/// A decoder absorbs any rescaling of the codes, so a plain penalty could be made as small as one likes without
/// changing the model. Each unit is therefore weighed by the norm of its decoder column, h_j‖D_j‖, the size of what
/// it adds to the reconstruction, or only the pattern of its activity counts. And so that λ means the same for any
/// data, training measures lengths in units of s, the root mean square of ‖x‖.
///
/// The kinds stand in files beside this one, with their values and gradients; this type has their names.
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

/// The penalties on a batch's codes: their sum, and its gradient. Decoders apply them, since they know ‖D_j‖.
package struct CodePenalties: Sendable, ExpressibleByArrayLiteral {
    private let penalties: [SparsityPenalty]
    /// Of the activation.
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

    /// λ, summed, of the penalties on the number of active units.
    package var activityPrice: Float {
        penalties.reduce(0) { $0 + $1.function.activityPrice }
    }

    /// Adds the penalties of a batch to its loss, and the gradient of their mean over the rows to `delta`.
    ///
    /// - Parameters:
    ///   - codes: rows × H.
    ///   - norms: ‖D_j‖ in units of s; held constant, as the decoder follows the codes and not the penalty.
    ///   - delta: rows × H.
    package func accumulate(
        codes: UnsafePointer<Float>, rows: Int, norms: [Float], delta: UnsafeMutablePointer<Float>,
        to total: inout BatchLoss
    ) {
        let batch = CodeBatch(codes: codes, rows: rows, norms: norms, codesAreShares: codesAreShares, delta: delta)
        for penalty in penalties { total.penalty += penalty.function.add(to: batch) }
    }
}

/// The codes that penalties look at, and where their gradient goes.
package struct CodeBatch {
    /// rows × H.
    let codes: UnsafePointer<Float>
    let rows: Int
    /// ‖D_j‖ of every unit.
    let norms: [Float]
    /// Whether codes are in (0, 1) whatever the decoder, as sigmoid units are.
    let codesAreShares: Bool
    /// rows × H.
    let delta: UnsafeMutablePointer<Float>

    /// H.
    var width: Int { norms.count }
    /// Of a row in the mean.
    var weight: Float { 1 / Float(max(1, rows)) }
}

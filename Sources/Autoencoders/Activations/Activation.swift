import SparseMatrices

/// What a layer does to its pre-activations z.
///
/// The kinds stand in files beside this one, with everything that depends on them; this type has their
/// names, for settings, model files and command lines: `relu`, `topk:32`.
public struct Activation: Sendable {
    package let function: any ActivationFunction

    package init(function: some ActivationFunction) { self.function = function }

    /// All kinds.
    private static let kinds: [any ActivationFunction.Type] = [
        ReLUActivation.self, LinearActivation.self, SigmoidActivation.self, TanhActivation.self, TopKActivation.self,
        BatchTopKActivation.self, JumpReLUActivation.self, KCompetitiveActivation.self,
    ]

    /// How each kind is written, with what the letters stand for.
    public static var usages: [String] { kinds.map { $0.usage } }

    /// Applies it to each of `rows` rows of `width`, in place, as it is outside training.
    ///
    /// - Parameter thresholds: θ, as many as `thresholdCount(width:)` says.
    package func apply(
        _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float] = [], parallelism: Parallelism
    ) {
        function.apply(z, rows: rows, width: width, thresholds: thresholds, parallelism: parallelism)
    }

    /// Turns ∂L/∂h into ∂L/∂z, in place, given the outputs h.
    ///
    /// - Precondition: it is not for the latent layer only; `makeTraining` knows the derivative of those that are.
    package func backpropagate(
        _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
        parallelism: Parallelism
    ) {
        guard let function = function as? any LayerActivation else {
            preconditionFailure("\(self) is for the latent layer")
        }
        function.backpropagate(delta, outputs: h, rows: rows, width: width, parallelism: parallelism)
    }

    /// How many thresholds go with it: one, one a unit, or none.
    public func thresholdCount(width: Int) -> Int { function.thresholdCount(width: width) }

    /// How many units a document may activate, in training at least; nil if the activation does not say.
    public var activeLimit: Int? { function.activeLimit }

    /// Whether it is one thing in training and another afterwards, or learns.
    package var isLatentOnly: Bool { function is any LatentActivation }

    /// Whether thresholds follow a gradient, so that they can learn from a price on active units.
    package var learnsThresholds: Bool { (function as? any LatentActivation)?.learnsThresholds ?? false }

    /// Whether it is chosen for leaving few units active.
    package var isSparse: Bool { activeLimit != nil || learnsThresholds }

    /// Of those for the latent layer only: what they do in training.
    ///
    /// - Parameter activityPrice: λ of a penalty λ·‖h‖₀ on a document.
    package func makeTraining(activityPrice: Float = 0) -> (any LatentTraining)? {
        (function as? any LatentActivation)?.makeTraining(activityPrice: activityPrice)
    }

    /// Moves a code to the nearest one that the activation can give.
    func clip(_ code: inout [Float]) { function.clip(&code) }
}

extension Activation: Equatable {
    public static func == (a: Activation, b: Activation) -> Bool { a.description == b.description }
}

extension Activation: Codable, LosslessStringConvertible, RawRepresentable {
    /// As on the command line and in JSON.
    public var rawValue: String { description }
    public init?(rawValue: String) { self.init(rawValue) }

    /// Its name and, behind a colon, its parameter if it has one.
    public var description: String {
        let name = type(of: function).name
        return function.parameter.map { "\(name):\($0)" } ?? name
    }

    public init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let kind = Self.kinds.first(where: { $0.name == parts[0] }),
            let function = kind.init(parameter: parts.count == 2 ? parts[1] : nil)
        else { return nil }
        self.function = function
    }
}

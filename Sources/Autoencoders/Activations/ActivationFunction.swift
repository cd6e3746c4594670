import SparseMatrices

/// Everything that depends on the kind of an `Activation`. Conforming types are `LayerActivation`s or
/// `LatentActivation`s.
///
/// They are classes, since an existential of structs would make every struct that holds one, up to the trainers,
/// something that the compiler copies as a whole to read one property.
package protocol ActivationFunction: AnyObject, Sendable, SendableMetatype {
    /// As in `name` or `name:parameter`.
    static var name: String { get }
    /// How it is written, and what the parameter means.
    static var usage: String { get }
    /// nil if it is not a parameter that the kind takes.
    init?(parameter: Substring?)
    /// As it is written; nil of kinds without one.
    var parameter: String? { get }

    /// Applies it to each of `rows` rows of `width`, in place, as it is outside training.
    ///
    /// - Parameter thresholds: θ, as many as `thresholdCount(width:)` says.
    func apply(
        _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism)

    /// Moves a code to the nearest one that the activation can give.
    func clip(_ code: inout [Float])

    /// How many thresholds go with it: one, one a unit, or none.
    func thresholdCount(width: Int) -> Int
    /// How many units a document may activate, in training at least; nil if the activation does not say.
    var activeLimit: Int? { get }
    /// The rate of denoising for sparse data that suits it.
    var denoising: Float { get }
    /// The ridge for sparse data that suits it; nil follows from the numbers of units and documents.
    var ridge: Float? { get }
    /// Where biases start if there are no hidden layers, as a share of what a unit gets from the very document that it
    /// starts as.
    var startingBias: Float { get }
    /// Whether codes are in (0, 1) whatever the decoder.
    var codesAreShares: Bool { get }
    /// The penalties if nobody asked for any, of an activation that lives by one.
    var defaultPenalties: [SparsityPenalty] { get }
}

extension ActivationFunction {
    package static var usage: String { name }
    package var parameter: String? { nil }
    package func thresholdCount(width: Int) -> Int { 0 }
    package var activeLimit: Int? { nil }
    package var denoising: Float { 0.6 }
    package var ridge: Float? { nil }
    package var startingBias: Float { 0 }
    package var codesAreShares: Bool { false }
    package var defaultPenalties: [SparsityPenalty] { [] }
}

/// An activation for any layer: the same in training and afterwards, its derivative a function of the output.
package protocol LayerActivation: ActivationFunction {
    /// Turns ∂L/∂h into ∂L/∂z, in place, given the outputs h.
    func backpropagate(
        _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
        parallelism: Parallelism)
}

/// An activation for the latent layer only: in training units compete or thresholds are learned.
package protocol LatentActivation: ActivationFunction {
    /// Whether thresholds follow `LatentTraining.thresholdGradient`.
    var learnsThresholds: Bool { get }

    func makeTraining(activityPrice: Float) -> any LatentTraining

    /// Finds the thresholds of the finished encoder; nil if those of training are the ones.
    func makeCalibration() -> (any ThresholdCalibration)?
}

extension LatentActivation {
    package var learnsThresholds: Bool { false }
    package func makeCalibration() -> (any ThresholdCalibration)? { nil }
}

/// What a `LatentActivation` does in training. It keeps values from the forward pass to the backward one.
package protocol LatentTraining: AnyObject {
    /// Applies the activation as it is in training, in place.
    func apply(
        _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism)

    /// Turns ∂L/∂h into ∂L/∂z, in place, after `apply` on the same batch.
    func backpropagate(
        _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
        thresholds: [Float], parallelism: Parallelism)

    /// Where thresholds start, after `apply` on some rows; nil leaves them as they are.
    func startThresholds() -> [Float]?

    /// What `startThresholds` chose for the rest of training beside the thresholds.
    var constants: [Float] { get set }

    /// ∂L/∂θ of the last batch, of thresholds that follow it.
    var thresholdGradient: [Float] { get }

    /// Moves other thresholds to what the last batch says of them.
    func update(_ thresholds: inout [Float])
}

extension LatentTraining {
    package func startThresholds() -> [Float]? { nil }

    package var constants: [Float] {
        get { [] }
        set { precondition(newValue.isEmpty, "these are the constants of another activation") }
    }

    package var thresholdGradient: [Float] { [] }
    package func update(_ thresholds: inout [Float]) {}
}

/// Thresholds found from the codes of all training documents, with clean inputs and thresholds of zero.
package protocol ThresholdCalibration {
    /// - Parameter codes: of some documents.
    mutating func add(_ codes: UnsafeBufferPointer<Float>)

    /// θ after all documents; nil for zero.
    func thresholds(documents: Int) -> [Float]?
}

/// An activation that leaves K units of a document active, K its parameter.
protocol LimitedActivation: ActivationFunction {
    init(k: Int)
    /// Above zero.
    var k: Int { get }
}

extension LimitedActivation {
    package init?(parameter: Substring?) {
        guard let k = parameter.flatMap({ Int($0) }), k > 0 else { return nil }
        self.init(k: k)
    }

    package var parameter: String? { String(k) }
    package var activeLimit: Int? { k }
}

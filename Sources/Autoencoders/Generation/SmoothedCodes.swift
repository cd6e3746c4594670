import SparseMatrices

/// New codes near observed ones: the smoothed bootstrap (Efron, "Bootstrap Methods", Annals of Statistics 1979;
/// Silverman, "Density Estimation", 1986, §6.4).
///
///     h = clip(h_i + b·s·ε ∘ σ ∘ [h_i ≠ 0])
///
/// with an observed code h_i, the bandwidth b, the spread s and each unit's standard deviation σ over the codes in
/// which it is active. A unit that is not active in h_i stays so, which keeps the codes as sparse as they are; what
/// leaves the activation's range is clipped to it.
public struct SmoothedCodes: Sendable {
    /// codes × H.
    public let codes: DenseMatrix
    public let activation: Activation
    public let spread: Float
    /// Whether document i takes code i mod n; it is one picked at random otherwise.
    public let inTurn: Bool
    /// σ of each unit.
    private let deviations: [Float]

    /// b: the variance of an active unit grows by b² = 4 %, so new codes differ from all observed ones and still keep
    /// what units have to do with each other, which independent noise of a larger bandwidth would wash out.
    public static let bandwidth: Float = 0.2

    /// - Parameter reference: the codes that units' deviations come from.
    /// - Precondition: there is at least one code.
    public init(
        codes: DenseMatrix, reference: DenseMatrix, activation: Activation, spread: Float = 1, inTurn: Bool = false
    ) {
        precondition(codes.rowCount > 0, "there is no code to be near to")
        precondition(codes.columnCount == reference.columnCount, "the codes differ in width")
        self.codes = codes
        self.activation = activation
        self.spread = spread
        self.inTurn = inTurn
        deviations = Self.deviations(of: reference)
    }

    func draw(_ document: Int, using generator: inout RandomGenerator) -> [Float] {
        let pick = inTurn ? document % codes.rowCount : Int.random(in: 0..<codes.rowCount, using: &generator)
        var code = codes.row(pick)
        let scale = Self.bandwidth * spread
        for unit in code.indices where code[unit] != 0 {
            code[unit] += scale * deviations[unit] * generator.nextNormal()
        }
        activation.clip(&code)
        return code
    }

    /// - Complexity: O(codes·H).
    private static func deviations(of codes: DenseMatrix) -> [Float] {
        (0..<codes.columnCount).map { unit in
            let active = (0..<codes.rowCount).map { Double(codes[$0, unit]) }.filter { $0 != 0 }
            let mean = active.reduce(0, +) / Double(max(1, active.count))
            let square = active.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return Float((square / Double(max(1, active.count))).squareRoot())
        }
    }
}

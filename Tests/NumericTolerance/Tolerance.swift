/// A bound of the relative error of a computation in floating point, for tests that compare it with a reference in
/// Double: γₙ = n·u/(1 − n·u), u the unit roundoff, 2⁻²⁴ for Float.
///
/// An operation's result is the exact one times 1 + δ with |δ| ≤ u, and n operations one after the other multiply the
/// exact result by at most 1 + γₙ (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.1). That
/// holds for any order of a sum, for multiplications fused with additions or not, for any number of partial sums: on
/// every processor, by every kernel. The error of a sum is at most γₙ times the sum of its terms' magnitudes.
///
/// - Parameters:
///   - terms: n, the longest way from an input to a result: terms of the sums on it, and whatever else is rounded.
///   - type: what is computed in.
public func tolerance<Number: BinaryFloatingPoint>(terms: Int, in type: Number.Type = Float.self) -> Double {
    let error = Double(terms) * Double(Number.ulpOfOne) / 2
    precondition(error < 1, "\(terms) roundings leave no digit")
    return error / (1 - error)
}

/// How weights move.
public enum Optimizer: String, Sendable, Codable, CaseIterable {
    /// Adam, with two numbers a weight; see `RowSparseAdamState`.
    case adam
    /// Adam with half a number for each weight of the input layer; see `FactoredAdamState`. Other weights, of which
    /// there are few, move by plain Adam.
    case factoredAdam = "factored-adam"

    /// The first, unless it would take more than 4 GiB beside as many bytes of weights and statistics.
    package static func chosen(for features: Int, width: Int) -> Optimizer {
        8 * features * width > 4 << 30 ? .factoredAdam : .adam
    }
}

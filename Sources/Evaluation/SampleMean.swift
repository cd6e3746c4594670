/// A sample's mean, and how far that is likely to be from the mean of all it was drawn from.
extension [Double] {
    package var mean: Double { reduce(0, +) / Double(count) }

    /// s/√n, s being the sample's standard deviation with n − 1 degrees of freedom; 0 for one number.
    package var standardError: Double {
        let mean = mean
        let squares = reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(Swift.max(1, count - 1)) / Double(count)).squareRoot()
    }
}

/// A histogram of numbers whose range is not known before: bins of equal width, a power of two, which doubles whenever
/// a number lies beyond the last bin. Zeros are counted apart, and numbers that are not finite are left out.
public struct ActivationHistogram: Sendable, Equatable {
    public private(set) var zeros = 0
    /// Bin i holds the numbers in [i − half, i − half + 1)·width.
    private var bins = [UInt32](repeating: 0, count: 2 * half)
    private var width: Float = 0x1p-20
    private static let half = 64

    mutating func add(_ value: Float) {
        if value == 0 {
            zeros += 1
            return
        }
        guard value.isFinite else { return }
        while value >= Float(Self.half) * width || value < -Float(Self.half) * width { widen() }
        bins[Int((value / width).rounded(.down)) + Self.half] += 1
    }

    private mutating func widen() {
        var wider = [UInt32](repeating: 0, count: bins.count)
        for (bin, count) in bins.enumerated() where count > 0 {
            // Halved towards minus infinity.
            wider[(bin - Self.half) >> 1 + Self.half] += count
        }
        bins = wider
        width *= 2
    }

    /// The bins from the first that holds anything to the last.
    public var occupied: (start: Float, width: Float, counts: [UInt32]) {
        guard let first = bins.firstIndex(where: { $0 > 0 }), let last = bins.lastIndex(where: { $0 > 0 }) else {
            return (0, width, [])
        }
        return (Float(first - Self.half) * width, width, Array(bins[first...last]))
    }
}

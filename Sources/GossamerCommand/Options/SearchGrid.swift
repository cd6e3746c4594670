import ArgumentParser
import Autoencoders

/// All combinations of the values of some axes, numbered with the last axis changing fastest.
struct SearchGrid {
    let axes: [GridAxis]
    /// 1 without axes.
    let count: Int

    /// - Throws: `ValidationError` if there are more than can be counted.
    init(_ axes: [GridAxis]) throws {
        self.axes = axes
        var count = 1
        for axis in axes {
            let (product, isOverflow) = count.multipliedReportingOverflow(by: axis.values.count)
            if isOverflow { throw ValidationError("--grid: there are too many combinations to count") }
            count = product
        }
        self.count = count
    }

    /// One value of each axis, in their order.
    subscript(number: Int) -> [String] {
        var rest = number
        var values: [String] = []
        for axis in axes.reversed() {
            values.append(axis.values[rest % axis.values.count])
            rest /= axis.values.count
        }
        return values.reversed()
    }

    /// Numbers of `size` different combinations, drawn at random, or of all if there are no more; rising.
    ///
    /// By Floyd's algorithm (Bentley & Floyd, "A Sample of Brilliance", CACM 1987), whose cost follows `size` and not
    /// the combinations.
    func sample(_ size: Int, seed: UInt64) -> [Int] {
        guard size < count else { return Array(0..<count) }
        var generator = RandomGenerator(seed: seed, stream: 0x6772_6964)
        var drawn: Set<Int> = []
        for last in (count - size)..<count {
            let number = Int.random(in: 0...last, using: &generator)
            drawn.insert(drawn.contains(number) ? last : number)
        }
        return drawn.sorted()
    }
}

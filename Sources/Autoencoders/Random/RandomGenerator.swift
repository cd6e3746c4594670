import RealModule

/// A small, fast, seedable generator: xoshiro256++ (Blackman & Vigna, ACM TOMS 2021), its state filled by SplitMix64.
///
/// Passed `inout` wherever chance enters; nothing in this package draws from a global generator. Numbers that must
/// not depend on the order of work come from a generator of their own, made from the seed and what they belong to.
package struct RandomGenerator: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// - Parameters:
    ///   - seed: the seed of the whole run.
    ///   - stream: what the numbers are for, such as an epoch and a row; other streams are independent.
    package init(seed: UInt64, stream: UInt64...) {
        var mixer = SplitMix64(state: seed)
        for key in stream { mixer.state = mixer.next() ^ (key &* 0x9E37_79B9_7F4A_7C15) }
        state = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
    }

    package mutating func next() -> UInt64 {
        let result = rotateLeft(state.0 &+ state.3, by: 23) &+ state.0
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotateLeft(state.3, by: 45)
        return result
    }

    /// Uniform in [0, 1), a multiple of 2⁻²⁴.
    package mutating func nextUniform() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// Standard normal, by Box and Muller's transform.
    package mutating func nextNormal() -> Float {
        let radius = (-2 * Double.log(Double(next() >> 11) * 0x1p-53 + 0x1p-54)).squareRoot()
        return Float(radius * Double.cos(2 * .pi * Double(next() >> 11) * 0x1p-53))
    }
}

/// Steele, Lea & Flood's generator, which turns any seed, zero included, into well-mixed words.
private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

private func rotateLeft(_ x: UInt64, by bits: UInt64) -> UInt64 { (x << bits) | (x >> (64 - bits)) }

extension RandomGenerator: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        var words = [state.0, state.1, state.2, state.3].map { Int(bitPattern: UInt($0)) }
        walk.part("words", &words)
        guard walk.isFilling else { return }
        walk.require(words.contains { $0 != 0 }, "words", is: "not all zero")
        let filled = words.map { UInt64(UInt(bitPattern: $0)) }
        state = (filled[0], filled[1], filled[2], filled[3])
    }
}

import Autoencoders
import Testing

@Suite struct RandomGeneratorTests {
    /// Words from an independent implementation of xoshiro256++ and SplitMix64.
    @Test func knownWordsStay() {
        let cases: [(RandomGenerator, [UInt64])] = [
            (
                RandomGenerator(seed: 0),
                [0x5317_5d61_490b_23df, 0x61da_6f3d_c380_d507, 0x5c0f_df91_ec9a_7bfc, 0x02ee_bf8c_3bbe_5e1a]
            ),
            (
                RandomGenerator(seed: 42),
                [0xd076_4d4f_4476_689f, 0x519e_4174_576f_3791, 0xfbe0_7cfb_0c24_ed8c, 0xb37d_9f60_0cd8_35b8]
            ),
            (
                RandomGenerator(seed: 42, stream: 1),
                [0x3701_5387_4416_58f3, 0x86b0_e0e6_fdfb_03fb, 0x109c_5abc_e5d8_2a09]
            ),
            (
                RandomGenerator(seed: 42, stream: 7, 9),
                [0xef37_4386_4a36_a6cb, 0xab9d_4d45_709f_7e5b, 0x960f_1977_b720_db33]
            ),
        ]
        for (generator, words) in cases {
            var generator = generator
            #expect(words.map { _ in generator.next() } == words)
        }
    }

    @Test func seedsStreamsAndTheirOrderDiffer() {
        var generators = [
            RandomGenerator(seed: 1), RandomGenerator(seed: 2), RandomGenerator(seed: 1, stream: 0),
            RandomGenerator(seed: 1, stream: 1), RandomGenerator(seed: 1, stream: 1, 2),
            RandomGenerator(seed: 1, stream: 2, 1), RandomGenerator(seed: 1, stream: 1, 0),
        ]
        let words = generators.indices.map { i in (0..<4).map { _ in generators[i].next() } }
        #expect(Set(words).count == words.count)
    }

    @Test func aCopyGoesOnAlike() {
        var generator = RandomGenerator(seed: 5, stream: 6)
        _ = generator.next()
        var copy = generator
        #expect((0..<10).map { _ in generator.next() } == (0..<10).map { _ in copy.next() })
    }

    @Test func uniformNumbersAreInRangeAndCentred() {
        var generator = RandomGenerator(seed: 3)
        let numbers = (0..<20_000).map { _ in Double(generator.nextUniform()) }
        #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        let square = numbers.reduce(0) { $0 + $1 * $1 } / Double(numbers.count)
        // The standard error of the mean is 0.002.
        #expect(abs(mean - 0.5) < 0.008)
        #expect(abs(square - 1.0 / 3) < 0.01)
    }

    @Test func normalNumbersHaveMeanZeroAndVarianceOne() {
        var generator = RandomGenerator(seed: 4)
        let numbers = (0..<20_000).map { _ in Double(generator.nextNormal()) }
        let count = Double(numbers.count)
        #expect(numbers.allSatisfy { $0.isFinite })
        #expect(abs(numbers.reduce(0, +) / count) < 0.03)
        #expect(abs(numbers.reduce(0) { $0 + $1 * $1 } / count - 1) < 0.05)
        #expect(abs(numbers.reduce(0) { $0 + $1 * $1 * $1 } / count) < 0.12)
        let beyondTwo = Double(numbers.count { abs($0) > 2 }) / count
        #expect(abs(beyondTwo - 0.0455) < 0.008)
    }
}

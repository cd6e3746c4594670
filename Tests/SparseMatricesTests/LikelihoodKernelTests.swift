import NumericTolerance
import RealModule
import Testing

@testable import SparseMatrices

@Suite struct LikelihoodKernelTests {
    @Test(arguments: [0, 1, 7, 8, 9, 64, 513, 1500], [0.5, 6, 200] as [Float])
    func logisticSum(count: Int, scale: Float) {
        let x = (0..<count).map { scale * Float.sin(Float($0) * 1.7 + 0.3) }
        let expected = x.reduce(0.0) { $0 + max(Double($1), 0) + Double.log(onePlus: Double.exp(-abs(Double($1)))) }
        for kernels in availableKernels {
            var means = x
            let sum = kernels.logisticSum(count: count, x: &means)
            // max(x, 0) is summed by 64 terms in each of eight lanes. The logarithm of a product is off by as much as the
            // product is in relation, which are four roundings a factor: that of 1 + e⁻ˣ, its own and the product's.
            let bound = tolerance(terms: 64 + 8) * expected + tolerance(terms: 4 * count)
            #expect(abs(sum - expected) <= bound, "\(kernels.name)")
            for (mean, logit) in zip(means, x) {
                #expect(
                    abs(Double(mean) - 1 / (1 + Double.exp(-Double(logit)))) <= tolerance(terms: 8), "\(kernels.name)")
            }
        }
    }

    @Test(arguments: [0, 1, 8, 13, 50])
    func addMoments(count: Int) {
        let x = (0..<count).map { Float.cos(Float($0)) }
        for kernels in availableKernels {
            var first = [Float](repeating: 0.5, count: count), second = [Float](repeating: 0.25, count: count)
            kernels.addMoments(count: count, weight: 3, scale: 0.7, x: x, first: &first, second: &second)
            for i in 0..<count {
                let (scale, value) = (Double(Float(0.7)), Double(x[i]))
                let bound = tolerance(terms: 4) * (0.5 + 3 * scale * abs(value))
                #expect(abs(Double(first[i]) - (0.5 + 3 * scale * value)) <= bound)
                #expect(abs(Double(second[i]) - (0.25 + 3 * scale * scale * value * value)) <= bound)
            }
        }
    }
}

import Testing

@testable import SparseMatrices

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct LikelihoodKernelTests {
    @Test(arguments: [0, 1, 7, 8, 9, 64, 513, 1500], [0.5, 6, 200] as [Float])
    func logisticSum(count: Int, scale: Float) {
        let x = (0..<count).map { scale * sin(Float($0) * 1.7 + 0.3) }
        let expected = x.reduce(0.0) { $0 + max(Double($1), 0) + log1p(exp(-abs(Double($1)))) }
        for kernels in availableKernels {
            var means = x
            let sum = kernels.logisticSum(count: count, x: &means)
            #expect(abs(sum - expected) <= 2e-6 * max(1, expected), "\(kernels.name)")
            for (mean, logit) in zip(means, x) {
                #expect(abs(Double(mean) - 1 / (1 + exp(-Double(logit)))) < 2e-7, "\(kernels.name)")
            }
        }
    }

    @Test(arguments: [0, 1, 8, 13, 50])
    func addMoments(count: Int) {
        let x = (0..<count).map { cos(Float($0)) }
        for kernels in availableKernels {
            var first = [Float](repeating: 0.5, count: count), second = [Float](repeating: 0.25, count: count)
            kernels.addMoments(count: count, weight: 3, scale: 0.7, x: x, first: &first, second: &second)
            for i in 0..<count {
                #expect(abs(first[i] - (0.5 + 3 * 0.7 * x[i])) < 1e-6)
                #expect(abs(second[i] - (0.25 + 3 * 0.49 * x[i] * x[i])) < 1e-6)
            }
        }
    }
}

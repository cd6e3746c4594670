import CProcessor
import Testing

@testable import SparseMatrices

@Suite struct OpenBLASCoreTests {
    @Test(arguments: ["Haswell", "Zen", "SkylakeX", "Cooperlake", "Nehalem"])
    func aKnownProcessorKeepsItsCore(core: String) { #expect(ComputingLibraries.betterCore(than: core) == nil) }

    @Test func anUnknownProcessorGetsWhatItCanRun() {
        let better = ComputingLibraries.betterCore(than: "Prescott")
        if processor_supports_x86_64_v4() != 0 {
            #expect(better == "SkylakeX")
        } else {
            #expect(better == (processor_supports_x86_64_v3() != 0 ? "Haswell" : nil))
        }
    }
}

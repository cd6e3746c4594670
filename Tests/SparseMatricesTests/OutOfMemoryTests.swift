import Allocation
import Foundation
import SparseMatrices
import Testing

@Suite struct OutOfMemoryTests {
    @Test func aProgramChoosesHowItEnds() async {
        await #expect(processExitsWith: .exitCode(71)) {
            OutOfMemory.end = { bytes in exit(bytes == 1 << 60 ? 71 : 1) }
            _ = AlignedBuffer<UInt8>(uninitialized: 1 << 60)
        }
    }
}

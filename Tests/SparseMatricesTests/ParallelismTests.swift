import SparseMatrices
import Synchronization
import Testing

@Suite struct ParallelBlocks {
    @Test(arguments: [1, 2, 5, 16], [0, 1, 2, 7, 1000])
    func visitsEachBlockOnce(threads: Int, blocks: Int) {
        let visits = Mutex([Int](repeating: 0, count: blocks))
        Parallelism(threads: threads).forEach(block: blocks) { block in visits.withLock { $0[block] += 1 } }
        #expect(visits.withLock { $0 } == [Int](repeating: 1, count: blocks))
    }

    @Test(arguments: [1, 3], [0, 1, 63, 64, 65, 1000])
    func rangesCoverEverythingOnceWithTheSameBorders(threads: Int, count: Int) {
        let ranges = Mutex<[Range<Int>]>([])
        Parallelism(threads: threads).forEachRange(of: count, blockSize: 64) { range in
            ranges.withLock { $0.append(range) }
        }
        let sorted = ranges.withLock { $0 }.sorted { $0.lowerBound < $1.lowerBound }
        #expect(sorted == stride(from: 0, to: count, by: 64).map { $0..<min(count, $0 + 64) })
    }

    @Test func usesNoMoreThreadsThanAllowed() {
        let running = Mutex((now: 0, most: 0))
        Parallelism(threads: 2).forEach(block: 200) { _ in
            running.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            running.withLock { $0.now -= 1 }
        }
        #expect(running.withLock { $0.most } <= 2)
    }

    @Test func allCoresIsAtLeastOne() { #expect(Parallelism.allCores.threads >= 1) }
}

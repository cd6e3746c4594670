import Foundation
import SparseMatrices

/// Measured limits of this machine with a number of threads: the highest rate of several runs.
struct MachineLimits {
    let threads: Int
    /// The rate of multiplications and additions of floats in registers, in 10⁹ per second.
    let multiplyAdd: Double
    /// The rate of sequential reads from memory much larger than the caches, in 10⁹ bytes per second.
    let memoryRead: Double

    /// - Parameters:
    ///   - memory: the memory that bandwidth is measured on; the same for all numbers of threads.
    ///   - runs: the number of timed runs of each.
    init(threads: Int, memory: DenseMatrix, runs: Int) {
        self.threads = threads
        let parallelism = Parallelism(threads: threads)
        let loops = ProcessorLoops.best
        let repetitions = 2_000_000
        let operations = Double(threads * repetitions * loops.operationsPerRepetition)
        multiplyAdd = Timing(runs: runs) {
            keep(parallelism.map(threads) { _ in loops.multiplyAdd(repetitions) })
        }.rate(operations / 1e9).maximum
        memoryRead = memory.withUnsafeElements { x in
            nonisolated(unsafe) let x = x
            let piece = 1 << 18
            let pieces = max(1, memory.elementCount / piece)
            let count = min(piece, memory.elementCount)
            return Timing(runs: runs) {
                keep(parallelism.map(pieces) { loops.sum(count, x + $0 * piece) })
            }.rate(Double(pieces * count * MemoryLayout<Float>.size) / 1e9).maximum
        }
    }

    /// The rate, in 10⁹ bytes per second, at which rows of a table are read in the order that a product with a sparse
    /// matrix needs them: one row of the table for each entry.
    ///
    /// Measured with whole rows and with tiles of 64 floats, with and without prefetching; the result is the fastest.
    static func gather(_ x: CSRMatrix, from table: DenseMatrix, threads: Int, runs: Int) -> Double {
        let (parallelism, width) = (Parallelism(threads: threads), table.columnCount)
        let bytes = Double(x.entryCount * (width / 8 * 8) * MemoryLayout<Float>.size)
        var fastest = 0.0
        for (ahead, tile) in [(0, width), (4, width), (8, width), (0, 64), (6, 64)] where tile <= width {
            let timing = Timing(runs: runs) {
                gather(x, from: table, ahead: ahead, tile: tile, parallelism: parallelism)
            }
            fastest = max(fastest, timing.rate(bytes / 1e9).maximum)
        }
        return fastest
    }

    private static func gather(
        _ x: CSRMatrix, from table: DenseMatrix, ahead: Int, tile: Int, parallelism: Parallelism
    ) {
        let width = table.columnCount
        let loops = ProcessorLoops.best
        // About the number of entries in the 64 rows that a block of the product has.
        let piece = 4096
        x.withUnsafeView { x in
            table.withUnsafeElements { elements in
                guard let rows = x.columnIndices.baseAddress else { return }
                nonisolated(unsafe) let (order, elements) = (rows, elements)
                let count = x.columnIndices.count
                keep(
                    parallelism.map((count + piece - 1) / piece) { block in
                        var sum: Float = 0
                        for column in stride(from: 0, to: width, by: tile) {
                            sum += loops.gather(
                                .init(
                                    count: min(piece, count - block * piece), rows: order + block * piece, ahead: ahead,
                                    table: elements + column, stride: width, width: min(tile, width - column)))
                        }
                        return sum
                    })
            }
        }
    }
}

/// Consumes results that are not used, so that the compiler does not remove the computation.
@inline(never)
func keep(_ results: [Float]) {
    withExtendedLifetime(results) {}
}

extension MachineLimits {
    /// Measures the limits for each number of threads and reports them.
    ///
    /// - Parameter megabytes: the size of the memory that is read.
    static func measure(
        threads: [Int], megabytes: Int, runs: Int, _ report: inout Report, printing: Bool
    ) -> [Int: MachineLimits] {
        let memory = DenseMatrix(rowCount: megabytes, columnCount: 250_000, repeating: 1)
        var limits: [Int: MachineLimits] = [:]
        for threads in threads {
            let limit = MachineLimits(threads: threads, memory: memory, runs: runs)
            limits[threads] = limit
            report.add("limit: multiply-add threads=\(threads)", "GFLOP/s", Rate(limit.multiplyAdd), printing: printing)
            report.add("limit: memory read threads=\(threads)", "GB/s", Rate(limit.memoryRead), printing: printing)
        }
        return limits
    }
}

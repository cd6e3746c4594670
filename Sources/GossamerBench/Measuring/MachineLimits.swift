import Foundation
import SparseMatrices

/// What this machine can do at best with a number of threads, measured: the highest rate of several runs.
struct MachineLimits {
    let threads: Int
    /// 10⁹ additions and multiplications of floats a second, in registers.
    let multiplyAdd: Double
    /// 10⁹ bytes a second, read in order from memory far larger than the caches.
    let memoryRead: Double

    /// - Parameters:
    ///   - memory: what bandwidth is measured on; the same for all numbers of threads.
    ///   - runs: timed runs of each.
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

    /// 10⁹ bytes a second at which rows of a table are read in the order in which a product with a sparse matrix needs
    /// them: a row of the table for each entry.
    ///
    /// Reads whole rows and rows in tiles of 64 floats, asked for some rows ahead or not; the fastest counts.
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
        // About the entries of the 64 rows that a block of the product has.
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

/// Takes results that nobody reads, so that the work behind them is done all the same.
@inline(never)
func keep(_ results: [Float]) {
    withExtendedLifetime(results) {}
}

extension MachineLimits {
    /// Measures the limits for each number of threads, and reports them.
    ///
    /// - Parameter megabytes: the size of what memory is read from.
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

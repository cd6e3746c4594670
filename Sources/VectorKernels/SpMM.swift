import CProcessor
import VectorKernelInterface

extension Kernels {
    package static func spmm(
        rows: Range<Int>, rowOffsets: UnsafePointer<Int>, columnIndices: UnsafePointer<UInt32>,
        values: UnsafePointer<Float>, w: UnsafePointer<Float>, width: Int, y: UnsafeMutablePointer<Float>
    ) {
        for row in rows {
            let start = rowOffsets[row]
            let count = rowOffsets[row + 1] &- start
            if count == 0 { continue }
            accumulateRow(
                count: count, columns: columnIndices + start, values: values + start, w: w, width: width,
                y: y + row &* width)
        }
    }

    /// y += Σₑ values[e] · W[columns[e]]: the width is cut into tiles of 64, whose sums stay in eight registers
    /// over all entries of the row, then 8, then single columns.
    @inline(__always)
    private static func accumulateRow(
        count: Int, columns: UnsafePointer<UInt32>, values: UnsafePointer<Float>, w: UnsafePointer<Float>,
        width: Int, y: UnsafeMutablePointer<Float>
    ) {
        var column = 0
        while column &+ 64 <= width {
            accumulateTile64(count: count, columns: columns, values: values, w: w + column, width: width, y: y + column)
            column &+= 64
        }
        while column &+ 8 <= width {
            var sum = load(y, column)
            for e in 0..<count {
                sum = multiplyAdd(sum, Lanes(repeating: values[e]), load(w + Int(columns[e]) &* width, column))
            }
            store(sum, y, column)
            column &+= 8
        }
        while column < width {
            var sum = y[column]
            for e in 0..<count { sum = multiplyAdd(sum, values[e], w[Int(columns[e]) &* width &+ column]) }
            y[column] = sum
            column &+= 1
        }
    }

    /// How many entries ahead the rows of W are asked for: far enough to hide a visit to the last-level cache.
    private static var prefetchDistance: Int { 6 }

    @inline(__always)
    private static func accumulateTile64(
        count: Int, columns: UnsafePointer<UInt32>, values: UnsafePointer<Float>, w: UnsafePointer<Float>,
        width: Int, y: UnsafeMutablePointer<Float>
    ) {
        var s0 = load(y, 0), s1 = load(y, 8), s2 = load(y, 16), s3 = load(y, 24)
        var s4 = load(y, 32), s5 = load(y, 40), s6 = load(y, 48), s7 = load(y, 56)
        for e in 0..<count {
            if e &+ prefetchDistance < count {
                let ahead = w + Int(columns[e &+ prefetchDistance]) &* width
                processor_prefetch(ahead)
                processor_prefetch(ahead + 16)
                processor_prefetch(ahead + 32)
                processor_prefetch(ahead + 48)
            }
            let value = Lanes(repeating: values[e])
            let row = w + Int(columns[e]) &* width
            s0 = multiplyAdd(s0, value, load(row, 0))
            s1 = multiplyAdd(s1, value, load(row, 8))
            s2 = multiplyAdd(s2, value, load(row, 16))
            s3 = multiplyAdd(s3, value, load(row, 24))
            s4 = multiplyAdd(s4, value, load(row, 32))
            s5 = multiplyAdd(s5, value, load(row, 40))
            s6 = multiplyAdd(s6, value, load(row, 48))
            s7 = multiplyAdd(s7, value, load(row, 56))
        }
        store(s0, y, 0)
        store(s1, y, 8)
        store(s2, y, 16)
        store(s3, y, 24)
        store(s4, y, 32)
        store(s5, y, 40)
        store(s6, y, 48)
        store(s7, y, 56)
    }
}

/// Updates of rows here and there in matrices that are larger than the caches. Such rows come from memory at the pace
/// of its latency unless they are asked for in time: while one row is worked on, the next is on its way.
extension Kernels {
    package static func addRows(
        count: Int, places: UnsafePointer<UInt32>, width: Int, alpha: Float, x: UnsafePointer<Float>,
        y: UnsafeMutablePointer<Float>
    ) {
        for i in 0..<count {
            if i &+ 1 < count { prefetchRow(y + Int(places[i &+ 1]) &* width, width: width) }
            axpy(count: width, alpha: alpha, x: x + i &* width, y: y + Int(places[i]) &* width)
        }
    }

    package static func adamRows(
        count: Int, places: UnsafePointer<UInt32>, width: Int, gradient: UnsafePointer<Float>,
        weights: UnsafeMutablePointer<Float>, firstMoment: UnsafeMutablePointer<Float>,
        secondMoment: UnsafeMutablePointer<Float>, settings: AdamCoefficients
    ) {
        for i in 0..<count {
            if i &+ 1 < count {
                let next = Int(places[i &+ 1]) &* width
                prefetchRow(weights + next, width: width)
                prefetchRow(firstMoment + next, width: width)
                prefetchRow(secondMoment + next, width: width)
            }
            let start = Int(places[i]) &* width
            adam(
                count: width, gradient: gradient + i &* width, weights: weights + start,
                firstMoment: firstMoment + start, secondMoment: secondMoment + start, settings: settings)
        }
    }

    @inline(__always)
    static func prefetchRow<Element>(_ row: UnsafeMutablePointer<Element>, width: Int) {
        var i = 0
        while i < width {
            processor_prefetch_to_write(row + i)
            i &+= 64 / MemoryLayout<Element>.size
        }
    }
}

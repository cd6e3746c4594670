import CProcessor
import VectorKernelInterface

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

import VectorKernelInterface

extension Kernels {
    package static func axpy(count: Int, alpha: Float, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>) {
        let factor = Lanes(repeating: alpha)
        var i = 0
        while i &+ 8 <= count {
            store(multiplyAdd(load(y, i), factor, load(x, i)), y, i)
            i &+= 8
        }
        while i < count {
            y[i] = multiplyAdd(y[i], alpha, x[i])
            i &+= 1
        }
    }

    package static func dot(count: Int, x: UnsafePointer<Float>, y: UnsafePointer<Float>) -> Float {
        var sums = Lanes(repeating: 0)
        var i = 0
        while i &+ 8 <= count {
            sums = multiplyAdd(sums, load(x, i), load(y, i))
            i &+= 8
        }
        var total = sums.sum()
        while i < count {
            total = multiplyAdd(total, x[i], y[i])
            i &+= 1
        }
        return total
    }

    package static func addMoments(
        count: Int, weight: Float, scale: Float, x: UnsafePointer<Float>, first: UnsafeMutablePointer<Float>,
        second: UnsafeMutablePointer<Float>
    ) {
        let weights = Lanes(repeating: weight), scales = Lanes(repeating: scale)
        var i = 0
        while i &+ 8 <= count {
            let lanes = scales * load(x, i)
            store(multiplyAdd(load(first, i), weights, lanes), first, i)
            store(multiplyAdd(load(second, i), weights, lanes * lanes), second, i)
            i &+= 8
        }
        while i < count {
            let value = scale * x[i]
            first[i] = multiplyAdd(first[i], weight, value)
            second[i] = multiplyAdd(second[i], weight, value * value)
            i &+= 1
        }
    }

    package static func scale(count: Int, alpha: Float, x: UnsafeMutablePointer<Float>) {
        let factor = Lanes(repeating: alpha)
        var i = 0
        while i &+ 8 <= count {
            store(load(x, i) * factor, x, i)
            i &+= 8
        }
        while i < count {
            x[i] *= alpha
            i &+= 1
        }
    }
}

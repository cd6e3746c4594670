import RealModule

extension Kernels {
    package static func relu(count: Int, x: UnsafeMutablePointer<Float>) {
        let zero = Lanes(repeating: 0)
        map(count: count, x: x) { $0.replacing(with: zero, where: $0 .< zero) }
    }

    package static func sigmoid(count: Int, x: UnsafeMutablePointer<Float>) {
        let one = Lanes(repeating: 1)
        map(count: count, x: x) { one / (one + exponential(-$0)) }
    }

    package static func tanh(count: Int, x: UnsafeMutablePointer<Float>) {
        map(count: count, x: x, hyperbolicTangent)
    }

    package static func exp(count: Int, x: UnsafeMutablePointer<Float>) {
        map(count: count, x: x, exponential)
    }

    package static func maximum(count: Int, x: UnsafePointer<Float>) -> Float {
        var largest = Lanes(repeating: -.infinity)
        var i = 0
        while i &+ 8 <= count {
            let lanes = load(x, i)
            largest.replace(with: lanes, where: lanes .> largest)
            i &+= 8
        }
        var result = largest.max()
        while i < count {
            if x[i] > result { result = x[i] }
            i &+= 1
        }
        return result
    }

    package static func expSum(count: Int, shift: Float, x: UnsafeMutablePointer<Float>) -> Float {
        let offset = Lanes(repeating: shift)
        var sums = Lanes(repeating: 0)
        var i = 0
        while i &+ 8 <= count {
            let lanes = exponential(load(x, i) - offset)
            store(lanes, x, i)
            sums += lanes
            i &+= 8
        }
        if i < count {
            var tail = Lanes(repeating: -.infinity)
            for j in i..<count { tail[j &- i] = x[j] - shift }
            tail = exponential(tail)
            for j in i..<count { x[j] = tail[j &- i] }
            sums += tail
        }
        return sums.sum()
    }

    package static func logisticSum(count: Int, x: UnsafeMutablePointer<Float>) -> Double {
        let one = Lanes(repeating: 1), zero = Lanes(repeating: 0)
        var total = 0.0
        var i = 0
        while i < count {
            let end = min(count, i &+ 512)
            // ln(1 + eˣ) = max(x, 0) + ln(1 + e^(−|x|)), and a sum of logarithms is that of a product.
            var linear = zero, product = one
            while i < end {
                let present = min(8, end &- i)
                var lanes = Lanes(repeating: -.infinity)
                if present == 8 { lanes = load(x, i) } else { for j in 0..<present { lanes[j] = x[i &+ j] } }
                let isNegative = lanes .< zero
                let small = exponential(lanes.replacing(with: -lanes, where: .!isNegative))
                let inverse = one / (one + small)
                linear += lanes.replacing(with: zero, where: isNegative)
                product *= one + small
                let result = inverse.replacing(with: small * inverse, where: isNegative)
                if present == 8 { store(result, x, i) } else { for j in 0..<present { x[i &+ j] = result[j] } }
                i &+= present
            }
            total += Double(linear.sum())
            for lane in 0..<8 { total += Double.log(Double(product[lane])) }
        }
        return total
    }

    /// The tail goes through the same lanes as the rest, padded with zeros, so that a value's result does not
    /// depend on where in the row it stands.
    @inline(__always)
    private static func map(count: Int, x: UnsafeMutablePointer<Float>, _ function: (Lanes) -> Lanes) {
        var i = 0
        while i &+ 8 <= count {
            store(function(load(x, i)), x, i)
            i &+= 8
        }
        if i < count {
            var tail = Lanes(repeating: 0)
            for j in i..<count { tail[j &- i] = x[j] }
            tail = function(tail)
            for j in i..<count { x[j] = tail[j &- i] }
        }
    }

    /// exp(x) = 2ⁿ·exp(r) with n = round(x/ln 2) and a polynomial of degree 6 in r (Cephes' expf); NaN stays NaN.
    @inline(__always)
    private static func exponential(_ x: Lanes) -> Lanes {
        let high = Lanes(repeating: 88), low = Lanes(repeating: -87)
        var bounded = x.replacing(with: high, where: x .> high)
        bounded.replace(with: low, where: bounded .< low)
        // Adding 1.5 · 2²³ rounds to an integer and leaves it in the low bits of the float.
        let shift = Lanes(repeating: 12_582_912)
        let shifted = multiplyAdd(shift, bounded, Lanes(repeating: 1.442_695_04))
        let n = shifted - shift
        var r = multiplyAdd(bounded, n, Lanes(repeating: -0.693_359_375))
        r = multiplyAdd(r, n, Lanes(repeating: 2.121_944_4e-4))
        var p = Lanes(repeating: 1.987_569_15e-4)
        p = multiplyAdd(Lanes(repeating: 1.398_199_95e-3), p, r)
        p = multiplyAdd(Lanes(repeating: 8.333_451_9e-3), p, r)
        p = multiplyAdd(Lanes(repeating: 4.166_579_6e-2), p, r)
        p = multiplyAdd(Lanes(repeating: 1.666_666_55e-1), p, r)
        p = multiplyAdd(Lanes(repeating: 0.5), p, r)
        p = multiplyAdd(r + Lanes(repeating: 1), p, r * r)
        let exponent = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- unsafeBitCast(shift, to: SIMD8<Int32>.self)
        let power = unsafeBitCast((exponent &+ 127) &<< 23, to: Lanes.self)
        return (p * power).replacing(with: 0, where: x .< low)
    }

    /// tanh(x): an odd polynomial near zero (Cephes' tanhf), 1 − 2/(exp(2|x|) + 1) with the sign of x elsewhere.
    @inline(__always)
    private static func hyperbolicTangent(_ x: Lanes) -> Lanes {
        let one = Lanes(repeating: 1)
        let magnitude = x.replacing(with: -x, where: x .< 0)
        let far = one - 2 / (exponential(magnitude + magnitude) + one)
        let square = x * x
        var p = Lanes(repeating: -5.704_988_7e-3)
        p = multiplyAdd(Lanes(repeating: 2.063_908_9e-2), p, square)
        p = multiplyAdd(Lanes(repeating: -5.373_971_2e-2), p, square)
        p = multiplyAdd(Lanes(repeating: 1.333_144_2e-1), p, square)
        p = multiplyAdd(Lanes(repeating: -3.333_328_2e-1), p, square)
        let near = multiplyAdd(x, p * square, x)
        return far.replacing(with: -far, where: x .< 0).replacing(
            with: near, where: magnitude .< Lanes(repeating: 0.625))
    }
}

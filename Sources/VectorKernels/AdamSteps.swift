import CProcessor
import VectorKernelInterface

extension Kernels {
    @inline(__always)
    package static func adam(
        count: Int, gradient: UnsafePointer<Float>, weights: UnsafeMutablePointer<Float>,
        firstMoment: UnsafeMutablePointer<Float>, secondMoment: UnsafeMutablePointer<Float>,
        settings: AdamCoefficients
    ) {
        let keep1 = Lanes(repeating: settings.beta1), add1 = Lanes(repeating: 1 - settings.beta1)
        let keep2 = Lanes(repeating: settings.beta2), add2 = Lanes(repeating: 1 - settings.beta2)
        let rate = Lanes(repeating: settings.rate), epsilon = Lanes(repeating: settings.epsilon)
        let keep = Lanes(repeating: 1 - settings.decay)
        var i = 0
        while i &+ 8 <= count {
            let g = load(gradient, i)
            let m = keep1 * load(firstMoment, i) + add1 * g
            let v = keep2 * load(secondMoment, i) + add2 * (g * g)
            store(m, firstMoment, i)
            store(v, secondMoment, i)
            store(keep * load(weights, i) - rate * m / (v.squareRoot() + epsilon), weights, i)
            i &+= 8
        }
        while i < count {
            let g = gradient[i]
            let m = settings.beta1 * firstMoment[i] + (1 - settings.beta1) * g
            let v = settings.beta2 * secondMoment[i] + (1 - settings.beta2) * (g * g)
            firstMoment[i] = m
            secondMoment[i] = v
            weights[i] =
                (1 - settings.decay) * weights[i] - settings.rate * m / (v.squareRoot() + settings.epsilon)
            i &+= 1
        }
    }
}

extension Kernels {
    package static func factoredAdamRows(
        count: Int, places: UnsafePointer<UInt32>, width: Int, gradient: UnsafePointer<Float>,
        weights: UnsafeMutablePointer<Float>, firstMoment: UnsafeMutablePointer<UInt16>,
        rowMoment: UnsafeMutablePointer<Float>, inverseRoots: UnsafePointer<Float>, settings: AdamCoefficients
    ) {
        for i in 0..<count {
            if i &+ 1 < count {
                let next = Int(places[i &+ 1]) &* width
                prefetchRow(weights + next, width: width)
                prefetchRow(firstMoment + next, width: width)
            }
            let place = Int(places[i])
            let g = gradient + i &* width
            let square = scaledSquares(count: width, g, inverseRoots)
            let r = settings.beta2 * rowMoment[place] + (1 - settings.beta2) * square / Float(width)
            rowMoment[place] = r
            stepRow(
                count: width, gradient: g, weights: weights + place &* width, moment: firstMoment + place &* width,
                inverseRoots: inverseRoots, factor: settings.rate / (r.squareRoot() + settings.epsilon),
                settings: settings)
        }
    }

    /// Σ (g·s)².
    @inline(__always)
    private static func scaledSquares(count: Int, _ g: UnsafePointer<Float>, _ s: UnsafePointer<Float>) -> Float {
        var squares = Lanes(repeating: 0)
        var j = 0
        while j &+ 8 <= count {
            let scaled = load(g, j) * load(s, j)
            squares = multiplyAdd(squares, scaled, scaled)
            j &+= 8
        }
        var total = squares.sum()
        while j < count {
            let scaled = g[j] * s[j]
            total = multiplyAdd(total, scaled, scaled)
            j &+= 1
        }
        return total
    }

    @inline(__always)
    private static func stepRow(
        count: Int, gradient: UnsafePointer<Float>, weights: UnsafeMutablePointer<Float>,
        moment: UnsafeMutablePointer<UInt16>, inverseRoots: UnsafePointer<Float>, factor: Float,
        settings: AdamCoefficients
    ) {
        let keep1 = Lanes(repeating: settings.beta1), add1 = Lanes(repeating: 1 - settings.beta1)
        let keep = Lanes(repeating: 1 - settings.decay), factors = Lanes(repeating: factor)
        var j = 0
        while j &+ 8 <= count {
            let halves = UnsafeRawPointer(moment + j).loadUnaligned(as: SIMD8<UInt16>.self)
            let m = keep1 * widened(halves) + add1 * load(gradient, j)
            UnsafeMutableRawPointer(moment + j).storeBytes(of: narrowed(m), as: SIMD8<UInt16>.self)
            store(keep * load(weights, j) - factors * (m * load(inverseRoots, j)), weights, j)
            j &+= 8
        }
        while j < count {
            let m =
                settings.beta1 * Float(bitPattern: UInt32(moment[j]) << 16) + (1 - settings.beta1) * gradient[j]
            moment[j] = narrowed(Lanes(repeating: m))[0]
            weights[j] = (1 - settings.decay) * weights[j] - factor * (m * inverseRoots[j])
            j &+= 1
        }
    }

    @inline(__always)
    private static func widened(_ halves: SIMD8<UInt16>) -> Lanes {
        unsafeBitCast(SIMD8<UInt32>(truncatingIfNeeded: halves) &<< 16, to: Lanes.self)
    }

    /// The nearest bfloat16, of two equally near the even one.
    @inline(__always)
    private static func narrowed(_ floats: Lanes) -> SIMD8<UInt16> {
        let bits = unsafeBitCast(floats, to: SIMD8<UInt32>.self)
        return SIMD8<UInt16>(truncatingIfNeeded: (bits &+ 0x7fff &+ ((bits &>> 16) & 1)) &>> 16)
    }
}

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

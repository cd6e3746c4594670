extension Kernels {
    package static func multiplyRows(
        count: Int, inner: Int, width: Int, x: UnsafePointer<Float>, w: UnsafePointer<Float>,
        y: UnsafeMutablePointer<Float>
    ) {
        var column = 0
        while column &+ 16 <= width {
            var row = 0
            while row &+ 4 <= count {
                multiplyTile(
                    inner: inner, width: width, x: x + row &* inner, w: w + column, y: y + (row &* width &+ column))
                row &+= 4
            }
            while row < count {
                multiplyRow16(
                    inner: inner, width: width, x: x + row &* inner, w: w + column, y: y + (row &* width &+ column))
                row &+= 1
            }
            column &+= 16
        }
        if column &+ 8 <= width {
            multiplyColumns8(
                count: count, inner: inner, width: width, x: x, w: w + column, y: y + column)
            column &+= 8
        }
        while column < width {
            multiplyColumn(count: count, inner: inner, width: width, x: x, w: w + column, y: y + column)
            column &+= 1
        }
    }

    /// Four rows and sixteen columns, whose sums stay in eight registers.
    @inline(__always)
    private static func multiplyTile(
        inner: Int, width: Int, x: UnsafePointer<Float>, w: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>
    ) {
        let x1 = x + inner, x2 = x1 + inner, x3 = x2 + inner
        let y1 = y + width, y2 = y1 + width, y3 = y2 + width
        var a0 = load(y, 0), b0 = load(y, 8)
        var a1 = load(y1, 0), b1 = load(y1, 8)
        var a2 = load(y2, 0), b2 = load(y2, 8)
        var a3 = load(y3, 0), b3 = load(y3, 8)
        var weights = w
        for i in 0..<inner {
            let a = load(weights, 0), b = load(weights, 8)
            let v0 = Lanes(repeating: x[i]), v1 = Lanes(repeating: x1[i])
            a0 = multiplyAdd(a0, v0, a)
            b0 = multiplyAdd(b0, v0, b)
            a1 = multiplyAdd(a1, v1, a)
            b1 = multiplyAdd(b1, v1, b)
            let v2 = Lanes(repeating: x2[i]), v3 = Lanes(repeating: x3[i])
            a2 = multiplyAdd(a2, v2, a)
            b2 = multiplyAdd(b2, v2, b)
            a3 = multiplyAdd(a3, v3, a)
            b3 = multiplyAdd(b3, v3, b)
            weights += width
        }
        store(a0, y, 0)
        store(b0, y, 8)
        store(a1, y1, 0)
        store(b1, y1, 8)
        store(a2, y2, 0)
        store(b2, y2, 8)
        store(a3, y3, 0)
        store(b3, y3, 8)
    }

    /// One row of sixteen columns: what `multiplyTile` does to each of its rows.
    @inline(__always)
    private static func multiplyRow16(
        inner: Int, width: Int, x: UnsafePointer<Float>, w: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>
    ) {
        var a = load(y, 0), b = load(y, 8)
        var weights = w
        for i in 0..<inner {
            let value = Lanes(repeating: x[i])
            a = multiplyAdd(a, value, load(weights, 0))
            b = multiplyAdd(b, value, load(weights, 8))
            weights += width
        }
        store(a, y, 0)
        store(b, y, 8)
    }

    /// Eight columns of all rows.
    @inline(__always)
    private static func multiplyColumns8(
        count: Int, inner: Int, width: Int, x: UnsafePointer<Float>, w: UnsafePointer<Float>,
        y: UnsafeMutablePointer<Float>
    ) {
        var row = 0
        while row &+ 4 <= count {
            let x0 = x + row &* inner, y0 = y + row &* width
            let x1 = x0 + inner, x2 = x1 + inner, x3 = x2 + inner
            let y1 = y0 + width, y2 = y1 + width, y3 = y2 + width
            var s0 = load(y0, 0), s1 = load(y1, 0), s2 = load(y2, 0), s3 = load(y3, 0)
            for i in 0..<inner {
                let weights = load(w, i &* width)
                s0 = multiplyAdd(s0, Lanes(repeating: x0[i]), weights)
                s1 = multiplyAdd(s1, Lanes(repeating: x1[i]), weights)
                s2 = multiplyAdd(s2, Lanes(repeating: x2[i]), weights)
                s3 = multiplyAdd(s3, Lanes(repeating: x3[i]), weights)
            }
            store(s0, y0, 0)
            store(s1, y1, 0)
            store(s2, y2, 0)
            store(s3, y3, 0)
            row &+= 4
        }
        while row < count {
            let start = x + row &* inner
            var sum = load(y, row &* width)
            for i in 0..<inner { sum = multiplyAdd(sum, Lanes(repeating: start[i]), load(w, i &* width)) }
            store(sum, y, row &* width)
            row &+= 1
        }
    }

    /// One column of all rows.
    @inline(__always)
    private static func multiplyColumn(
        count: Int, inner: Int, width: Int, x: UnsafePointer<Float>, w: UnsafePointer<Float>,
        y: UnsafeMutablePointer<Float>
    ) {
        var row = 0
        while row &+ 4 <= count {
            let x0 = x + row &* inner, y0 = y + row &* width
            let x1 = x0 + inner, x2 = x1 + inner, x3 = x2 + inner
            var s0 = y0[0], s1 = y0[width], s2 = y0[2 &* width], s3 = y0[3 &* width]
            for i in 0..<inner {
                let weight = w[i &* width]
                s0 = multiplyAdd(s0, x0[i], weight)
                s1 = multiplyAdd(s1, x1[i], weight)
                s2 = multiplyAdd(s2, x2[i], weight)
                s3 = multiplyAdd(s3, x3[i], weight)
            }
            y0[0] = s0
            y0[width] = s1
            y0[2 &* width] = s2
            y0[3 &* width] = s3
            row &+= 4
        }
        while row < count {
            let start = x + row &* inner
            var sum = y[row &* width]
            for i in 0..<inner { sum = multiplyAdd(sum, start[i], w[i &* width]) }
            y[row &* width] = sum
            row &+= 1
        }
    }
}

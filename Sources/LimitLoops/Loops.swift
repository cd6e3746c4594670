import CProcessor

/// What a processor can do at best, as loops that do little else: multiply and add in registers, read memory in order,
/// and read rows in a given order. Compiled twice, as the kernels are, for the baseline and for x86-64-v3.
package enum Loops {
    #if LIMITS_V3
        /// Eight floats: one AVX register.
        typealias Lanes = SIMD8<Float>
    #else
        /// Four floats: one SSE or NEON register.
        typealias Lanes = SIMD4<Float>
    #endif

    /// Floating-point operations of one repetition of `multiplyAdd`.
    package static var operationsPerRepetition: Int { 2 * 12 * Lanes.scalarCount }

    /// Twelve independent chains a ← a·x + y: enough to hide the latency of the instructions, few enough to stay in
    /// registers.
    ///
    /// - Returns: a sum of them all, so that none can be left out.
    @inline(never)
    package static func multiplyAdd(repetitions: Int, factor: Float, term: Float) -> Float {
        let (x, y) = (Lanes(repeating: factor), Lanes(repeating: term))
        var a0 = y, a1 = y + 1, a2 = y + 2, a3 = y + 3, a4 = y + 4, a5 = y + 5
        var a6 = y + 6, a7 = y + 7, a8 = y + 8, a9 = y + 9, a10 = y + 10, a11 = y + 11
        for _ in 0..<repetitions {
            a0 = step(a0, x, y)
            a1 = step(a1, x, y)
            a2 = step(a2, x, y)
            a3 = step(a3, x, y)
            a4 = step(a4, x, y)
            a5 = step(a5, x, y)
            a6 = step(a6, x, y)
            a7 = step(a7, x, y)
            a8 = step(a8, x, y)
            a9 = step(a9, x, y)
            a10 = step(a10, x, y)
            a11 = step(a11, x, y)
        }
        return ((a0 + a1) + (a2 + a3) + (a4 + a5) + (a6 + a7) + (a8 + a9) + (a10 + a11)).sum()
    }

    /// The sum of consecutive floats, 64 at a time; what is left of them is left out.
    @inline(never)
    package static func sum(count: Int, x: UnsafePointer<Float>) -> Float {
        var sums = Sums()
        var i = 0
        while i &+ 64 <= count {
            sums.add64(x + i)
            i &+= 64
        }
        return sums.total
    }

    /// The sum of rows of a table, in the given order, each read once from front to end; of columns beyond a multiple
    /// of 8 nothing is read.
    ///
    /// - Parameters:
    ///   - ahead: how many rows before its turn a row is asked for; 0 leaves that to the processor.
    ///   - table: row-major, `stride` floats a row, of which `width` are read.
    @inline(never)
    package static func gather(
        count: Int, rows: UnsafePointer<UInt32>, ahead: Int, table: UnsafePointer<Float>, stride: Int, width: Int
    ) -> Float {
        var sums = Sums()
        for i in 0..<count {
            if ahead > 0 && i &+ ahead < count {
                let next = table + Int(rows[i &+ ahead]) &* stride
                for line in Swift.stride(from: 0, to: width, by: 16) { processor_prefetch(next + line) }
            }
            let row = table + Int(rows[i]) &* stride
            var column = 0
            while column &+ 64 <= width {
                sums.add64(row + column)
                column &+= 64
            }
            while column &+ 8 <= width {
                sums.add8(row + column)
                column &+= 8
            }
        }
        return sums.total
    }

    @inline(__always)
    private static func step(_ a: Lanes, _ x: Lanes, _ y: Lanes) -> Lanes {
        #if LIMITS_V3 || arch(arm64)
            y.addingProduct(a, x)
        #else
            a * x + y
        #endif
    }
}

/// Eight running sums, so that additions don't wait for one another.
private struct Sums {
    private typealias Eight = SIMD8<Float>
    private var s0 = Eight.zero, s1 = Eight.zero, s2 = Eight.zero, s3 = Eight.zero
    private var s4 = Eight.zero, s5 = Eight.zero, s6 = Eight.zero, s7 = Eight.zero

    @inline(__always)
    mutating func add64(_ x: UnsafePointer<Float>) {
        s0 += load(x)
        s1 += load(x + 8)
        s2 += load(x + 16)
        s3 += load(x + 24)
        s4 += load(x + 32)
        s5 += load(x + 40)
        s6 += load(x + 48)
        s7 += load(x + 56)
    }

    @inline(__always)
    mutating func add8(_ x: UnsafePointer<Float>) { s0 += load(x) }

    var total: Float { ((s0 + s1) + (s2 + s3) + (s4 + s5) + (s6 + s7)).sum() }

    @inline(__always)
    private func load(_ x: UnsafePointer<Float>) -> Eight { UnsafeRawPointer(x).loadUnaligned(as: Eight.self) }
}

import CProcessor
import LimitLoops

#if canImport(LimitLoopsV3)
    import LimitLoopsV3
#endif

/// The loops that measure this processor's limits, from the build for this processor, whatever kernels are in use.
struct ProcessorLoops: Sendable {
    let operationsPerRepetition: Int
    let multiplyAdd: @Sendable (_ repetitions: Int) -> Float
    let sum: @Sendable (_ count: Int, UnsafePointer<Float>) -> Float
    let gather: @Sendable (Gather) -> Float

    /// Rows of a table to be read, each `width` of `stride` floats.
    struct Gather {
        let count: Int
        let rows: UnsafePointer<UInt32>
        let ahead: Int
        let table: UnsafePointer<Float>
        let stride: Int
        let width: Int
    }

    static let best: ProcessorLoops = {
        #if canImport(LimitLoopsV3)
            if processor_supports_x86_64_v3() != 0 { return v3 }
        #endif
        return baseline
    }()

    // A factor and a term with which the values remain finite and normal.
    private static let baseline = ProcessorLoops(
        operationsPerRepetition: LimitLoops.Loops.operationsPerRepetition,
        multiplyAdd: { LimitLoops.Loops.multiplyAdd(repetitions: $0, factor: 0.75, term: 0.25) },
        sum: { LimitLoops.Loops.sum(count: $0, x: $1) },
        gather: {
            LimitLoops.Loops.gather(
                count: $0.count, rows: $0.rows, ahead: $0.ahead, table: $0.table, stride: $0.stride, width: $0.width)
        })

    #if canImport(LimitLoopsV3)
        private static let v3 = ProcessorLoops(
            operationsPerRepetition: LimitLoopsV3.Loops.operationsPerRepetition,
            multiplyAdd: { LimitLoopsV3.Loops.multiplyAdd(repetitions: $0, factor: 0.75, term: 0.25) },
            sum: { LimitLoopsV3.Loops.sum(count: $0, x: $1) },
            gather: {
                LimitLoopsV3.Loops.gather(
                    count: $0.count, rows: $0.rows, ahead: $0.ahead, table: $0.table, stride: $0.stride,
                    width: $0.width)
            })
    #endif
}

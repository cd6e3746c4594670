import CGraphBLAS

/// The error of a call of SuiteSparse:GraphBLAS. Shapes are checked before calls, so the remaining cause is mostly lack
/// of memory.
public struct GraphBLASError: Error, Equatable, CustomStringConvertible {
    /// The name of the code that the library returned, such as `GrB_OUT_OF_MEMORY`.
    public let code: String
    /// The function that returned it.
    public let function: String
    /// The description of the error by `GrB_error`; often empty.
    public let explanation: String

    public var isLackOfMemory: Bool { code == "GrB_OUT_OF_MEMORY" }

    public var description: String {
        explanation.isEmpty ? "\(function) failed: \(code)" : "\(function) failed: \(code): \(explanation)"
    }

    init(_ info: GrB_Info, function: String, explanation: String = "") {
        code = Self.name(of: info)
        self.function = function
        self.explanation = explanation
    }

    private static func name(of info: GrB_Info) -> String {
        switch info {
        case GrB_NO_VALUE: "GrB_NO_VALUE"
        case GxB_EXHAUSTED: "GxB_EXHAUSTED"
        case GrB_UNINITIALIZED_OBJECT: "GrB_UNINITIALIZED_OBJECT"
        case GrB_NULL_POINTER: "GrB_NULL_POINTER"
        case GrB_INVALID_VALUE: "GrB_INVALID_VALUE"
        case GrB_INVALID_INDEX: "GrB_INVALID_INDEX"
        case GrB_DOMAIN_MISMATCH: "GrB_DOMAIN_MISMATCH"
        case GrB_DIMENSION_MISMATCH: "GrB_DIMENSION_MISMATCH"
        case GrB_OUTPUT_NOT_EMPTY: "GrB_OUTPUT_NOT_EMPTY"
        case GrB_NOT_IMPLEMENTED: "GrB_NOT_IMPLEMENTED"
        case GrB_PANIC: "GrB_PANIC"
        case GrB_OUT_OF_MEMORY: "GrB_OUT_OF_MEMORY"
        case GrB_INSUFFICIENT_SPACE: "GrB_INSUFFICIENT_SPACE"
        case GrB_INVALID_OBJECT: "GrB_INVALID_OBJECT"
        case GrB_INDEX_OUT_OF_BOUNDS: "GrB_INDEX_OUT_OF_BOUNDS"
        case GrB_EMPTY_OBJECT: "GrB_EMPTY_OBJECT"
        default: "code \(info.rawValue)"
        }
    }
}

/// SuiteSparse:GraphBLAS is not installed on this machine, or not in the version that this package was built for.
public struct GraphBLASNotInstalled: Error, Equatable, CustomStringConvertible {
    /// The library file that was looked for.
    public let file: String
    /// The error message of the system's loader.
    public let reason: String

    public var description: String {
        "GraphBLAS cannot be loaded: \(reason); install the package that has \(file) (\(GraphBLASInstallation.debianPackage) on Debian "
            + "and Ubuntu), or use the backend swift, which needs no library"
    }
}

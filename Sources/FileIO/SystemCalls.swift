import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Makes system calls and turns their failure into a `FileError`.
///
/// - Parameter failure: the error to throw, given the system's description of the failure.
package func systemCalls<Value>(
    failingAs failure: (_ reason: String) -> FileError, _ calls: () throws -> Value
) throws(FileError) -> Value {
    do {
        return try calls()
    } catch {
        throw failure(String(describing: error))
    }
}

/// The system's description of the last failed call.
package func systemErrorText() -> String { String(cString: strerror(errno)) }

extension FileDescriptor {
    /// Opens the file at a path (see `PathText`). Programs started by this one do not inherit the descriptor.
    ///
    /// - Throws: `Errno`.
    static func open(
        path: String, _ mode: AccessMode, options: OpenOptions = [], permissions: FilePermissions? = nil
    ) throws -> FileDescriptor {
        try path.withSystemPath {
            try open($0, mode, options: options.union(.closeOnExec), permissions: permissions)
        }
    }

    /// Closes a file that was only read or is discarded, so that a failure of closing does not matter.
    package func release() { _ = try? close() }
}

extension FilePermissions {
    /// The permissions of a new output file, before the user's mask is applied.
    static let ofOutputs = FilePermissions(rawValue: 0o666)
}

/// An output file of which something is known only at the end, such as how many rows it has: until `commit` its bytes
/// can be changed. It appears whole or not at all, as `AtomicFile` says.
///
/// For standard output, devices and pipes the bytes wait in a temporary file until then, or else go out as they come
/// and cannot be changed.
package final class DraftFile {
    package let path: String
    /// Whether what was written can still be changed.
    package let isChangeable: Bool
    private var file: AtomicFile

    /// - Parameter flowing: whether bytes for standard output, devices and pipes go out as they come.
    /// - Throws: `FileError.cannotCreate`.
    package init(path: String, flowing: Bool = false) throws(FileError) {
        self.path = path
        isChangeable = !flowing || isReplaceable(path)
        file = isChangeable ? try AtomicFile.changeable(path: path) : try AtomicFile(path: path)
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) { try file.write(bytes) }

    package func write(_ bytes: [UInt8]) throws(FileError) { try file.write(bytes) }

    /// Hands on what was written, if it goes out as it comes.
    package func flow() throws(FileError) {
        if !isChangeable { try file.flush() }
    }

    /// Writes over the first bytes.
    ///
    /// - Precondition: the file is changeable and has as many bytes.
    package func replaceStart(with bytes: [UInt8]) throws(FileError) {
        precondition(isChangeable, "\(path) cannot be changed any more")
        try file.overwrite(bytes, at: 0)
    }

    /// Puts bytes before what was written.
    ///
    /// - Precondition: the file is changeable.
    /// - Complexity: O(bytes written), on disk; memory holds a megabyte of them.
    package func prepend(_ bytes: [UInt8]) throws(FileError) {
        try rewrite { old, new throws(FileError) in
            try new.write(bytes)
            try old.forEachPiece { piece throws(FileError) in try new.write(piece) }
        }
    }

    /// Changes each line that was written.
    ///
    /// - Parameter change: gets a line without its end and its number; appends what is to stand there, with its end.
    /// - Precondition: the file is changeable, and what was written are whole lines.
    /// - Complexity: as `prepend`.
    package func changeLines(
        _ change: (_ line: UnsafeRawBufferPointer, _ number: Int, _ result: inout [UInt8]) -> Void
    ) throws(FileError) {
        try rewrite { old, new throws(FileError) in
            var (line, result, number) = ([UInt8](), [UInt8](), 0)
            try old.forEachPiece { piece throws(FileError) in
                for byte in piece {
                    if byte != UInt8(ascii: "\n") {
                        line.append(byte)
                        continue
                    }
                    line.withUnsafeBytes { change($0, number, &result) }
                    line.removeAll(keepingCapacity: true)
                    number += 1
                }
                try new.write(result)
                result.removeAll(keepingCapacity: true)
            }
        }
    }

    private func rewrite(_ body: (_ old: AtomicFile, _ new: AtomicFile) throws(FileError) -> Void) throws(FileError) {
        precondition(isChangeable, "\(path) cannot be changed any more")
        let new = try AtomicFile.changeable(path: path)
        try body(file, new)
        file = new
    }

    /// Makes the file appear under its name, or sends it there.
    package func commit() throws(FileError) {
        guard isChangeable, !isReplaceable(path) else { return try file.commit() }
        let output = try AtomicFile(path: path)
        try file.forEachPiece { piece throws(FileError) in try output.write(piece) }
        try output.commit()
    }
}

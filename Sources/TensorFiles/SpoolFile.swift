import FileIO
import SystemPackage

/// A temporary file of elements, used until something is known that must be written before them, such as their number.
/// The file has no name and is deleted with the object, even if the program is killed.
package final class SpoolFile<Element: TensorElement> {
    package private(set) var count = 0
    private let path: String
    private let descriptor: FileDescriptor
    private var buffer: [Element] = []
    private static var bufferCount: Int { (1 << 20) / MemoryLayout<Element>.stride }

    /// - Parameter target: the file that is being created; if it is a file, the temporary file is created on the same
    ///   disk.
    /// - Throws: `FileError.cannotCreate`.
    package init(besides target: String) throws(FileError) {
        path = target
        descriptor = try namelessFile(besides: target)
        buffer.reserveCapacity(Self.bufferCount)
    }

    deinit { descriptor.release() }

    package func append(_ element: Element) throws(FileError) {
        if buffer.count == Self.bufferCount { try flush() }
        buffer.append(element)
        count += 1
    }

    /// Appends many elements.
    package func append(contentsOf elements: UnsafeBufferPointer<Element>) throws(FileError) {
        count += elements.count
        if elements.count <= Self.bufferCount - buffer.count {
            buffer.append(contentsOf: elements)
            return
        }
        try flush()
        try writeAll(UnsafeRawBufferPointer(elements))
    }

    /// Appends many elements; see the overload above.
    package func append(contentsOf elements: [Element]) throws(FileError) {
        try elements.withUnsafeBufferPointer { (elements) throws(FileError) in try append(contentsOf: elements) }
    }

    /// Removes all elements but the first `newCount`.
    package func truncate(to newCount: Int) throws(FileError) {
        precondition((0...count).contains(newCount), "\(count) elements cannot be cut to \(newCount)")
        try flush()
        try systemCalls(failingAs: { .writeFailed(path: path, reason: $0) }) {
            _ = try descriptor.seek(offset: Int64(newCount * MemoryLayout<Element>.stride), from: .start)
        }
        count = newCount
    }

    /// Calls `body` with all elements in order, in pieces; `body` may change its piece in place, which does not change
    /// the stored elements.
    ///
    /// - Parameter body: receives a piece and the index of its first element.
    package func forEachPiece(
        _ body: (UnsafeMutableBufferPointer<Element>, Int) throws(FileError) -> Void
    ) throws(FileError) {
        try flush()
        let longest = min(Self.bufferCount, count)
        var piece = [Element](unsafeUninitializedCapacity: longest) { elements, count in
            UnsafeMutableRawBufferPointer(elements).initializeMemory(as: UInt8.self, repeating: 0)
            count = longest
        }
        var start = 0
        while start < count {
            let pieceCount = min(Self.bufferCount, count - start)
            try piece.withUnsafeMutableBufferPointer { (elements) throws(FileError) in
                let part = UnsafeMutableBufferPointer(rebasing: elements[..<pieceCount])
                try read(into: UnsafeMutableRawBufferPointer(part), from: start * MemoryLayout<Element>.stride)
                try body(part, start)
            }
            start += pieceCount
        }
    }

    private func read(into bytes: UnsafeMutableRawBufferPointer, from offset: Int) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let got = try systemCalls(failingAs: { .readFailed(path: path, reason: $0) }) {
                try descriptor.read(
                    fromAbsoluteOffset: Int64(offset + done),
                    into: UnsafeMutableRawBufferPointer(rebasing: bytes[done...]))
            }
            guard got > 0 else { throw .readFailed(path: path, reason: "its temporary file was cut short") }
            done += got
        }
    }

    private func flush() throws(FileError) {
        try buffer.withUnsafeBufferPointer { (elements) throws(FileError) in
            try writeAll(UnsafeRawBufferPointer(elements))
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try systemCalls(failingAs: { .writeFailed(path: path, reason: $0) }) { _ = try descriptor.writeAll(bytes) }
    }
}

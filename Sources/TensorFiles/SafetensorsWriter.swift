import FileIO

/// Writes a safetensors file as a stream: all tensors are declared first, then their bytes follow in chunks of any
/// size, so the data need not fit in memory. The file is created by `commit()`, complete or not at all.
///
/// The data starts at a multiple of 64 bytes, and tensors are stored in the order of descending element size (otherwise
/// as declared), so that each is aligned to its elements. The same content gives the same bytes.
package final class SafetensorsWriter {
    /// The tensors in the order in which their elements must be written.
    package let tensors: [TensorDescription]
    private let file: AtomicFile
    /// Of all bytes so far; nil if the file gets none.
    private var checksum: StreamChecksum?
    private var current = 0
    private var bytesLeft = 0

    /// - Parameter isChecksummed: whether the file ends with a tensor of its checksum; see `StreamChecksum`.
    /// - Throws: `FileError.cannotCreate` or `.writeFailed`.
    /// - Precondition: names are distinct and not `__metadata__`; types are supported.
    package init(
        path: String, tensors: [TensorDescription], metadata: [String: String] = [:], isChecksummed: Bool = false
    ) throws(FileError) {
        precondition(Set(tensors.map(\.name)).count == tensors.count, "two tensors have the same name")
        for tensor in tensors {
            precondition(tensor.name != SafetensorsHeader.metadataKey, "'\(tensor.name)' is not a tensor's name")
            precondition(tensor.type.isSupported, "tensor '\(tensor.name)' cannot be \(tensor.type.rawValue)")
        }
        // Sorting by the size and the position is stable, which `sort` alone does not guarantee.
        self.tensors = tensors.enumerated().sorted {
            ($1.element.type.byteWidth, $0.offset) < ($0.element.type.byteWidth, $1.offset)
        }.map(\.element)
        file = try AtomicFile(path: path)
        let added = isChecksummed ? [StreamChecksum.tensor] : []
        let header = SafetensorsHeader(tensors: self.tensors + added, metadata: metadata).encoded
        if isChecksummed {
            checksum = StreamChecksum()
            header.withUnsafeBytes { checksum?.add($0) }
        }
        try file.write(header)
        bytesLeft = self.tensors.first?.byteCount ?? 0
        skipComplete()
    }

    /// Appends elements to a tensor.
    ///
    /// - Precondition: `name` is the next tensor to be written (see `tensors`), of this element type, and not yet
    ///   complete.
    package func write<Element: TensorElement>(
        _ elements: UnsafeBufferPointer<Element>, to name: String
    ) throws(FileError) {
        guard !elements.isEmpty else { return }
        precondition(
            current == tensors.count || tensors[current].type == Element.tensorType,
            "tensor '\(name)' is not of \(Element.self)")
        try write(raw: UnsafeRawBufferPointer(elements), to: name)
    }

    /// Appends elements that are given as bytes; see the overload above.
    package func write(raw bytes: UnsafeRawBufferPointer, to name: String) throws(FileError) {
        if bytes.isEmpty { return }
        precondition(current < tensors.count, "tensor '\(name)': everything declared was written already")
        let tensor = tensors[current]
        precondition(tensor.name == name, "tensor '\(name)': it is the turn of '\(tensor.name)'")
        precondition(bytes.count <= bytesLeft, "tensor '\(name)': \(bytes.count) bytes, room for \(bytesLeft)")
        checksum?.add(bytes)
        try file.write(bytes)
        bytesLeft -= bytes.count
        skipComplete()
    }

    /// Appends elements to a tensor; see the overload above.
    package func write<Element: TensorElement>(_ elements: [Element], to name: String) throws(FileError) {
        try elements.withUnsafeBufferPointer { (buffer) throws(FileError) in try write(buffer, to: name) }
    }

    /// Completes the file and moves it to its path.
    ///
    /// - Parameter durably: see `AtomicFile.commit`.
    /// - Precondition: all declared elements have been written.
    package func commit(durably: Bool = false) throws(FileError) {
        precondition(
            current == tensors.count, "tensor '\(tensors[min(current, tensors.count - 1)].name)' is incomplete")
        if let checksum { try file.write(checksum.bytes) }
        try file.commit(durably: durably)
    }

    private func skipComplete() {
        while current < tensors.count, bytesLeft == 0 {
            current += 1
            if current < tensors.count { bytesLeft = tensors[current].byteCount }
        }
    }
}

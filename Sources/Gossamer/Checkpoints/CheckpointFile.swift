import Autoencoders
import FileIO
import TensorFiles

/// The checkpoint file: a safetensors file with a checksum. Its tensors are the parts of a training's state, by their
/// names in `SavedState`, and the history of its epochs, by the names of model files; its metadata tell what it is a
/// training of, see `CheckpointIdentity`.
enum CheckpointFile {
    /// Writes a state part by part, so that it need not be in memory twice.
    ///
    /// - Parameter visit: called several times, since a file has its largest numbers first.
    /// - Returns: false, leaving the file that is there, if a number of the state is not finite: no training could go on
    ///   from it.
    static func write(
        to path: String, metadata: [String: String], history: [TrainingMeasures], _ visit: (StateWalk) -> Void
    ) throws(FileError) -> Bool {
        let curve = history.contents.sorted { $0.key < $1.key }
        var tensors = curve.map { $0.value.description(named: $0.key) }
        visit(StateWalk(filling: false) { tensors.append($0.description) })
        let writer = try SafetensorsWriter(path: path, tensors: tensors, metadata: metadata, isChecksummed: true)
        for (name, content) in curve { try content.write(to: writer, as: name) }
        var progress = Result<Bool, FileError>.success(true)
        for width in [8, 4, 1] {
            visit(
                StateWalk(filling: false) { part in
                    guard part.description.type.byteWidth == width, case .success(true) = progress else { return }
                    progress = Result { () throws(FileError) in try part.write(to: writer) }
                })
        }
        guard try progress.get() else { return false }
        try writer.commit(durably: true)
        return true
    }

    /// Fills a state from a file.
    ///
    /// - Parameter identity: of the training that is to go on.
    /// - Returns: the history of the epochs until then.
    /// - Throws: `FileError.badData` if the file is not whole, or of another training.
    static func read(
        _ path: String, _ identity: CheckpointIdentity, _ visit: (StateWalk) -> Void
    ) throws(FileError) -> [TrainingMeasures] {
        let file = try SafetensorsFile(path: path)
        try identity.check(file.metadata, path: path)
        try file.verifyChecksum()
        let history = try [TrainingMeasures](ModelReader(file: file, path: path))
        var left = Set(file.tensors.map(\.name)).subtracting(history.contents.keys)
        left.remove(StreamChecksum.tensor.name)
        var progress = Result<Void, FileError>.success(())
        visit(
            StateWalk(filling: true) { part in
                guard case .success = progress else { return }
                left.remove(part.name)
                progress = Result { () throws(FileError) in try part.fill(from: file) }
            })
        try progress.get()
        if let name = left.min() {
            throw .badData(
                BadData(
                    path: path, found: "the tensor '\(name)'", expected: "none of that name",
                    advice: "go on with the version of the program that began, or start a new training"))
        }
        return history
    }
}

extension StateWalk.Part {
    var description: TensorDescription { TensorDescription(name: name, type: kind.tensorType, shape: shape) }

    /// - Returns: false if a number is not finite; nothing may then be written any more.
    fileprivate func write(to writer: SafetensorsWriter) throws(FileError) -> Bool {
        let bytes = UnsafeRawBufferPointer(bytes)
        // In pieces that stay in the processor's cache between the check and the copy.
        for start in stride(from: 0, to: bytes.count, by: Self.pieceSize) {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + Self.pieceSize, bytes.count)])
            if kind == .float && !Self.isFinite(piece) { return false }
            try writer.write(raw: piece, to: name)
        }
        return true
    }

    private static let pieceSize = 1 << 20

    /// Whether no number of Float has an exponent of ones only.
    private static func isFinite(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let exponent: UInt32 = 0x7F80_0000
        return bytes.withMemoryRebound(to: UInt32.self) { words in
            var isFinite = true
            for word in words { isFinite = isFinite && word & exponent != exponent }
            return isFinite
        }
    }

    fileprivate func fill(from file: SafetensorsFile) throws(FileError) {
        bytes.copyMemory(from: try file.bytes(named: name, type: kind.tensorType, shape: shape))
    }
}

extension StateWalk.Part.Kind {
    fileprivate var tensorType: TensorType {
        switch self {
        case .float: .float32
        case .double: .float64
        case .integer: .int64
        case .byte: .uint8
        }
    }
}

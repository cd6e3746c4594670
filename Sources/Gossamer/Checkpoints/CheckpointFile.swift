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
    /// - Throws: `FileError`, leaving the file that is there; also if a number of the state is not finite, since no
    ///   training could go on from it.
    static func write(
        to path: String, metadata: [String: String], history: [TrainingMeasures], _ visit: (StateWalk) -> Void
    ) throws(FileError) {
        let curve = history.contents.sorted { $0.key < $1.key }
        var tensors = curve.map { $0.value.description(named: $0.key) }
        visit(StateWalk(filling: false) { tensors.append($0.description) })
        let writer = try SafetensorsWriter(path: path, tensors: tensors, metadata: metadata, isChecksummed: true)
        for (name, content) in curve { try content.write(to: writer, as: name) }
        var progress = Result<Void, FileError>.success(())
        for width in [8, 4, 1] {
            visit(
                StateWalk(filling: false) { part in
                    guard part.kind.byteWidth == width, case .success = progress else { return }
                    progress = Result { () throws(FileError) in try part.write(to: writer, path: path) }
                })
        }
        try progress.get()
        try writer.commit(durably: true)
    }

    /// Fills a state from a file.
    ///
    /// - Parameter identity: of the training that is to go on.
    /// - Returns: the history of the epochs until then.
    /// - Throws: `FileError.badData` if the file is not whole, or of another training, or has what no training has.
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
        let walk = StateWalk(filling: true) { part in
            guard case .success = progress else { return }
            left.remove(part.name)
            progress = Result { () throws(FileError) in try part.fill(from: file, path: path) }
        }
        visit(walk)
        try progress.get()
        if let problem = walk.problem {
            throw impossible("\(problem.part) that no training has", expected: Message(problem.expected), path: path)
        }
        let epochs = try file.array(named: "position.epochs", of: Int.self)
        guard [history.count] == epochs else {
            throw impossible("a history of \(history.count) epochs", expected: "one of \(epochs[0])", path: path)
        }
        if let name = left.min() {
            throw .badData(
                BadData(
                    path: path, found: "the tensor '\(name)'", expected: "none of that name",
                    advice: "go on with the version of the program that began, or start a new training"))
        }
        return history
    }

    fileprivate static func impossible(_ found: String, expected: Message, path: String) -> FileError {
        .badData(
            BadData(path: path, found: found, expected: expected, advice: "the file is damaged: take an earlier one"))
    }
}

extension StateWalk.Part {
    var description: TensorDescription { TensorDescription(name: name, type: kind.tensorType, shape: shape) }

    fileprivate func write(to writer: SafetensorsWriter, path: String) throws(FileError) {
        let bytes = UnsafeRawBufferPointer(bytes)
        // In pieces that stay in the processor's cache between the check and the copy.
        for start in stride(from: 0, to: bytes.count, by: Self.pieceSize) {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + Self.pieceSize, bytes.count)])
            guard kind.areFinite(piece) else {
                throw .writeFailed(
                    path: path, reason: "\(name) has a number that is not finite, from which no training can go on")
            }
            try writer.write(raw: piece, to: name)
        }
    }

    private static let pieceSize = 1 << 20

    fileprivate func fill(from file: SafetensorsFile, path: String) throws(FileError) {
        bytes.copyMemory(from: try file.bytes(named: name, type: kind.tensorType, shape: shape))
        guard kind.areFinite(UnsafeRawBufferPointer(bytes)) else {
            throw CheckpointFile.impossible(
                "a number in \(name) that is not finite", expected: "finite numbers", path: path)
        }
    }
}

extension StateWalk.Part.Kind {
    /// Whether no floating-point number has an exponent of ones only.
    fileprivate func areFinite(_ bytes: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .float: Self.lack(exponent: UInt32(0x7F80_0000), bytes)
        case .double: Self.lack(exponent: UInt64(0x7FF0_0000_0000_0000), bytes)
        case .integer, .byte: true
        }
    }

    /// The largest of the masked words tells, without a branch in the loop.
    private static func lack<Word: FixedWidthInteger>(exponent: Word, _ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.withMemoryRebound(to: Word.self) { words in
            var largest: Word = 0
            for word in words { largest = max(largest, word & exponent) }
            return largest != exponent
        }
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

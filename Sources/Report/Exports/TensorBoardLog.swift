import FileIO
import Gossamer
import SparseMatrices

/// A folder that TensorBoard shows: the training curve as scalars, and the documents of a report for its Projector.
package struct TensorBoardLog {
    private let report: ModelReport

    package init(_ report: ModelReport) { self.report = report }

    /// The files of a folder.
    package static func paths(in folder: String) -> [String] {
        // TensorBoard takes any file with this in its name for events.
        ["events.out.tfevents.0.gossamer", "documents.tsv", "documents-metadata.tsv", "projector_config.pbtxt"]
            .map { "\(folder)/\($0)" }
    }

    /// Writes the files of the folder, which must be there.
    package func write(to folder: String) throws(FileError) {
        let configuration = Array(
            """
            embeddings {
              tensor_name: "documents"
              tensor_path: "documents.tsv"
              metadata_path: "documents-metadata.tsv"
            }

            """.utf8)
        for (path, bytes) in zip(Self.paths(in: folder), [events, vectors, metadata, configuration]) {
            try write(bytes, to: path)
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let file = try AtomicFile(path: path)
        try file.write(bytes)
        try file.commit()
    }

    private var vectors: [UInt8] {
        (0..<report.codes.rowCount).flatMap { row in
            Array((report.codes.row(row).map { "\($0)" }.joined(separator: "\t") + "\n").utf8)
        }
    }

    private var metadata: [UInt8] {
        var lines = "document\tlabel\n"
        for document in report.documents {
            let label = document.label.map { report.labels[$0].name } ?? ""
            lines += "\(Self.field(document.name))\t\(Self.field(label))\n"
        }
        return Array(lines.utf8)
    }

    private static func field(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
    }

    // MARK: - Events

    /// TFRecords of `Event` messages: the version of the format, then each measure of each epoch.
    private var events: [UInt8] {
        var version = ProtobufMessage()
        version.add(1, 0.0)
        version.add(3, Array("brain.Event:2".utf8))
        var records = Self.record(version.bytes)
        for (epoch, measures) in report.history.enumerated() {
            for (name, value) in measures.named {
                var point = ProtobufMessage()
                point.add(1, Array("training/\(name.rawValue)".utf8))
                point.add(2, Float(value))
                var summary = ProtobufMessage()
                summary.add(1, point.bytes)
                var event = ProtobufMessage()
                event.add(1, 0.0)
                event.add(2, UInt64(epoch + 1))
                event.add(5, summary.bytes)
                records += Self.record(event.bytes)
            }
        }
        return records
    }

    /// Length, its checksum, data, their checksum.
    private static func record(_ data: [UInt8]) -> [UInt8] {
        let length = littleEndian(UInt64(data.count))
        return length + littleEndian(maskedChecksum(length)) + data + littleEndian(maskedChecksum(data))
    }

    private static func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
        let checksum = castagnoli(bytes)
        return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
    }

    /// CRC-32C, bit by bit: these are short.
    private static func castagnoli(_ bytes: [UInt8]) -> UInt32 {
        var checksum = UInt32.max
        for byte in bytes {
            checksum ^= UInt32(byte)
            for _ in 0..<8 { checksum = checksum & 1 == 1 ? checksum >> 1 ^ 0x82F6_3B78 : checksum >> 1 }
        }
        return ~checksum
    }
}

private func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

/// The fields of a message in Protocol Buffers' encoding.
private struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ field: UInt64, _ number: UInt64) {
        addVarint(field << 3)
        addVarint(number)
    }

    mutating func add(_ field: UInt64, _ number: Double) {
        addVarint(field << 3 | 1)
        bytes += littleEndian(number.bitPattern)
    }

    mutating func add(_ field: UInt64, _ number: Float) {
        addVarint(field << 3 | 5)
        bytes += littleEndian(number.bitPattern)
    }

    mutating func add(_ field: UInt64, _ content: [UInt8]) {
        addVarint(field << 3 | 2)
        addVarint(UInt64(content.count))
        bytes += content
    }

    private mutating func addVarint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

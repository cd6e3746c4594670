import Foundation
import Testing

@testable import FileIO
@testable import TensorFiles

@Suite struct ChecksumTests {
    private func sum(_ pieces: [[UInt8]]) -> [UInt8] {
        var checksum = StreamChecksum()
        for piece in pieces { piece.withUnsafeBytes { checksum.add($0) } }
        return checksum.bytes
    }

    @Test func piecesMakeNoDifference() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let whole = sum([bytes])
        for size in [1, 7, 63, 64, 65, 200] {
            let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0...].prefix(size)) }
            #expect(sum(pieces) == whole)
        }
        #expect(sum([bytes, [0]]) != whole && sum([Array(bytes.reversed())]) != whole && sum([]) != whole)
    }

    /// Whatever byte is altered, and wherever the file is cut, it is refused.
    @Test func everyAlteredByteIsFound() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gossamer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "f").path
        let tensors = [
            TensorDescription(name: "w", type: .float32, shape: [5, 7]),
            TensorDescription(name: "n", type: .int64, shape: [3]),
        ]
        let writer = try SafetensorsWriter(
            path: path, tensors: tensors, metadata: ["a": "some text", "b": "more"], isChecksummed: true)
        #expect(writer.tensors.map(\.name) == ["n", "w"])
        try writer.write([1, 2, 3], to: "n")
        try writer.write([Float](repeating: 0.5, count: 35), to: "w")
        try writer.commit(durably: true)
        try SafetensorsFile(path: path).verifyChecksum()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        func isAccepted(_ altered: Data) throws -> Bool {
            try altered.write(to: URL(fileURLWithPath: path))
            do throws(FileError) {
                try SafetensorsFile(path: path).verifyChecksum()
                return true
            } catch {
                return false
            }
        }
        for place in bytes.indices {
            for change: UInt8 in [0x01, 0x80] {
                var altered = bytes
                altered[place] ^= change
                #expect(try isAccepted(altered) == false, "byte \(place)")
            }
            #expect(try isAccepted(bytes.prefix(place)) == false, "cut to \(place)")
        }
        #expect(try isAccepted(bytes + [0]) == false)
        #expect(try isAccepted(bytes))
    }
}

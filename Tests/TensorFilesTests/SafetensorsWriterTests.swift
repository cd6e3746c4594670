import Foundation
import Testing

@testable import TensorFiles

@Suite struct SafetensorsWriterTests {
    @Test func writesTheBytesOfTheFormat() throws {
        let folder = try ScratchFolder()
        let writer = try SafetensorsWriter(
            path: folder.path("t"),
            tensors: [
                TensorDescription(name: "ids", type: .uint8, shape: [3]),
                TensorDescription(name: "w", type: .float32, shape: [2, 1]),
                TensorDescription(name: "offsets", type: .int64, shape: [1]),
            ], metadata: ["z": "1", "a": "say \"hi\"\n"])
        #expect(writer.tensors.map(\.name) == ["offsets", "w", "ids"])
        try writer.write([Int64(-2)], to: "offsets")
        try writer.write([Float(1)], to: "w")
        try writer.write([Float(0.5)], to: "w")
        try writer.write(Array("abc".utf8), to: "ids")
        #expect(try !folder.names().contains("t"))
        try writer.commit()

        let text =
            #"{"__metadata__":{"a":"say \"hi\"\n","z":"1"},"#
            + #""offsets":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"#
            + #""w":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]},"#
            + #""ids":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}}"#
        let length = (8 + text.utf8.count + 63) / 64 * 64 - 8
        let expected =
            littleEndian(UInt64(length)) + Array(text.utf8) + Array(repeating: 0x20, count: length - text.utf8.count)
            + littleEndian(Int64(-2)) + bytes(of: [1, 0.5]) + Array("abc".utf8)
        #expect(try folder.read("t") == expected)
        #expect(try folder.names() == ["t"])
    }

    @Test func emptyTensorsAndFilesAreComplete() throws {
        let folder = try ScratchFolder()
        let none = try SafetensorsWriter(path: folder.path("none"), tensors: [])
        try none.commit()
        #expect(try SafetensorsFile(path: folder.path("none")).tensors.isEmpty)

        let writer = try SafetensorsWriter(
            path: folder.path("t"),
            tensors: [
                TensorDescription(name: "a", type: .float32, shape: [0, 4]),
                TensorDescription(name: "b", type: .float32, shape: []),
                TensorDescription(name: "c", type: .uint8, shape: [0]),
            ])
        try writer.write([Float(7)], to: "b")
        try writer.commit()
        let file = try SafetensorsFile(path: folder.path("t"))
        #expect(file.tensors.map(\.name) == ["a", "b", "c"])
        #expect(try file.array(named: "a", of: Float.self) == [])
        #expect(try file.array(named: "b", of: Float.self, shape: []) == [7])
        #expect(try file.floats(named: "a").count == 0)
    }

    @Test func nothingIsLeftWithoutACommit() throws {
        let folder = try ScratchFolder()
        do {
            let writer = try SafetensorsWriter(
                path: folder.path("t"), tensors: [TensorDescription(name: "w", type: .float32, shape: [1])])
            try writer.write([Float(1)], to: "w")
        }
        #expect(try folder.names() == [])
    }

    @Test func incompleteFilesAreAMisuse() async {
        await #expect(processExitsWith: .failure) {
            let writer = try SafetensorsWriter(
                path: "-", tensors: [TensorDescription(name: "w", type: .float32, shape: [2])])
            try writer.write([Float(1)], to: "w")
            try writer.commit()
        }
    }
}

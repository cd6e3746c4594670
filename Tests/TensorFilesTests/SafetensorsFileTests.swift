import FileIO
import Foundation
import Testing

@testable import TensorFiles

@Suite struct SafetensorsFileTests {
    private func file(_ json: String, data: [UInt8] = []) -> [UInt8] {
        littleEndian(UInt64(json.utf8.count)) + Array(json.utf8) + data
    }

    private func expectRefused(
        _ bytes: [UInt8], _ part: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let folder = try ScratchFolder()
        let path = try folder.write(bytes, to: "t.safetensors")
        expectBadData(part, sourceLocation: sourceLocation) { _ = try SafetensorsFile(path: path) }
    }

    @Test func roundTripInPlaceAndCopied() throws {
        let folder = try ScratchFolder()
        let writer = try SafetensorsWriter(
            path: folder.path("t"),
            tensors: [
                TensorDescription(name: "w", type: .float32, shape: [2, 3]),
                TensorDescription(name: "d", type: .float64, shape: [1]),
                TensorDescription(name: "i", type: .int32, shape: [1]),
                TensorDescription(name: "u", type: .uint32, shape: [1]),
            ], metadata: ["k": "ü\u{1}"])
        try writer.write([0.25], to: "d")
        try writer.write([1, 2, 3, 4, 5, 6] as [Float], to: "w")
        try writer.write([Int32(-7)], to: "i")
        try writer.write([UInt32.max], to: "u")
        try writer.commit()

        let file = try SafetensorsFile(path: folder.path("t"))
        #expect(file.metadata == ["k": "ü\u{1}"])
        #expect(file.tensor(named: "w") == TensorDescription(name: "w", type: .float32, shape: [2, 3]))
        #expect(file.tensor(named: "x") == nil)
        let first = try file.elements(named: "d", as: Double.self)
        #expect(Int(bitPattern: first.baseAddress) % 64 == 0)
        #expect(try Array(file.floats(named: "w", shape: [2, 3])) == [1, 2, 3, 4, 5, 6])
        #expect(try file.array(named: "d", of: Double.self) == [0.25])
        #expect(try file.array(named: "i", of: Int32.self) == [-7])
        #expect(try file.array(named: "u", of: UInt32.self) == [.max])
        withExtendedLifetime(file.mapping) {}
    }

    @Test func readsWhatOthersMayWrite() throws {
        let folder = try ScratchFolder()
        let json = """
            { "b" : {"shape":[1],"dtype":"F32","data_offsets":[1,5],"more":[1.5e3,{"x":null}]},
              "\\u00e4\\ud83d\\ude00": {"dtype":"U8","shape":[],"data_offsets":[0,1]} }\u{20}
            """
        let path = try folder.write(file(json, data: [9] + bytes(of: [2.5])), to: "t")
        let file = try SafetensorsFile(path: path)
        #expect(file.tensors.map(\.name) == ["ä😀", "b"])
        #expect(try file.array(named: "ä😀", of: UInt8.self) == [9])
        #expect(try file.array(named: "b", of: Float.self) == [2.5])
    }

    @Test func unalignedTensorsAreCopiedOnly() throws {
        let folder = try ScratchFolder()
        let json =
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
            + #""b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}"#
        let padded = json + String(repeating: " ", count: -json.utf8.count & 7)
        let path = try folder.write(file(padded, data: [9] + bytes(of: [2.5])), to: "t")
        let file = try SafetensorsFile(path: path)
        expectBadData("not aligned to 4 bytes") { _ = try file.floats(named: "b") }
        #expect(try file.array(named: "b", of: Float.self) == [2.5])
    }

    @Test func wrongRequestsSaySo() throws {
        let folder = try ScratchFolder()
        let json =
            #"{"h":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"#
            + #""w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
        let path = try folder.write(file(json, data: Array(repeating: 0, count: 8)), to: "t")
        let file = try SafetensorsFile(path: path)
        #expect(file.tensor(named: "h")?.type == .bfloat16)
        expectBadData("half precision is not supported") { _ = try file.floats(named: "h") }
        expectBadData("the tensors 'h', 'w'; expected a tensor 'x'") { _ = try file.floats(named: "x") }
        expectBadData("of type F32; expected I64") { _ = try file.elements(named: "w", as: Int.self) }
        expectBadData("of shape [1]; expected [2]") { _ = try file.array(named: "w", of: Float.self, shape: [2]) }
    }

    @Test func missingFilesAreUnreadable() {
        #expect(throws: FileError.self) { try SafetensorsFile(path: "/nonexistent/t.safetensors") }
    }

    @Test func filesThatAreSomethingElse() throws {
        try expectRefused([], "0 bytes")
        try expectRefused(Array("1 2:3\n2 1:1 3:4\n".utf8), "expected '{'")
        try expectRefused(littleEndian(UInt64.max) + Array("{}".utf8), "a header of 18446744073709551615 bytes")
        try expectRefused(littleEndian(UInt64(0)) + Array("{}".utf8), "a header of 0 bytes")
        try expectRefused(littleEndian(UInt64(100)) + Array("{}".utf8), "expected at least 108")
    }

    @Test(arguments: [
        (#"{"a":1}"#, "expected an object"),
        (#"{"a":{}} x"#, "without all of its parts"),
        (#"{} x"#, "expected nothing more"),
        (#"{ "#, "the end of the text"),
        (#"{"a"}"#, "expected ':'"),
        (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}"#, "a whole number"),
        (#"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,0]}}"#, "a whole number"),
        (#"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,0]}}"#, "a whole number"),
        (#"{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,0]}}"#, "below 2^63"),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, "a size below 2^63"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, "a start and an end"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, "a start and an end"),
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
            "expected 8 bytes for the type F32 and the shape [2]"
        ),
        (
            #"{"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,4]}}"#,
            "of type Q4 at byte 5 of the header; expected one of F32"
        ),
        (#"{"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}"#, "'shape' again"),
        (#"{"__metadata__":{"a":1}}"#, "a string in double quotes"),
        (#"{"__metadata__":{"a":"\x"}}"#, "one of JSON's escapes"),
        (#"{"__metadata__":{"a":"\ud800"}}"#, "a pair of surrogates"),
        (#"{"a":{"dtype":"U8","x":nil,"shape":[1],"data_offsets":[0,1]}}"#, "a JSON value"),
        ("{\"__metadata__\":{\"a\":\"\n\"}}", "control characters"),
    ])
    func damagedHeaders(json: String, part: String) throws {
        try expectRefused(file(json), part)
    }

    @Test func deepNestingIsRefusedNotOverflowed() throws {
        try expectRefused(file(#"{"a":{"x":"# + String(repeating: "[", count: 1_000_000)), "levels of nesting")
    }

    @Test func textThatIsNotUTF8() throws {
        let json = Array(#"{"__metadata__":{"a":""#.utf8) + [0xFF] + Array(#""}}"#.utf8)
        try expectRefused(littleEndian(UInt64(json.count)) + json, "not UTF-8")
    }

    @Test func dataThatDoesNotFitTheHeader() throws {
        let a = #""a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}"#
        let two: [UInt8] = [1, 2]
        try expectRefused(file("{\(a)}", data: [1]), "cut short")
        try expectRefused(file("{\(a)}", data: two + two), "found 4 bytes of data; expected 2")
        try expectRefused(file("{\(a),\(a)}", data: two), "'a' again")
        let gap = #""b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}"#
        try expectRefused(file("{\(a),\(gap)}", data: two + two), "'b' at data byte 3; expected data byte 2")
        let overlap = #""b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}"#
        try expectRefused(file("{\(a),\(overlap)}", data: two + two), "'b' at data byte 1; expected data byte 2")
    }

    /// Every cut of a valid file is refused and none crashes.
    @Test func everyTruncationIsRefused() throws {
        let folder = try ScratchFolder()
        let writer = try SafetensorsWriter(
            path: folder.path("t"), tensors: [TensorDescription(name: "w", type: .float32, shape: [2])],
            metadata: ["a": "b"])
        try writer.write([1, 2] as [Float], to: "w")
        try writer.commit()
        let whole = try folder.read("t")
        for count in 0..<whole.count {
            let path = try folder.write(Array(whole[..<count]), to: "cut")
            expectBadData("cut: found") { _ = try SafetensorsFile(path: path) }
        }
    }
}

import FileIO
import Foundation
import Testing

@testable import TensorFiles

@Suite struct NumPyTests {
    private func npy(_ dictionary: String, data: [UInt8]) -> [UInt8] {
        let padding = 128 - 11 - dictionary.utf8.count
        return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(dictionary.utf8)
            + Array(repeating: 0x20, count: padding) + [0x0A] + data
    }

    @Test func writesTheBytesOfTheFormat() throws {
        let folder = try ScratchFolder()
        let writer = try NpyWriter(path: folder.path("a.npy"), type: .float32, shape: [3, 2])
        try writer.write([1, 2, 3] as [Float])
        try writer.write([4, 5, 6] as [Float])
        try writer.commit()
        let dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"
        #expect(try folder.read("a.npy") == npy(dictionary, data: bytes(of: [1, 2, 3, 4, 5, 6])))

        let file = try NpyFile(path: folder.path("a.npy"))
        #expect(file.shape == [3, 2])
        #expect(Array(file.floats) == [1, 2, 3, 4, 5, 6])
    }

    @Test func otherTypesAndShapes() throws {
        let folder = try ScratchFolder()
        let long = try NpyWriter(path: folder.path("i8"), type: .int64, shape: [1])
        try long.write([-1])
        try long.commit()
        let longHeader = "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }"
        #expect(try folder.read("i8") == npy(longHeader, data: littleEndian(Int64(-1))))

        let unsigned = try NpyWriter(path: folder.path("u4"), type: .uint32, shape: [])
        try unsigned.write([UInt32(7)])
        try unsigned.commit()
        let header = Array("{'descr': '<u4', 'fortran_order': False, 'shape': (), }".utf8)
        #expect(try folder.read("u4")[10...].starts(with: header))

        let empty = try NpyWriter(path: folder.path("empty"), type: .float32, shape: [0, 5])
        try empty.commit()
        let file = try NpyFile(path: folder.path("empty"))
        #expect(file.shape == [0, 5])
        #expect(file.floats.isEmpty)
    }

    @Test func readerRefusesOtherFiles() throws {
        let folder = try ScratchFolder()
        func refused(_ bytes: [UInt8], _ part: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
            let path = try folder.write(bytes, to: "x.npy")
            expectBadData(part, sourceLocation: sourceLocation) { _ = try NpyFile(path: path) }
        }
        try refused([], "magic")
        try refused(Array("PK\u{3}\u{4} is a zip archive".utf8), "magic")
        try refused(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", data: []), "'<f4'")
        try refused(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", data: []), "row-major")
        try refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (x,), }", data: []), "whole numbers")
        try refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", data: []), "0 bytes of data")
        try refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", data: [0, 0]), "2 bytes of data")
        try refused([0x93] + Array("NUMPY".utf8) + [1, 0, 255, 255, 0, 0, 0], "a whole header")
    }

    @Test func archiveHoldsTheArraysUncompressed() throws {
        let folder = try ScratchFolder()
        for name in ["a.npz", "b.npz"] {
            let writer = try NpzWriter(path: folder.path(name))
            try writer.beginArray(named: "data", type: .float32, shape: [2])
            try [Float(1)].withUnsafeBufferPointer { try writer.write($0) }
            try [Float(2)].withUnsafeBufferPointer { try writer.write($0) }
            try writer.add([Int32(3)], named: "indices", shape: [1])
            try writer.add(text: "csr", named: "format")
            #expect(try !folder.names().contains(name))
            try writer.commit()
        }
        #expect(try folder.names() == ["a.npz", "b.npz"])
        let archive = try folder.read("a.npz")
        let cut = folder.path("cut.npz")
        for count in [1, 22, 30, 60] {
            try Data(archive.dropLast(count)).write(to: URL(filePath: cut))
            #expect(throws: FileError.self) { try NpzFile(path: cut) }
        }
        #expect(try archive == folder.read("b.npz"))
        #expect(archive.starts(with: Array("PK\u{3}\u{4}".utf8)))
        // Method 0 is "stored"; the earliest date that zip knows stands for none.
        #expect(archive[8..<10].elementsEqual([0, 0]))
        #expect(archive[10..<14].elementsEqual([0, 0, 0x21, 0]))
        let data = Data(archive)
        let array = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", data: bytes(of: [1, 2]))
        #expect(data.range(of: Data(array)) != nil)
        #expect(data.range(of: Data("data.npy".utf8)) != nil)
        let text = Data("{'descr': '|S3', 'fortran_order': False, 'shape': (), }".utf8)
        #expect(data.range(of: text) != nil)
    }

    @Test func archiveGivenUpLeavesNothing() throws {
        let folder = try ScratchFolder()
        do {
            let writer = try NpzWriter(path: folder.path("a.npz"))
            try writer.beginArray(named: "data", type: .float32, shape: [2])
        }
        #expect(try folder.names() == [])
    }

    @Test func spoolGivesBackEverythingInOrder() throws {
        let folder = try ScratchFolder()
        let spool = try SpoolFile<Int32>(besides: folder.path("target"))
        let count = 600_000
        for value in 0..<count { try spool.append(Int32(value)) }
        #expect(try folder.names() == [])
        var next: Int32 = 0
        var isInOrder = true
        try spool.forEachPiece { piece, first in
            isInOrder = isInOrder && first == Int(next)
            for value in piece {
                isInOrder = isInOrder && value == next
                next += 1
            }
        }
        #expect(isInOrder && next == count)
    }

    @Test func spoolsForgetTheirEnd() throws {
        let folder = try ScratchFolder()
        let spool = try SpoolFile<Int32>(besides: folder.path("target"))
        func content() throws -> [Int32] {
            var elements: [Int32] = []
            try spool.forEachPiece { piece, _ in elements += piece }
            return elements
        }
        let many = (0..<300_000).map { Int32($0) }
        try spool.append(contentsOf: many)
        try spool.append(contentsOf: [7, 8, 9])
        try spool.truncate(to: 300_001)
        #expect(try content() == many + [7])
        try spool.append(-1)
        #expect(try content() == many + [7, -1])
        try spool.truncate(to: 2)
        try spool.append(contentsOf: many)
        #expect(try spool.count == 300_002 && content() == [0, 1] + many)
    }
}

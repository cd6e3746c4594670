import CArchive
import CZlib

/// The compressions that inputs may have, told apart by their first bytes, never by the file's name.
package enum Compression: String, Sendable, CaseIterable {
    case gzip, bzip2, xz, zstd

    /// The compression whose signature these bytes begin with; nil for anything else.
    package init?(signatureOf bytes: UnsafeRawBufferPointer) {
        func begins(with signature: [UInt8], at offset: Int = 0) -> Bool {
            bytes.count >= offset + signature.count && bytes[offset..<offset + signature.count].elementsEqual(signature)
        }
        // A bzip2 stream goes on with the digits of π (a block) or of √π (the end of an empty stream), so that text
        // beginning with "BZh1" is not taken for one.
        let isBzip2 = begins(with: Array("BZh".utf8)) && bytes.count > 3 && (0x31...0x39).contains(bytes[3])
        if begins(with: [0x1F, 0x8B, 0x08]) {
            self = .gzip
        } else if begins(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
            self = .xz
        } else if begins(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else if isBzip2,
            begins(with: [0x31, 0x41, 0x59, 0x26, 0x53, 0x59], at: 4)
                || begins(with: [0x17, 0x72, 0x45, 0x38, 0x50, 0x90], at: 4)
        {
            self = .bzip2
        } else {
            return nil
        }
    }
}

/// Decompresses gzip with zlib, which checks every member's checksum and length.
///
/// A stream is one or more members back to back, and may be padded with zeros.
final class GzipSource: ByteSource {
    private let raw: RawInput
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    /// At one address for life: zlib keeps a pointer back to it.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var isWithinMember = true
    private var isAtEnd = false

    init(_ raw: RawInput) throws(FileError) {
        self.raw = raw
        stream.initialize(to: z_stream())
        guard gossamerInflateInit(stream) == Z_OK else {
            throw .readFailed(path: raw.name, reason: "zlib has no memory left")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    func read(into room: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        let asked = min(room.count, Int(UInt32.max))
        stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(asked)
        while stream.pointee.avail_out == asked, !isAtEnd {
            if stream.pointee.avail_in == 0, try refill() == 0 {
                if isWithinMember { throw Compression.gzip.damaged("the stream breaks off", name: raw.name) }
                isAtEnd = true
            } else if isWithinMember {
                try inflateSome()
            } else {
                try beginMember()
            }
        }
        return asked - Int(stream.pointee.avail_out)
    }

    private func inflateSome() throws(FileError) {
        switch inflate(stream, Z_NO_FLUSH) {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isWithinMember = false
        default:
            throw Compression.gzip.damaged(
                stream.pointee.msg.map { String(cString: $0) } ?? "zlib cannot go on", name: raw.name)
        }
    }

    /// After a member: another one, or zeros to the end.
    private func beginMember() throws(FileError) {
        if stream.pointee.next_in.pointee != 0 {
            guard stream.pointee.next_in.pointee == 0x1F, inflateReset(stream) == Z_OK else {
                throw Compression.gzip.damaged("other bytes follow it", name: raw.name)
            }
            isWithinMember = true
            return
        }
        while true {
            let rest = UnsafeBufferPointer(start: stream.pointee.next_in, count: Int(stream.pointee.avail_in))
            guard rest.allSatisfy({ $0 == 0 }) else {
                throw Compression.gzip.damaged("other bytes follow it", name: raw.name)
            }
            if try refill() == 0 { break }
        }
        isAtEnd = true
    }

    private func refill() throws(FileError) -> Int {
        let count = try raw.read(into: input)
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(count)
        return count
    }
}

/// The libraries that decompress, as they are found when the program runs.
package enum ReadingLibraries {
    /// Such as `3.6.2`.
    package static var libarchive: String {
        String(String(cString: archive_version_string()).split(separator: " ").last ?? "unknown")
    }

    /// Such as `1.2.13`.
    package static var zlib: String { String(cString: zlibVersion()) }
}

import CZlib

/// Bytes in zlib's format (RFC 1950), as small as it makes them.
///
/// - Complexity: O(bytes).
package func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var size = compressBound(uLong(bytes.count))
    let result = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
        let status = compress2(buffer.baseAddress, &size, bytes, uLong(bytes.count), Z_BEST_COMPRESSION)
        // The buffer is large enough for whatever it is given, so that only memory can be lacking.
        precondition(status == Z_OK, "zlib failed with \(status)")
        count = Int(size)
    }
    return result
}

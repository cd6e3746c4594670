import CGossamerInterface
import FileIO

/// A handle on an object, which lives until `free`.
func handle(_ object: some AnyObject) -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(object).toOpaque()) }

/// The object of a handle.
func object<Object: AnyObject>(_ handle: OpaquePointer?, _ type: Object.Type) -> Object? {
    handle.map { Unmanaged<Object>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
}

/// The object of a handle that has to be given.
func given<Object: AnyObject>(
    _ handle: OpaquePointer?, _ type: Object.Type, _ name: String
) throws(UsageError) -> Object {
    guard let object = object(handle, type) else { throw UsageError("\(name) is NULL; expected a handle") }
    return object
}

func free<Object: AnyObject>(_ handle: OpaquePointer?, _ type: Object.Type) {
    if let handle { Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).release() }
}

/// Gives the caller a handle.
func give(_ object: some AnyObject, to place: UnsafeMutablePointer<OpaquePointer?>?) throws(UsageError) {
    guard let place else { throw UsageError("the address of the result is NULL; expected one") }
    place.pointee = handle(object)
}

/// A text with a zero byte at its end, at an address that does not change.
final class CText: @unchecked Sendable {
    let start: UnsafePointer<CChar>

    init(_ text: String) {
        let bytes = Array(text.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        copy.initialize(from: bytes, count: bytes.count)
        start = UnsafePointer(copy)
    }

    deinit { start.deallocate() }
}

/// A text that the caller has given.
func givenText(_ bytes: UnsafePointer<CChar>?, _ name: String) throws(UsageError) -> String {
    guard let bytes else { throw UsageError("\(name) is NULL; expected text") }
    guard let text = String(validatingCString: bytes) else { throw UsageError("\(name) is not UTF-8") }
    return text
}

/// Gives the caller text in memory of C.
func give(_ bytes: some Collection<UInt8>, to place: UnsafeMutablePointer<gossamer_string>?) throws(UsageError) {
    guard let place else { throw UsageError("the address of the result is NULL; expected one") }
    guard let memory = allocate(bytes.count + 1) else { throw UsageError("out of memory") }
    let copy = UnsafeMutableRawBufferPointer(start: memory, count: bytes.count + 1)
    copy.copyBytes(from: bytes)
    copy[bytes.count] = 0
    place.pointee = gossamer_string(
        bytes: memory.assumingMemoryBound(to: CChar.self), length: Int64(bytes.count))
}

func give(_ text: String, to place: UnsafeMutablePointer<gossamer_string>?) throws(UsageError) {
    try give(text.utf8, to: place)
}

@c @implementation
public func gossamer_string_free(_ string: gossamer_string) { releaseMemory(string.bytes) }

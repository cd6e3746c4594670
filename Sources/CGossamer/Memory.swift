import FileIO
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A value that is made when it is first asked for, by whichever thread comes first.
final class Lazy<Value: Sendable>: Sendable {
    private let made = Mutex<Value?>(nil)
    private let make: @Sendable () -> Value

    init(_ make: @escaping @Sendable () -> Value) { self.make = make }

    var value: Value {
        made.withLock { made in
            if let made { return made }
            let value = make()
            made = value
            return value
        }
    }
}

/// A new folder, that only this user can read, for a file that is needed for a moment.
struct TemporaryFolder {
    let path: String

    /// - Throws: `FileError.cannotCreate`.
    init() throws(FileError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/gossamer-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .cannotCreate(path: parent, reason: String(cString: strerror(errno)))
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes it with the file in it.
    func remove() {
        unlink(path + "/model.safetensors")
        rmdir(path)
    }
}

/// Memory of C for `count` bytes; nil if there is none.
func allocate(_ count: Int) -> UnsafeMutableRawPointer? { malloc(count) }

func releaseMemory(_ memory: UnsafeMutableRawPointer?) { free(memory) }

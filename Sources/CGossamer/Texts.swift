import CGossamerInterface
import FileIO

/// Texts of the library in one piece of memory, as C reads them.
final class TextList: @unchecked Sendable {
    private let bytes: UnsafeMutablePointer<CChar>
    private let offsets: UnsafeMutablePointer<Int64>
    private let count: Int

    init(_ texts: some Collection<String>) {
        count = texts.count
        offsets = .allocate(capacity: count + 1)
        bytes = .allocate(capacity: max(1, texts.reduce(0) { $0 + $1.utf8.count }))
        var end = 0
        offsets[0] = 0
        for (i, text) in texts.enumerated() {
            for byte in text.utf8 {
                bytes[end] = CChar(bitPattern: byte)
                end += 1
            }
            offsets[i + 1] = Int64(end)
        }
    }

    deinit {
        bytes.deallocate()
        offsets.deallocate()
    }

    /// Valid as long as this object.
    var texts: gossamer_texts { gossamer_texts(count: Int64(count), bytes: bytes, offsets: offsets) }

    func give(to place: UnsafeMutablePointer<gossamer_texts>?) throws(UsageError) {
        guard let place else { throw UsageError("the address of the result is NULL; expected one") }
        place.pointee = texts
    }
}

/// Texts of the caller, whose offsets have been checked.
struct GivenTexts {
    let count: Int
    private let bytes: UnsafeRawBufferPointer
    private let offsets: UnsafeBufferPointer<Int64>

    /// - Throws: `ArrayError` for offsets that do not start at 0 or fall.
    init(_ texts: gossamer_texts, _ name: String) throws {
        guard CallerMemory.possibleCounts.contains(texts.count) else {
            throw ArrayError(
                "\(name): found a count of \(texts.count); expected 0 to \(CallerMemory.possibleCounts.upperBound)")
        }
        count = Int(texts.count)
        guard let first = texts.offsets, texts.bytes != nil || count == 0 || first[count] == 0 else {
            throw UsageError("\(name): the bytes or the offsets are NULL; expected both")
        }
        offsets = UnsafeBufferPointer(start: first, count: count + 1)
        guard offsets[0] == 0 else { throw ArrayError("\(name): the first offset is \(offsets[0]); expected 0") }
        for i in 0..<count where offsets[i] > offsets[i + 1] {
            throw ArrayError("\(name): offset \(i + 1) is below the one before; expected offsets that never fall")
        }
        bytes = UnsafeRawBufferPointer(start: texts.bytes, count: Int(offsets[count]))
    }

    /// The bytes of a text; need not be UTF-8.
    subscript(i: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(offsets[i])..<Int(offsets[i + 1])])
    }

    /// - Throws: `ArrayError` for a text that is not UTF-8.
    func strings(_ name: String) throws -> [String] {
        try (0..<count).map { i in
            guard let text = String(validating: self[i], as: UTF8.self) else {
                throw ArrayError("\(name): text \(i) is not UTF-8")
            }
            return text
        }
    }
}

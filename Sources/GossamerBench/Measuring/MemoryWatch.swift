import Foundation
import Synchronization

/// Measures the memory of the process that is not backed by a file; pages of mapped files are loaded and dropped by the
/// system and are not counted.
///
/// Uses Linux' RssAnon, read every few milliseconds; a shorter peak may be missed. Not available on other systems.
final class MemoryWatch: Sendable {
    private struct State {
        var peak = 0
        var isOver = false
    }

    private let state = Mutex(State())

    /// Runs `body` and returns its result and the peak memory meanwhile; the latter is nil if the system does not
    /// report it.
    static func peak<R>(during body: () throws -> R) rethrows -> (result: R, bytes: Int?) {
        let watch = MemoryWatch()
        let thread = Thread { watch.run() }
        thread.start()
        defer { watch.state.withLock { $0.isOver = true } }
        let result = try body()
        watch.note()
        let peak = watch.state.withLock { $0.peak }
        return (result, peak > 0 ? peak : nil)
    }

    private func run() {
        while !state.withLock({ $0.isOver }) {
            note()
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    private func note() {
        let bytes = Self.anonymousBytes ?? 0
        state.withLock { $0.peak = max($0.peak, bytes) }
    }

    /// The peak memory of this process since its start, including mapped files; nil if the system does not report it.
    static var processPeak: Int? { bytes("VmHWM:") }

    private static var anonymousBytes: Int? { bytes("RssAnon:") }

    /// A field of the process' status on Linux.
    static func bytes(_ field: String, process: String = "self") -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix(field) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}

import Foundation
import Synchronization

/// Watches how much memory the process holds that no file stands behind: pages of a mapped file come and go as the
/// system likes, and are not counted.
///
/// Linux' RssAnon, read every few milliseconds; a shorter peak may be missed. Other systems don't tell.
final class MemoryWatch: Sendable {
    private struct State {
        var peak = 0
        var isOver = false
    }

    private let state = Mutex(State())

    /// Runs `body` and tells its result and the peak meanwhile, nil where the system doesn't tell.
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

    /// The most memory that this process has had in use, files included, since it began; nil where the system doesn't
    /// tell.
    static var processPeak: Int? { bytes("VmHWM:") }

    private static var anonymousBytes: Int? { bytes("RssAnon:") }

    /// A field of what Linux says of a process.
    static func bytes(_ field: String, process: String = "self") -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix(field) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}

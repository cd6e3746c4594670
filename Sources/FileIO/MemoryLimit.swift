import Allocation
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How much memory this process may take.
package enum MemoryLimit {
    /// The least of the computer's memory, the limits of the process' control group and of those above it (versions 1
    /// and 2, as containers set them), and the limit on its address space (`ulimit -v`).
    package static let bytes = [physical, controlGroups(root: ""), AddressSpace.limit].compactMap { $0 }.min() ?? .max

    private static var physical: Int? {
        let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
        return pages > 0 && size > 0 ? pages * size : nil
    }

    /// How much more memory this process may take now: what the system has left for new programs without swapping, and
    /// the difference between the limits and what the process has.
    package static var free: Int {
        let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
        // The pages of the address space, then those in memory.
        let pages = text(of: "/proc/self/statm")?.split(separator: " ").prefix(2).compactMap { Int($0) } ?? []
        guard pages.count == 2 else { return bytes / 2 }
        let left = [
            bytes - pages[1] * pageSize, AddressSpace.limit.map { $0 - pages[0] * pageSize }, availableToPrograms,
        ]
        return max(0, left.compactMap { $0 }.min() ?? 0)
    }

    /// nil if the system does not tell.
    private static var availableToPrograms: Int? {
        let line = text(of: "/proc/meminfo")?.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }

    /// nil if no group has a limit, or the system has no groups.
    ///
    /// - Parameter root: what stands before `/proc` and `/sys`.
    static func controlGroups(root: String) -> Int? {
        var limits: [Int] = []
        for line in text(of: "\(root)/proc/self/cgroup")?.split(separator: "\n") ?? [] {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let isUnified = fields[0] == "0" && fields[1].isEmpty
            guard isUnified || fields[1].split(separator: ",").contains("memory") else { continue }
            let (folder, file) = isUnified ? ("", "memory.max") : ("/memory", "memory.limit_in_bytes")
            // Within a container the group's own folder is the outermost that can be seen.
            var path = fields[2][...]
            while true {
                let place = "\(root)/sys/fs/cgroup\(folder)\(path == "/" ? "" : path)/\(file)"
                if let limit = text(of: place).flatMap({ Int($0.filter { $0 != "\n" }) }) { limits.append(limit) }
                guard let slash = path.lastIndex(of: "/"), path != "/" else { break }
                path = slash == path.startIndex ? "/" : path[..<slash]
            }
        }
        return limits.min()
    }

    /// nil if it cannot be read; these files are small, and there may be none.
    private static func text(of path: String) -> String? {
        guard let file = try? FileDescriptor.open(path: path, .readOnly) else { return nil }
        defer { file.release() }
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        guard let count = try? bytes.withUnsafeMutableBytes({ try file.read(into: $0) }) else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}

/// Whether what a header announces may be laid out in memory.
package enum AnnouncedSize {
    /// What a small file may ask for: enough for any matrix that is not made up.
    private static let always = 1 << 27
    /// Bytes in memory for each byte of a file; compression and empty rows take part of it.
    private static let ratio = 64

    /// - Parameters:
    ///   - bytes: what would be needed; of numbers that are too large to count, `Int.max`.
    ///   - contentBytes: how much there is of the file.
    ///   - what: such as `1000000000 rows`.
    /// - Throws: `FileError.badData` that says what it would take, if that is out of all proportion to the file, or more
    ///   than half of what there is.
    package static func check(
        _ bytes: Int, contentBytes: Int, what: @autoclosure () -> String, path: String
    ) throws(FileError) {
        let (scaled, overflow) = contentBytes.multipliedReportingOverflow(by: ratio)
        let inProportion = max(always, overflow ? Int.max : scaled)
        let limit = min(inProportion, MemoryLimit.bytes / 2)
        guard bytes > limit else { return }
        throw .badData(
            BadData(
                path: path, found: "\(what()), which would take \(gigabytes(bytes)) GB of memory",
                expected: limit == inProportion
                    ? "no more than \(gigabytes(limit)) GB for a file of \(contentBytes) bytes"
                    : "no more than half of the \(gigabytes(MemoryLimit.bytes)) GB that there are",
                advice: limit == inProportion
                    ? "check the sizes in the file" : "check the sizes in the file, or use a computer with more memory")
        )
    }

    private static func gigabytes(_ bytes: Int) -> String {
        let tenths = bytes / 100_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}

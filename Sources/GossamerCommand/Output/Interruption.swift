import Dispatch
import Foundation

/// Leaves nothing half-written behind when the user or the system ends the program.
enum Interruption {
    /// Once a signal to end comes, removes this process' temporary files beside the outputs, then ends by the signal.
    ///
    /// - Parameter note: what to tell the user then.
    static func cleanUp(_ outputs: [String?], saying note: String? = nil) {
        let paths = outputs.compactMap { $0 }.filter { $0 != "-" }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // Left alone where whoever started the program wants it ignored, as nohup does.
            guard isDefault(number) else { continue }
            #if canImport(Darwin)
                signal(number, SIG_IGN)
            #endif
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                for path in paths { removeTemporaryFiles(of: path) }
                if let note { Console.note((Console.isTerminal ? "\n" : "") + note) }
                end(bySignal: number)
            }
            source.activate()
            sources.append(source)
        }
    }

    /// Asked for without a change: on Linux a signal that is blocked and waiting would be lost if it were ignored, if
    /// only for a moment.
    private static func isDefault(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        #if canImport(Darwin)
            return action.__sigaction_u.__sa_handler == nil
        #else
            return action.__sigaction_handler.sa_handler == nil
        #endif
    }

    /// As if the signal had not been caught, so that a shell knows why the program ended.
    private static func end(bySignal number: Int32) {
        signal(number, SIG_DFL)
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, number)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        kill(getpid(), number)
    }

    private static let queue = DispatchQueue(label: "gossamer.interruption")
    nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []

    /// Those that `AtomicFile` makes are called `TARGET.PROCESS.NUMBER.partial`.
    private static func removeTemporaryFiles(of path: String) {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        let folder = target.deletingLastPathComponent().path
        let prefix = "\(target.lastPathComponent).\(getpid())."
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where name.hasPrefix(prefix) && name.hasSuffix(".partial") {
            unlink("\(folder)/\(name)")
        }
    }
}

import ArgumentParser
import FileIO
import Gossamer

/// Where training keeps its state, and the state that it goes on from.
struct CheckpointOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Keep the state of training in this file, whole or not at all, after every epoch, and when SIGINT or SIGTERM \
            end it.
            """, valueName: "file"))
    var checkpoint: String?

    @Option(
        help: ArgumentHelp(
            "Keep the state after so many minutes, whatever the epoch, instead.", valueName: "minutes"))
    var checkpointEvery: Double?

    @Option(
        help: ArgumentHelp(
            """
            Go on from this state, of the same corpus and options; the model is that of a training that was never \
            interrupted.
            """, valueName: "file"))
    var resume: String?

    func validate() throws {
        if let checkpointEvery {
            guard checkpointEvery >= 0, checkpointEvery <= 1e6 else {
                throw ValidationError("--checkpoint-every needs minutes from 0, not \(checkpointEvery)")
            }
            if checkpoint == nil { throw ValidationError("--checkpoint-every has no effect without --checkpoint") }
        }
        if checkpoint == "-" { throw ValidationError("--checkpoint: a state is binary; give a file") }
        if resume == "-" { throw ValidationError("--resume: a state is mapped into memory; give a file") }
    }

    /// nil if training neither keeps its state nor goes on from one.
    var checkpoints: Checkpoints? {
        if checkpoint == nil && resume == nil { return nil }
        return Checkpoints(
            path: checkpoint, interval: checkpointEvery.map { .seconds(60 * $0) }, resumedPath: resume)
    }

    /// What to do after training was interrupted.
    var adviceAfterInterruption: String {
        guard let checkpoint else {
            return "stopped; with --checkpoint FILE it could have been continued"
        }
        return "stopped; to go on, give the same command with --resume \(checkpoint)"
    }

    /// - Throws: `FileError` if the one file cannot be created or the other not be read.
    func checkFiles() throws(FileError) {
        if let checkpoint { try AtomicFile.checkCreatable(checkpoint) }
        if let resume, FileKind(path: resume) == nil { throw .unreadable(path: resume, reason: "no such file") }
    }
}

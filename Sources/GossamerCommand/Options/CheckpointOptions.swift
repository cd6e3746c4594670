import ArgumentParser
import FileIO
import Gossamer

/// Where training keeps its state, and the state that it goes on from.
struct CheckpointOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Keep the state of training in this file, whole or not at all, after every epoch (of short ones so few that \
            it takes a fortieth of the time at most), at the end, and when SIGINT or SIGTERM end it.
            """, valueName: "file"))
    var checkpoint: String?

    @Option(
        help: ArgumentHelp(
            "Keep the state after so many minutes, whatever the epoch, instead; 0: after every step.",
            valueName: "minutes"))
    var checkpointEvery: Double?

    @Option(
        help: ArgumentHelp(
            """
            Go on from this state, of the same corpus and options; the model is that of a training that was never \
            interrupted. The state is kept in this file further, unless --checkpoint gives another.
            """, valueName: "file"))
    var resume: String?

    func validate() throws {
        if let checkpointEvery {
            guard checkpointEvery >= 0, checkpointEvery <= 1e6 else {
                throw ValidationError("--checkpoint-every needs minutes from 0, not \(checkpointEvery)")
            }
            if path == nil { throw ValidationError("--checkpoint-every has no effect without --checkpoint") }
        }
        if checkpoint == "-" { throw ValidationError("--checkpoint: a state is binary; give a file") }
        if resume == "-" { throw ValidationError("--resume: a state is mapped into memory; give a file") }
    }

    /// The file that has the last state; nil to keep none.
    var path: String? { checkpoint ?? resume }

    /// nil to keep no states.
    var checkpoints: Checkpoints? {
        path.map { path in
            Checkpoints(path: path, interval: checkpointEvery.map { .seconds(60 * $0) }, resumedPath: resume)
        }
    }

    /// Those of the trainings of a search, each of which goes on from its own state if that is the one that there is.
    var checkpointsOfSearch: Checkpoints? {
        checkpoints.map { given in
            var checkpoints = given
            (checkpoints.resumedPath, checkpoints.mayStart) = (given.path, true)
            return checkpoints
        }
    }

    /// What to do after training was interrupted.
    var adviceAfterInterruption: String {
        guard let path else { return "stopped; with --checkpoint FILE it could have been continued" }
        return "stopped; to go on, give the same command with --resume \(path)"
    }

    /// - Throws: `FileError` if the one file cannot be read or the other not be created.
    func checkFiles() throws(FileError) {
        if let resume, FileKind(path: resume) == nil { throw .unreadable(path: resume, reason: "no such file") }
        if let path { try AtomicFile.checkCreatable(path) }
    }
}

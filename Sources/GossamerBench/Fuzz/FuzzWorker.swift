import Autoencoders
import FileIO
import Foundation

/// Reads mutants one after the other, in the process that a trap would end, and tells the process that started it which
/// one it is at.
struct FuzzWorker {
    let seed: UInt64
    let subjects: [FuzzSubject]
    let folder: URL

    /// A line on stdout before and after each case: `start`, the subject and the number of the case, then how it ended.
    func run(from first: Int) {
        for number in first... {
            let (subject, place) = (subjects[number % subjects.count], number / subjects.count)
            tell("start\t\(number)\t\(subject.name)\t\(place)")
            do {
                tell(try accepts(subject, place) ? "accepted" : "refused")
            } catch {
                // Without the folder, whose name is another each time.
                tell("failed\t" + "\(error)".replacing(folder.path + "/", with: "").replacing("\n", with: "⏎"))
            }
        }
    }

    /// Reads one mutant.
    func accepts(_ subject: FuzzSubject, _ place: Int) throws -> Bool {
        var (path, mutator) = try mutant(of: subject, place, in: folder)
        return try subject.read(path, &mutator)
    }

    /// Writes a mutant, which depends on the seed, the subject and the number alone, into a folder, in place of what
    /// was there.
    ///
    /// - Returns: its path, and the source of all further chance of this case.
    func mutant(of subject: FuzzSubject, _ place: Int, in folder: URL) throws -> (path: String, Mutator) {
        let name = subject.name.utf8.reduce(0) { ($0 << 8 | $0 >> 56) ^ UInt64($1) }
        var mutator = Mutator(
            generator: RandomGenerator(seed: seed, stream: name, UInt64(place)), tokens: subject.tokens)
        if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let mutant = mutator.pick(subject.seeds).mutated(by: &mutator, beside: subject.seeds)
        return (try mutant.write(into: folder), mutator)
    }

    /// Unbuffered: what is still in a buffer when the process traps is lost.
    private func tell(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}

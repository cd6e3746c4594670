import ArgumentParser
import FileIO

/// Checks on where a command's outputs go.
enum OutputPaths {
    /// - Parameters:
    ///   - outputs: paths by the option that names them.
    ///   - inputs: files and folders that the command reads.
    ///   - json: whether standard output is taken by a JSON object.
    /// - Throws: `ValidationError` if a name is empty, two outputs would go to the same place, one would go over an
    ///   input or over a file in a folder that is one, whatever they are spelled like, or two inputs are stdin.
    static func check(_ outputs: KeyValuePairs<String, String?>, inputs: [String?], json: Bool = false) throws {
        var names: [String: String] = json ? ["-": "the JSON object"] : [:]
        var places: [PathPlace: String] = [:]
        let inputs = inputs.compactMap { $0 }
        let read = Set(inputs.compactMap { $0 == "-" ? PathPlace.standardInput : PathPlace(path: $0) })
        for (option, path) in outputs {
            guard let path else { continue }
            if path.isEmpty { throw ValidationError("\(option) needs the name of a file") }
            let place = PathPlace(path: path)
            if let other = names[path] ?? place.flatMap({ places[$0] }) {
                let place = path == "-" ? "standard output" : path
                throw ValidationError("\(option) and \(other) cannot both go to \(place); give different files")
            }
            let isInFolder = FileKind(path: path) == .file && inputs.contains { PathPlace.isBelow(path, folder: $0) }
            if path != "-", inputs.contains(path) || place.map(read.contains) == true || isInFolder {
                throw ValidationError(
                    "\(option): \(path) is an input of this command, which would be lost; give another file")
            }
            names[path] = option
            if let place { places[place] = option }
        }
        if inputs.count(where: { $0 == "-" }) > 1 {
            throw ValidationError("standard input can be read once only; give a file in place of one -")
        }
    }
}

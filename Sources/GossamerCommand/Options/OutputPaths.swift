import ArgumentParser

/// Checks on where a command's outputs go.
enum OutputPaths {
    /// - Parameters:
    ///   - outputs: paths by the option that names them.
    ///   - inputs: files that the command reads.
    ///   - json: whether standard output is taken by a JSON object.
    /// - Throws: `ValidationError` if a name is empty, two outputs would go to the same place, one would go over an
    ///   input, or two inputs are stdin.
    static func check(_ outputs: KeyValuePairs<String, String?>, inputs: [String?], json: Bool = false) throws {
        var places: [String: String] = json ? ["-": "the JSON object"] : [:]
        for (option, path) in outputs {
            guard let path else { continue }
            if path.isEmpty { throw ValidationError("\(option) needs the name of a file") }
            if let other = places[path] {
                let place = path == "-" ? "standard output" : path
                throw ValidationError("\(option) and \(other) cannot both go to \(place); give different files")
            }
            if path != "-", inputs.contains(path) {
                throw ValidationError(
                    "\(option): \(path) is an input of this command, which would be lost; give another file")
            }
            places[path] = option
        }
        if inputs.count(where: { $0 == "-" }) > 1 {
            throw ValidationError("standard input can be read once only; give a file in place of one -")
        }
    }
}

import FileIO

extension Message {
    /// The words with each setting as the option that sets it: `labelColumn` is `--label-column`.
    var optionText: String {
        text { setting in
            "--" + setting.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
        }
    }
}

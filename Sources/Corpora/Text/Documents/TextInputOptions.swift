/// How documents are found in text inputs.
public struct TextInputOptions: Sendable, Equatable {
    /// The JSON key of a document's text.
    public var textField: String
    /// The JSON key of the label: a string, a number, a boolean, or an array of these; missing or null is no label.
    public var labelField: String
    /// The JSON key of the id: a string or a number.
    public var idField: String
    /// The columns of tab-separated text, where they were chosen.
    package var table: TableColumns?
    /// Counts lines that cannot be understood instead of stopping at the first.
    public var skipBadLines: Bool
    /// Blocks of about this many bytes are worked on at a time.
    package var blockSize = 1 << 18
    /// A block has no more lines than this.
    package var mostLines = Int.max

    public init(
        textField: String = "text", labelField: String = "label", idField: String = "id", skipBadLines: Bool = false
    ) {
        self.textField = textField
        self.labelField = labelField
        self.idField = idField
        self.skipBadLines = skipBadLines
    }

    /// The same with columns of tables.
    func choosing(_ table: TableColumns?) -> TextInputOptions {
        var options = self
        options.table = table
        return options
    }
}

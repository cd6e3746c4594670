/// How lines of libsvm become rows; `CorpusReadingOptions` says what the parts mean.
package struct LibSVMOptions: Sendable, Equatable {
    package var indexBase: IndexBaseRule
    /// The matrix's width; nil takes the largest index in the file.
    package var featureCount: Int?
    package var excessFeatures: ExcessFeatures
    /// Makes each oddity an error: unsorted or duplicate indices, explicit zeros, blank lines, rows without a label
    /// among rows with one, labels that are not numbers, ids that are not UTF-8.
    package var strict: Bool
    /// Reads a first field `a:b` as the label `a` of a row that weighs `b`. Otherwise such a field is a feature of a
    /// row without a label: the two cannot be told apart.
    package var labelWeights: Bool
    /// Whether nobody asked for the base, but a model's corpus had it.
    package var isBaseOfModel = false
    /// Lines are parsed in blocks of about this many bytes.
    package var blockSize = 1 << 20

    package init(
        indexBase: IndexBaseRule = .auto, featureCount: Int? = nil, excessFeatures: ExcessFeatures = .error,
        strict: Bool = false, labelWeights: Bool = false
    ) {
        precondition(featureCount ?? 0 >= 0, "a matrix cannot have \(featureCount ?? 0) features")
        self.indexBase = indexBase
        self.featureCount = featureCount
        self.excessFeatures = excessFeatures
        self.strict = strict
        self.labelWeights = labelWeights
    }
}

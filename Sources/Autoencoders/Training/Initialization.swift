import SparseMatrices

extension SparseEncoder {
    /// An encoder to start training from: each unit of the input layer is a training document, normalised, so that
    /// it is active on real data from the first step, whatever the number of features. Dense layers start as
    /// `LinearLayer.init(inputs:outputs:generator:)` says.
    ///
    /// With fewer documents than units, documents come again with half of their entries dropped at random.
    package init(
        _ settings: AutoencoderSettings, rows: [Int], of matrix: WeightedRows, generator: inout RandomGenerator
    ) {
        let widths = settings.hiddenWidths + [settings.latentWidth]
        var atoms = DenseMatrix(rowCount: matrix.columnCount, columnCount: widths[0])
        let candidates = rows.filter { matrix.entryCount(ofRow: $0) > 0 }.shuffled(using: &generator)
        let units = 0..<(candidates.isEmpty ? 0 : widths[0])
        atoms.withUnsafeMutableElements { w in
            var unit = 0
            matrix.forEachRow(in: units.lazy.map { candidates[$0 % candidates.count] }) { _, columns, values in
                let isRepeat = unit >= candidates.count
                let kept = values.indices.filter { _ in !isRepeat || generator.nextUniform() < 0.5 }
                let norm = kept.reduce(0.0) { $0 + Double(values[$1]) * Double(values[$1]) }.squareRoot()
                for entry in norm == 0 ? [] : kept {
                    w[Int(columns[entry]) * widths[0] + unit] = Float(Double(values[entry]) / norm)
                }
                unit += 1
            }
        }
        let isLone = settings.hiddenWidths.isEmpty && !candidates.isEmpty
        let bias = isLone ? settings.activation.function.startingBias : 0
        self.init(
            input: LinearLayer(weights: atoms, bias: Array(repeating: bias, count: widths[0])),
            layers: zip(widths, widths.dropFirst()).map {
                LinearLayer(inputs: $0, outputs: $1, generator: &generator)
            },
            activation: settings.activation)
    }
}

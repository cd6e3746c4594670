import RealModule
import SparseMatrices

/// Reinitialisation of dead units: no document activates them, so they receive no gradient.
extension AutoencoderTrainer {
    /// Reinitialises units, each from a document that the other units reconstruct badly: drawn without replacement,
    /// with a probability proportional to its squared loss. The unit's weights become the document's inputs to the
    /// latent layer, scaled to the average length of the weights of living units; its bias and threshold become their
    /// averages; the decoder and the optimizer are reset for it. (Bricken et al., "Towards Monosemanticity", Anthropic
    /// 2023, appendix on neuron resampling.)
    ///
    /// - Parameter rows: the documents to choose from.
    /// - Returns: the number of reinitialised units.
    /// - Complexity: O(V) per unit, plus an evaluation of the rows and the norms of all weights.
    mutating func revive(_ units: [Int], from rows: ArraySlice<Int>, using generator: inout RandomGenerator) -> Int {
        let living = Array(Set(0..<encoder.latentWidth).subtracting(units)).sorted()
        if units.isEmpty || living.isEmpty { return 0 }
        let losses = losses(of: rows)
        let picks = draw(units.count, weights: losses.map { $0 * $0 }, using: &generator)
        let revived = Array(units.prefix(picks.count))
        if revived.isEmpty { return 0 }
        let start = rows.startIndex
        let examples = picks.map { rows[start + $0] }
        encode(examples[...], isTraining: true)
        if encoder.layers.isEmpty {
            reviveInputs(revived, living: living)
        } else {
            reviveLastLayer(revived, living: living)
        }
        if encoder.thresholds.count == encoder.latentWidth {
            let mean = mean(living.map { encoder.thresholds[$0] })
            for unit in revived { encoder.thresholds[unit] = mean }
        }
        decoder.restart(units: revived)
        optimizer.restart(units: revived)
        return revived.count
    }

    /// The loss of every row, without corruption of the inputs.
    private mutating func losses(of rows: ArraySlice<Int>) -> [Double] {
        var losses: [Double] = []
        for start in stride(from: rows.startIndex, to: rows.endIndex, by: 512) {
            _ = evaluate(rows[start...].prefix(512), isTraining: true)
            losses += decoderWorkspace.rowLosses
        }
        return losses
    }

    /// Sets columns of W₁ to the rows of the loaded batch.
    private mutating func reviveInputs(_ units: [Int], living: [Int]) {
        let norms = encoder.input.weights.columnNorms()
        let (length, bias) = (mean(living.map { norms[$0] }), mean(living.map { encoder.input.bias[$0] }))
        encoder.input.weights.clear(columns: units)
        let width = encoder.input.width
        encoder.input.weights.withUnsafeMutableElements { w in
            batch.withInputs { x in
                for (row, unit) in units.enumerated() {
                    let scale = length / Float(max(1e-12, squaredNorm(ofRow: row, x).squareRoot()))
                    for entry in x.entries(ofRow: row) {
                        w[Int(x.columnIndices[entry]) * width + unit] = scale * x.values[entry]
                    }
                }
            }
        }
        for unit in units { encoder.input.bias[unit] = bias }
    }

    /// Sets columns of the last layer's weights to the hidden outputs of the loaded batch.
    private mutating func reviveLastLayer(_ units: [Int], living: [Int]) {
        let last = encoder.layers.count - 1
        let hidden = encoderWorkspace.outputs[last]
        let norms = encoder.layers[last].weights.columnNorms()
        let (length, bias) = (mean(living.map { norms[$0] }), mean(living.map { encoder.layers[last].bias[$0] }))
        let width = encoder.layers[last].width
        encoder.layers[last].weights.withUnsafeMutableElements { w in
            for (row, unit) in units.enumerated() {
                let h = hidden.elements + row * hidden.width
                let square = (0..<hidden.width).reduce(0.0) { $0 + Double(h[$1]) * Double(h[$1]) }
                let scale = length / Float(max(1e-12, square.squareRoot()))
                for i in 0..<hidden.width { w[i * width + unit] = scale * h[i] }
            }
        }
        for unit in units { encoder.layers[last].bias[unit] = bias }
    }

    private func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(max(1, values.count)) }

    /// Draws up to `count` indices without replacement, with probabilities proportional to the weights: those with the
    /// largest ln(u)/w, u uniform (Efraimidis & Spirakis, "Weighted random sampling with a reservoir", 2006).
    private func draw(_ count: Int, weights: [Double], using generator: inout RandomGenerator) -> [Int] {
        let keys = weights.map { weight in
            let key = Double.log(max(0x1p-25, Double(generator.nextUniform())))
            return weight > 0 ? key / weight : -.infinity
        }
        let order = weights.indices.filter { keys[$0] > -.infinity }.sorted { (keys[$0], $1) > (keys[$1], $0) }
        return Array(order.prefix(count))
    }
}

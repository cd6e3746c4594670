import Autoencoders
import RealModule
import SparseMatrices

/// The multinomial likelihood in Double, one document at a time, straight from its formulas.
struct DenseMultinomial {
    /// features × K.
    let weights: [[Double]]
    let bias: [Double]

    init(_ decoder: LinearDecoder) {
        weights = (0..<decoder.featureCount).map { decoder.weights.row($0).map(Double.init) }
        bias = decoder.bias.map(Double.init)
    }

    func softmax(_ z: [Double]) -> [Double] { logSoftmax(z).map { Double.exp($0) } }

    func logSoftmax(_ z: [Double]) -> [Double] {
        let logits = zip(weights, bias).map { dot($0, z) + $1 }
        let largest = logits.max() ?? 0
        let logSum = largest + Double.log(logits.reduce(0) { $0 + Double.exp($1 - largest) })
        return logits.map { $0 - logSum }
    }

    func logLikelihood(_ x: [Double], _ z: [Double]) -> Double { dot(x, logSoftmax(z)) }

    /// Σ_v (x_v − N·p_v)·D_v.
    func gradient(_ x: [Double], _ z: [Double]) -> [Double] {
        let tokens = x.reduce(0, +)
        let residuals = zip(x, softmax(z)).map { $0 - tokens * $1 }
        return z.indices.map { unit in dot(residuals, weights.map { $0[unit] }) }
    }

    /// N times the variance of each column of D under p: the diagonal of the negative Hessian.
    func curvature(_ x: [Double], _ z: [Double]) -> [Double] {
        let p = softmax(z)
        let tokens = x.reduce(0, +)
        return z.indices.map { unit in
            let column = weights.map { $0[unit] }
            let mean = dot(p, column)
            return tokens * dot(p, column.map { ($0 - mean) * ($0 - mean) })
        }
    }
}

/// A variational autoencoder in Double, one document at a time; all hidden layers are tanh.
struct DenseVariational {
    let model: VariationalAutoencoder
    let likelihood: DenseLikelihood

    init(_ model: VariationalAutoencoder) {
        self.model = model
        likelihood = DenseLikelihood(model.likelihood, model.decoder, model.dispersion)
    }

    /// - Parameter input: what the encoder sees.
    func posterior(_ input: [Double]) -> DensePosterior {
        let encoder = model.encoder
        var h = affine(input, encoder.input.weights, encoder.input.bias).map { Double.tanh($0) }
        for layer in encoder.layers { h = affine(h, layer.weights, layer.bias).map { Double.tanh($0) } }
        let bound = Double(GaussianLatent.bound)
        return DensePosterior(
            mean: affine(h, model.latent.mean.weights, model.latent.mean.bias),
            logVariance: affine(h, model.latent.logVariance.weights, model.latent.logVariance.bias)
                .map { bound * Double.tanh($0 / bound) })
    }

    /// −E log p(x|z) + β·KL(q‖p), the expectation being the mean over `noise`.
    func negativeBound(_ x: [Double], _ posterior: DensePosterior, noise: [[Double]], beta: Double = 1) -> Double {
        let logLikelihoods = noise.map { likelihood.logLikelihood(x, posterior.sample($0)) }
        return beta * posterior.klDivergence - logLikelihoods.reduce(0, +) / Double(noise.count)
    }

    private func affine(_ x: [Double], _ weights: DenseMatrix, _ bias: [Float]) -> [Double] {
        bias.indices.map { j in x.indices.reduce(Double(bias[j])) { $0 + x[$1] * Double(weights[$1, j]) } }
    }
}

/// N(mean, diag(exp(logVariance))) of one document.
struct DensePosterior {
    var mean: [Double]
    var logVariance: [Double]

    func sample(_ noise: [Double]) -> [Double] {
        mean.indices.map { mean[$0] + Double.exp(0.5 * logVariance[$0]) * noise[$0] }
    }

    var klDivergence: Double {
        zip(mean, logVariance).reduce(0) { $0 + 0.5 * ($1.0 * $1.0 + Double.exp($1.1) - 1 - $1.1) }
    }
}

/// The noise that a document gets: a generator for each seed, step, draw and row.
func documentNoise(width: Int, seed: UInt64, step: UInt64, draw: Int, row: Int) -> [Double] {
    var generator = RandomGenerator(seed: seed, stream: step, UInt64(draw), UInt64(row))
    return (0..<width).map { _ in Double(generator.nextNormal()) }
}

func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
}

extension CSRMatrix {
    /// The same pattern with small whole numbers, as counts are.
    var asCounts: CSRMatrix {
        var offsets = [0]
        var columns: [UInt32] = []
        var counts: [Float] = []
        for row in 0..<rowCount {
            let entries = self.row(row)
            columns += entries.columnIndices
            counts += entries.values.map { 1 + (4 * ($0 - 0.25)).rounded(.down) }
            offsets.append(counts.count)
        }
        return try! CSRMatrix(
            rowCount: rowCount, columnCount: columnCount, rowOffsets: offsets, columnIndices: columns, values: counts)
    }

    /// ln(1 + x) at unit length, in Double.
    func logarithmicRows(_ length: InputLength = .squareRoot) -> [[Double]] {
        denseRows(allRows).map { row in
            let logarithms = row.map { Double.log(onePlus: $0) }
            let norm = dot(logarithms, logarithms).squareRoot()
            return norm > 0
                ? logarithms.map { $0 / (length == .unit ? norm : norm.squareRoot()) } : logarithms
        }
    }
}

/// max |a − b| as a share of the largest |b|, or absolutely where that is below 1.
func largestError(_ a: some Sequence<Float>, _ b: some Sequence<Double>) -> Double {
    let (a, b) = (a.map(Double.init), Array(b))
    guard a.count == b.count else { return .infinity }
    let errors = zip(a, b).map { abs($0 - $1) }
    if errors.contains(where: \.isNaN) { return .infinity }
    return (errors.max() ?? 0) / max(1, b.map(abs).max() ?? 0)
}

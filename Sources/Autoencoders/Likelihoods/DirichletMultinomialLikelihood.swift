import SparseMatrices

/// log p(x|z) = ln Γ(s) − ln Γ(s + N) + Σ_v [ln Γ(α_v + x_v) − ln Γ(α_v)] for word counts x, with α = s·p and
/// p = softmax(z·Dᵀ + c): the documents' words are draws from a distribution that is itself a draw from a Dirichlet
/// distribution around p, and the more so the smaller the concentration s is. So words come in bursts: one that has been
/// drawn once is likelier to be drawn again (Madsen, Kauchak & Elkan, "Modeling Word Burstiness Using the Dirichlet
/// Distribution", ICML 2005; Doyle & Elkan, "Accounting for Burstiness in Topic Models", ICML 2009). As s grows it
/// becomes the multinomial likelihood. It is the probability of the words in their order; how many orders have the same
/// counts is left out.
///
/// The gradient is that of a multinomial likelihood with effective counts in place of counts,
///
///     r_v = α_v·(ψ(α_v + x_v) − ψ(α_v)),   R = Σ_v r_v
///     ∂/∂(logit of v) = r_v − R·p_v
///     ∂/∂ln s = R − s·(ψ(s + N) − ψ(s))
///
/// where r_v = 1 of a word that comes once, and never more than the count of one that comes more often. s is the same
/// for all documents, or follows z as a `DispersionDecoder` says.
///
/// With effective counts held fixed, −∂²/∂z² is R times the covariance of D under p and, where ln s follows z, as steeply
/// as w, s·∂/∂s[s·(ψ(s + N) − ψ(s))]·wwᵀ. This is the curvature: positive semidefinite, and the second derivative of a
/// lower bound of log p that touches it at z, since every ln Γ(α + x) − ln Γ(α) with x ≥ 1 is convex in ln α (Minka, "Estimating a
/// Dirichlet Distribution", 2000). The second derivative of log p itself is smaller, and may be negative.
///
/// - Complexity: O(rows·V·K + nnz·K).
package struct DirichletMultinomialLikelihood: SoftmaxLikelihood {
    package let softmax: BlockedSoftmax
    private let concentration: DispersionDecoder

    /// - Parameters:
    ///   - concentration: ln s.
    ///   - blockWidth: how many features' logits may exist at the same time.
    package init(_ decoder: LinearDecoder, concentration: DispersionDecoder, blockWidth: Int = 4096) {
        precondition(concentration.count == 1, "a document has one concentration, not \(concentration.count)")
        softmax = BlockedSoftmax(decoder, blockWidth: blockWidth)
        self.concentration = concentration
    }

    package func observe(_ x: CSRView, into evidence: LikelihoodEvidence, execution: Execution) {
        evidence.keepDocuments(x)
        evidence.forgetRows()
        for row in 0..<x.rowCount {
            evidence.tokens.append(x.entries(ofRow: row).reduce(0) { $0 + Double(x.values[$1]) })
        }
    }

    package func prepare(_ results: LikelihoodResults, for evidence: LikelihoodEvidence) {
        let rows = evidence.rowCount
        evidence.withDocuments { results.counts.resize(rows: $0.values.count, width: 1) }
        results.countSums.resize(rows: rows, width: 1)
        results.projection.resize(rows: rows, width: width)
        results.concentrationSlopes.resize(rows: rows, width: 1)
        results.concentrationCurvatures.resize(rows: rows, width: 1)
    }

    package func count(
        row: Int, _ z: UnsafePointer<Float>, _ evidence: LikelihoodEvidence, _ results: LikelihoodResults
    ) -> Double {
        let code = z + row * width
        let projection = results.projection.elements + row * width
        projection.update(repeating: 0, count: width)
        let (logS, slope) = concentration.logarithm(of: 0, code)
        let shift = Double(logS) - softmax.logSum(ofRow: row, results)
        var (logLikelihood, sum) = (0.0, 0.0)
        evidence.withDocuments { x in
            decoder.weights.withUnsafeElements { d in
                for entry in x.entries(ofRow: row) {
                    let feature = Int(x.columnIndices[entry])
                    var count = 0.0
                    if x.values[entry] > 0 {
                        let rise = RisingFactorial(
                            logOf: shift + decoder.output(of: feature, code), Double(x.values[entry]))
                        logLikelihood += rise.logarithm
                        count = rise.slope
                    }
                    results.counts.elements[entry] = Float(count)
                    sum += count
                    kernels.axpy(count: width, alpha: Float(count), x: d + feature * width, y: projection)
                }
            }
        }
        results.countSums.elements[row] = Float(sum)
        var (steepness, bend) = (0.0, 0.0)
        if evidence.tokens[row] > 0 {
            let whole = RisingFactorial(logOf: Double(logS), evidence.tokens[row])
            logLikelihood -= whole.logarithm
            steepness = Double(slope) * (sum - whole.slope)
            // Weighted words may be less than one in all.
            bend = max(0, Double(slope) * Double(slope) * whole.bend)
        }
        results.concentrationSlopes.elements[row] = Float(steepness)
        results.concentrationCurvatures.elements[row] = Float(bend)
        if concentration.followsCode {
            concentration.linear.weights.withUnsafeElements {
                kernels.axpy(count: width, alpha: Float(steepness), x: $0, y: projection)
            }
        }
        return logLikelihood
    }

    /// R.
    package func countSum(ofRow row: Int, _ evidence: LikelihoodEvidence, _ results: LikelihoodResults) -> Float {
        results.countSums.elements[row]
    }

    package func projection(_ evidence: LikelihoodEvidence, _ results: LikelihoodResults) -> ScratchMatrix {
        results.projection
    }

    package func counts(_ results: LikelihoodResults) -> ScratchMatrix? { results.counts }

    package func addCurvature(
        ofRow row: Int, _ evidence: LikelihoodEvidence, _ results: LikelihoodResults,
        add: (_ vector: [Float], _ weight: Float) -> Void
    ) {
        guard concentration.followsCode else { return }
        add(concentration.linear.weights.elements, results.concentrationCurvatures.elements[row])
    }

    package func addDispersionGradient(
        _ z: UnsafePointer<Float>, rows: Int, weight: Float, results: LikelihoodResults,
        into gradient: inout DecoderGradient
    ) {
        let width = concentration.linear.latentWidth
        gradient.dispersion.reset(rows: 1, columns: width, biases: 1)
        gradient.dispersion.bias[0] = 0
        gradient.dispersion.weights.withUnsafeMutableElements { w in
            w.update(repeating: 0, count: width)
            for row in 0..<rows {
                let steepness = weight * results.concentrationSlopes.elements[row]
                gradient.dispersion.bias[0] += steepness
                kernels.axpy(count: width, alpha: steepness, x: z + row * width, y: w)
            }
        }
    }

    /// x_v/N·[ln Γ(s + N) − ln Γ(s)] − [ln Γ(α_v + x_v) − ln Γ(α_v)]; the normaliser of the softmax follows from
    /// log p(x|z).
    package func entryLosses(
        ofRow row: Int, of x: CSRView, code: UnsafePointer<Float>, logLikelihood: Double
    ) -> [Double] {
        let entries = x.entries(ofRow: row).filter { x.values[$0] > 0 }
        let counts = entries.map { Double(x.values[$0]) }, tokens = counts.reduce(0, +)
        guard tokens > 0 else { return x.entries(ofRow: row).map { _ in 0 } }
        let logS = Double(concentration.logarithm(of: 0, code).value)
        let whole = RisingFactorial(logOf: logS, tokens).logarithm
        let logits = entries.map { logS + decoder.output(of: Int(x.columnIndices[$0]), code) }
        // No α is above s.
        let normalizer = logNormalizer(
            logits, counts, sum: logLikelihood + whole, from: (logits.max() ?? 0) - logS)
        var losses = zip(logits, counts).map {
            $1 / tokens * whole - RisingFactorial(logOf: $0 - normalizer, $1).logarithm
        }[...]
        return x.entries(ofRow: row).map { x.values[$0] > 0 ? losses.removeFirst() : 0 }
    }

    /// t with Σ_v [ln Γ(α_v + x_v) − ln Γ(α_v)] = sum, ln α_v = a_v − t, by Newton's method: the left side falls and is
    /// convex in t, so from below it comes up to t without overshooting.
    private func logNormalizer(_ logits: [Double], _ counts: [Double], sum: Double, from start: Double) -> Double {
        var t = start
        for _ in 0..<100 {
            var (value, slope) = (-sum, 0.0)
            for (logit, count) in zip(logits, counts) {
                let rise = RisingFactorial(logOf: logit - t, count)
                value += rise.logarithm
                slope += rise.slope
            }
            let step = value / slope
            t += step
            if abs(step) <= 1e-12 * (1 + abs(t)) { break }
        }
        return t
    }
}

extension DirichletMultinomialLikelihood: ObjectiveFamily {
    package static var dispersion: DispersionKind? { .concentration }

    package static func of(_ decoder: LinearDecoder, dispersion: DispersionDecoder?) -> any ExactLikelihood {
        guard let dispersion else { preconditionFailure("a Dirichlet-multinomial likelihood needs a concentration") }
        return DirichletMultinomialLikelihood(decoder, concentration: dispersion)
    }

    /// The concentration around the shares of the whole corpus that makes the training documents likeliest.
    package static func startingDispersion(
        of observed: ObservedFeatures, latentWidth: Int, generator: inout RandomGenerator
    ) -> DispersionDecoder? {
        let logS = [Float(observed.logConcentration)]
        let weights = DenseMatrix(rowCount: 1, columnCount: latentWidth)
        return DispersionDecoder(linear: LinearDecoder(weights: weights, bias: logS), center: logS)
    }

    /// Goes through the document, in whose counts it is not linear.
    package static func referenceLoss(
        ofRow row: Int, _ evidence: LikelihoodEvidence, _ reference: ObjectiveReference
    ) -> Double {
        let logS = Double(reference.dispersion?.logarithm(of: 0, []).value ?? 0)
        guard evidence.tokens[row] > 0 else { return 0 }
        let whole = RisingFactorial(logOf: logS, evidence.tokens[row]).logarithm
        return evidence.withDocuments { x in
            x.entries(ofRow: row).reduce(whole) { loss, entry in
                guard x.values[entry] > 0 else { return loss }
                let logit = Double(reference.decoder.bias[Int(x.columnIndices[entry])])
                let logAlpha = logS + logit - reference.normalizer
                return loss - RisingFactorial(logOf: logAlpha, Double(x.values[entry])).logarithm
            }
        }
    }
}

extension ObservedFeatures {
    /// How many documents tell a concentration.
    private static let mostDocuments = 2000
    /// Concentrations from 1/20, where nearly all words of a document are the same, to what no document could tell from
    /// infinity.
    private static let logConcentrations = -3.0...14.0

    /// ln s of the Dirichlet-multinomial distribution with α = s·shares that makes the documents likeliest, by bisection
    /// of the slope in ln s.
    ///
    /// - Complexity: O(entries), of two thousand documents.
    var logConcentration: Double {
        let logShares = logShares.map(Double.init)
        var documents: [(tokens: Double, entries: [(logShare: Double, count: Double)])] = []
        matrix.forEachRow(in: rows.prefix(Self.mostDocuments)) { _, columns, values in
            let entries = zip(columns, values).filter { $1 > 0 }.map { (logShares[Int($0)], Double($1)) }
            if !entries.isEmpty { documents.append((entries.reduce(0) { $0 + $1.1 }, entries)) }
        }
        func slope(_ logS: Double) -> Double {
            documents.reduce(0) { sum, document in
                document.entries.reduce(sum - RisingFactorial(logOf: logS, document.tokens).slope) {
                    $0 + RisingFactorial(logOf: logS + $1.logShare, $1.count).slope
                }
            }
        }
        var (low, high) = (Self.logConcentrations.lowerBound, Self.logConcentrations.upperBound)
        while high - low > 1e-3 {
            let middle = 0.5 * (low + high)
            if slope(middle) > 0 { low = middle } else { high = middle }
        }
        return 0.5 * (low + high)
    }
}

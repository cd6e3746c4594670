import RealModule
import SparseMatrices

/// log p(x|z) = Σ_v x_v·log Σ_k θ_k β_kv for word counts x, with the topics' shares θ = softmax(z) and the topics
/// β_k = softmax_v(D_vk + c_v): each word is drawn from a topic that was drawn from θ (Miao, Grefenstette & Blunsom,
/// "Discovering Discrete Latent Topics with Neural Variational Inference", ICML 2017). The multinomial coefficient is
/// left out.
///
/// With p_v = Σ_k θ_k β_kv and the responsibilities r_vk = θ_k β_kv/p_v:
///
///     ∂/∂z_k    = Σ_v x_v (r_vk − θ_k)
///     curvature = Σ_v x_v (r_vk − θ_k)²   (the empirical Fisher information of the words)
///
/// Only stored entries enter, since both θ and β sum to one.
///
/// - Complexity: O(nnz·K) and, once a batch, O(V·K) for β and its gradient.
package struct TopicMixtureLikelihood: ExactLikelihood {
    package let decoder: LinearDecoder
    /// β: features × K, so that a stored entry reads one contiguous row.
    package let topics: DenseMatrix

    /// Rows that one thread works on at a time.
    private static let rowsPerBlock = 32
    /// p_v is at least this, so that a word no topic holds is very unlikely rather than impossible.
    private static let leastProbability: Float = 1e-30

    package init(_ decoder: LinearDecoder) {
        self.decoder = decoder
        topics = decoder.topicDistributions
    }

    private var width: Int { decoder.latentWidth }

    package func observe(_ x: CSRView, into evidence: LikelihoodEvidence, execution: Execution) {
        evidence.keepDocuments(x)
        evidence.forgetRows()
        for row in 0..<x.rowCount {
            evidence.tokens.append(x.entries(ofRow: row).reduce(0) { $0 + Double(x.values[$1]) })
        }
    }

    package func evaluate(
        _ z: UnsafePointer<Float>, evidence: LikelihoodEvidence, wantsCurvature: Bool, into results: LikelihoodResults,
        execution: Execution
    ) {
        let rows = evidence.rowCount
        results.resize(rows: rows, width: width)
        results.sums.resize(rows: rows, width: width)
        results.logLikelihoods.withUnsafeMutableBufferPointer { likelihoods in
            // Each block of rows writes to places of its own.
            nonisolated(unsafe) let likelihoods = likelihoods
            evidence.withDocuments { x in
                execution.parallelism.forEachRange(of: rows, blockSize: Self.rowsPerBlock) { range in
                    for row in range {
                        let shares = results.sums.elements + row * width
                        shares.update(from: z + row * width, count: width)
                        softmax(count: width, x: shares)
                        likelihoods[row] = addWords(of: x, row, shares, results)
                        finish(row, shares, tokens: Float(evidence.tokens[row]), results)
                    }
                }
            }
        }
    }

    /// Σ x_v log p_v; Σ x_v β_v/p_v into `gradient` and Σ x_v (β_v/p_v)² into `curvature`.
    private func addWords(
        of x: CSRView, _ row: Int, _ shares: UnsafePointer<Float>, _ results: LikelihoodResults
    ) -> Double {
        let first = results.gradient.elements + row * width
        let second = results.curvature.elements + row * width
        first.update(repeating: 0, count: width)
        second.update(repeating: 0, count: width)
        var sum = 0.0
        topics.withUnsafeElements { topics in
            for entry in x.entries(ofRow: row) {
                let word = topics + Int(x.columnIndices[entry]) * width
                let probability = max(kernels.dot(count: width, x: shares, y: word), Self.leastProbability)
                let count = x.values[entry]
                sum += Double(count) * Double.log(Double(probability))
                kernels.addMoments(
                    count: width, weight: count, scale: 1 / probability, x: word, first: first, second: second)
            }
        }
        return sum
    }

    private func finish(
        _ row: Int, _ shares: UnsafePointer<Float>, tokens: Float, _ results: LikelihoodResults
    ) {
        let first = results.gradient.elements + row * width
        let second = results.curvature.elements + row * width
        for unit in 0..<width {
            let share = shares[unit]
            second[unit] = share * share * max(0, second[unit] - 2 * first[unit] + tokens)
            first[unit] = share * (first[unit] - tokens)
        }
    }

    /// −x_v·log Σ_k θ_k β_kv
    package func entryLosses(
        ofRow row: Int, of x: CSRView, code: UnsafePointer<Float>, logLikelihood: Double
    ) -> [Double] {
        var shares = Array(UnsafeBufferPointer(start: code, count: width))
        return shares.withUnsafeMutableBufferPointer { shares in
            guard let start = shares.baseAddress else { return [] }
            softmax(count: width, x: start)
            return topics.withUnsafeElements { topics in
                x.entries(ofRow: row).map { entry in
                    let word = topics + Int(x.columnIndices[entry]) * width
                    let probability = max(kernels.dot(count: width, x: start, y: word), Self.leastProbability)
                    return -Double(x.values[entry]) * Double.log(Double(probability))
                }
            }
        }
    }

    /// Σ_v x_v (r_v − θ)(r_v − θ)ᵀ, the empirical Fisher information of the words.
    package func curvatureMatrices(
        _ z: UnsafePointer<Float>, draws: Int, evidence: LikelihoodEvidence, results: LikelihoodResults,
        into matrices: ScratchMatrix, execution: Execution
    ) {
        let sums = OuterProductSums(decoder)
        sums.reset(matrices, rows: evidence.rowCount, draws: draws)
        evidence.withDocuments { x in
            sums.forEachDocument(of: matrices, execution) { document, matrix in
                for row in document * draws..<(document + 1) * draws {
                    addScores(of: x, row, results.sums.elements + row * width, share: 1 / Float(draws), to: matrix)
                }
            }
        }
    }

    /// Adds share·SᵀS to a matrix, S having a row √x_v·(r_v − θ) for every word.
    private func addScores(
        of x: CSRView, _ row: Int, _ shares: UnsafePointer<Float>, share: Float, to matrix: UnsafeMutablePointer<Float>
    ) {
        let entries = x.entries(ofRow: row)
        var scores = [Float](repeating: 0, count: entries.count * width)
        topics.withUnsafeElements { topics in
            for (i, entry) in entries.enumerated() {
                let word = topics + Int(x.columnIndices[entry]) * width
                let inverse = 1 / max(kernels.dot(count: width, x: shares, y: word), Self.leastProbability)
                let weight = (share * max(0, x.values[entry])).squareRoot()
                for unit in 0..<width {
                    scores[i * width + unit] = weight * shares[unit] * (word[unit] * inverse - 1)
                }
            }
        }
        PackedTriangles.addGram(scores, rows: entries.count, width: width, to: matrix)
    }

    package func decoderGradient(
        _ z: UnsafePointer<Float>, batch: SparseBatch, evidence: LikelihoodEvidence, weight: Float,
        results: LikelihoodResults, into gradient: inout DecoderGradient, execution: Execution
    ) {
        addResponsibilities(batch, weight: weight, results: results, execution: execution)
        let features = decoder.featureCount
        gradient.linear.reset(rows: features, columns: width, biases: features)
        // Σ_v of the responsibilities, which the softmax of β takes back from all words in proportion.
        var totals = [Float](repeating: 0, count: width)
        sumRows(results.touched.elements, rows: batch.touchedColumns.count, width: width, into: &totals)
        topics.withUnsafeElements { topics in
            gradient.linear.weights.withUnsafeMutableElements { g in
                execution.parallelism.forEachRange(of: features, blockSize: 512) { range in
                    for i in range {
                        for unit in 0..<width { g[i * width + unit] = -topics[i * width + unit] * totals[unit] }
                    }
                }
                for (i, feature) in batch.touchedColumns.enumerated() {
                    kernels.axpy(
                        count: width, alpha: 1, x: results.touched.elements + i * width, y: g + Int(feature) * width)
                }
                for feature in 0..<features {
                    var sum: Float = 0
                    for unit in 0..<width { sum += g[feature * width + unit] }
                    gradient.linear.bias[feature] = sum
                }
            }
        }
    }

    /// w·Σ_rows x_v r_vk of the touched features, into `touched`.
    private func addResponsibilities(
        _ batch: SparseBatch, weight: Float, results: LikelihoodResults, execution: Execution
    ) {
        let touched = batch.touchedColumns
        results.touched.reset(rows: touched.count, width: width)
        batch.withTransposedTargets { x in
            topics.withUnsafeElements { topics in
                execution.parallelism.forEachRange(of: touched.count, blockSize: 128) { range in
                    for i in range {
                        let word = topics + Int(touched[i]) * width
                        let target = results.touched.elements + i * width
                        for entry in x.entries(ofRow: i) {
                            let shares = results.sums.elements + Int(x.columnIndices[entry]) * width
                            let probability = max(
                                kernels.dot(count: width, x: shares, y: word), Self.leastProbability)
                            kernels.axpy(
                                count: width, alpha: weight * x.values[entry] / probability, x: shares, y: target)
                        }
                        for unit in 0..<width { target[unit] *= word[unit] }
                    }
                }
            }
        }
    }
}

extension TopicMixtureLikelihood: LikelihoodFamily {
    package static var isPerToken: Bool { true }
    package static var needsCounts: Bool { true }
    package static var largestRefinementStep: Float { 1 }
    /// Topics have to travel far from where they start.
    package static var decoderRate: Float { 5e-2 }
    package static var isMixture: Bool { true }
    package static var measuresLift: Bool { true }

    package static func encoderInput(length: InputLength) -> WeightedRows.ValueMap? { length.logarithmicCounts }

    package static func of(_ decoder: LinearDecoder, dispersion: DispersionDecoder?) -> any ExactLikelihood {
        TopicMixtureLikelihood(decoder)
    }

    package static func startingBias(of observed: ObservedFeatures) -> [Float] { observed.logShares }

    /// Documents a topic, and the share of the corpus in what a topic starts as.
    private static let documentsPerTopic = 4
    private static let corpusShare = 0.5

    /// With small random numbers alone a mixture would sit on a plateau, where all topics are the same: its topics
    /// start as the word shares of random documents instead, a few to a topic, mixed with those of the whole corpus.
    package static func adaptStartingWeights(
        _ weights: inout DenseMatrix, to observed: ObservedFeatures, generator: inout RandomGenerator
    ) {
        let matrix = observed.matrix, total = observed.total, width = weights.columnCount
        let candidates = observed.rows.filter { matrix.entryCount(ofRow: $0) > 0 }.shuffled(using: &generator)
        if candidates.isEmpty { return }
        weights.withUnsafeMutableElements { d in
            for unit in 0..<width {
                let documents = (0..<documentsPerTopic).map {
                    candidates[(unit * documentsPerTopic + $0) % candidates.count]
                }
                // D is relative to the log-shares of the corpus, which are the bias.
                for (feature, share) in wordShares(of: documents, in: matrix) {
                    let corpus = max(observed.sums[Int(feature)], 0.5) / total
                    d[Int(feature) * width + unit] += Float(
                        Double.log(((1 - corpusShare) * share / corpus + corpusShare) / corpusShare))
                }
            }
        }
    }

    /// The mean share of each word over some documents.
    private static func wordShares(of documents: [Int], in matrix: WeightedRows) -> [UInt32: Double] {
        var shares: [UInt32: Double] = [:]
        matrix.forEachRow(in: documents) { _, columns, values in
            let tokens = values.reduce(0.0) { $0 + Double($1) }
            if tokens <= 0 { return }
            for (column, value) in zip(columns, values) {
                shares[column, default: 0] += Double(value) / (tokens * Double(documents.count))
            }
        }
        return shares
    }

    package static func featureMeans(_ decoder: LinearDecoder, temperature: Float) -> FeatureMeans {
        FeatureMeans(mixing: decoder.topicDistributions)
    }

    /// As many words as some training document has.
    package static func draw(for data: some GenerationData) throws -> any EntryDraw { try data.words() }
}

extension LinearDecoder {
    /// β_k = softmax_v(D_vk + c_v) of every unit k: features × K.
    ///
    /// - Complexity: O(V·K).
    package var topicDistributions: DenseMatrix {
        let width = latentWidth
        var topics = weights
        topics.withUnsafeMutableElements { b in
            var maxima = [Float](repeating: -.infinity, count: width)
            for feature in 0..<featureCount {
                for unit in 0..<width {
                    b[feature * width + unit] += bias[feature]
                    maxima[unit] = max(maxima[unit], b[feature * width + unit])
                }
            }
            for feature in 0..<featureCount {
                for unit in 0..<width { b[feature * width + unit] -= maxima[unit] }
            }
            kernels.exp(count: featureCount * width, x: b)
            var sums = [Double](repeating: 0, count: width)
            for feature in 0..<featureCount {
                for unit in 0..<width { sums[unit] += Double(b[feature * width + unit]) }
            }
            let inverses = sums.map { Float(1 / $0) }
            for feature in 0..<featureCount {
                for unit in 0..<width { b[feature * width + unit] *= inverses[unit] }
            }
        }
        return topics
    }
}

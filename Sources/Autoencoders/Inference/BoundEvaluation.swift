import RealModule
import SparseMatrices

extension VariationalAutoencoder {
    /// How a bound is computed.
    package struct BoundSettings: Sendable {
        /// The number of draws of z that the expectation of log p(x|z) is averaged over.
        package var samples = 10
        /// The number of steps from the encoder's posterior towards the best Gaussian of each document, with full
        /// covariance; 0 uses the encoder's posterior.
        package var refinementSteps = 0
        /// The number of draws of z that the importance-weighted bound averages p(x, z)/q(z|x) over; 0 computes no such
        /// bound.
        package var importanceSamples = 0
        package var seed: UInt64 = 0
        /// Whether all documents have the same noise, so that a document's bound does not depend on its row; if not,
        /// the errors of sampling are independent, and that of the mean is the smaller the more documents there are.
        package var sharesNoise = false

        package init() {}
    }

    /// The evidence lower bound on the documents of `targets`, exact except for the sampling of z, and, if requested,
    /// the importance-weighted bound
    ///
    ///     log p(x) ≥ E log 1/N Σ_i p(x, z_i)/q(z_i|x),   z_i ~ q(z|x)
    ///
    /// which becomes tighter with the number of samples N (Burda, Grosse & Salakhutdinov, "Importance Weighted
    /// Autoencoders", ICLR 2016). The samples that a bound is computed from are independent of those that a posterior
    /// was refined with. If the backend can fail, call `execution.checkBackend` afterwards to find out whether the
    /// bound is valid.
    ///
    /// - Complexity: O((samples + importance samples + refinement steps·K/2)·rows·V·K).
    package func bound(
        on targets: CSRMatrix, _ settings: BoundSettings = BoundSettings(), execution: Execution = Execution()
    ) -> BoundReport {
        precondition(settings.samples > 0, "a bound needs at least one sample")
        var statistics = BoundStatistics(width: latentWidth), importance = LossSums()
        forEachInferredBatch(of: WeightedRows(targets), settings, execution: execution) { batch in
            let workspace = batch.workspace
            for row in 0..<batch.rows.count {
                statistics.add(
                    logLikelihood: batch.meanLogLikelihoods[row], divergence: batch.posterior.divergence(ofRow: row),
                    tokens: workspace.evidence.tokens[row])
            }
            if settings.importanceSamples > 0 {
                workspace.addImportanceBound(
                    of: batch.posterior, batch.likelihood, batch.documents, samples: settings.importanceSamples,
                    seed: settings.seed, to: &importance, execution)
            }
        }
        var report = statistics.report
        if settings.importanceSamples > 0 { report.importanceWeighted = importance.report }
        return report
    }

    /// The posterior means of all rows, rows × K: the embedding of documents. If the backend can fail, call
    /// `execution.checkBackend` afterwards to find out whether they are valid.
    ///
    /// - Complexity: O(nnz(X)·width₁) and the dense layers' products.
    package func encode(_ targets: CSRMatrix, execution: Execution = Execution()) -> DenseMatrix {
        var codes = DenseMatrix(rowCount: targets.rowCount, columnCount: latentWidth)
        let inputs = encoderInputs(from: targets)
        let posterior = GaussianPosterior()
        codes.withUnsafeMutableElements { codes in
            encoder.encodeBlocks(of: inputs, execution: execution) { hidden, rows in
                latent.forward(hidden, rows: rows.count, into: posterior, parallelism: execution.parallelism)
                (codes + rows.lowerBound * latentWidth).update(
                    from: posterior.mean.elements, count: rows.count * latentWidth)
            }
        }
        return codes
    }
}

extension InferenceWorkspace {
    /// Adds −log 1/N Σ p(x, z)/q(z|x) of every row.
    func addImportanceBound(
        of posterior: any LatentPosterior, _ likelihood: any Likelihood, _ batch: SparseBatch, samples: Int,
        seed: UInt64, to losses: inout LossSums, _ execution: Execution
    ) {
        let volumes = (0..<batch.rowCount).map(posterior.logVolume)
        var sums = Array(repeating: LogarithmOfSum(), count: batch.rowCount)
        for draw in 0..<samples {
            evaluateSample(
                of: posterior, likelihood, batch, NoiseSource(seed: seed, step: 0x696d_7074), draw: draw,
                wantsCurvature: false, execution)
            for row in sums.indices {
                let ratio = logDensityRatio(row, width: posterior.width, logVolume: volumes[row])
                sums[row].add(results.logLikelihoods[row] + ratio)
            }
        }
        for row in sums.indices {
            losses.add(Double.log(Double(samples)) - sums[row].value, tokens: evidence.tokens[row])
        }
    }
}

/// ln Σ exp(x), computed term by term without overflow.
struct LogarithmOfSum {
    private var maximum = -Double.infinity
    /// Σ exp(x − maximum).
    private var sum = 0.0

    mutating func add(_ x: Double) {
        if x > maximum {
            sum = sum * Double.exp(maximum - x) + 1
            maximum = x
        } else if x > -.infinity {
            sum += Double.exp(x - maximum)
        }
    }

    var value: Double { maximum + Double.log(sum) }
}

/// An upper bound on −log p(x) of some documents.
public struct LossReport: Sendable {
    /// In nats per document.
    public let loss: Double
    /// In nats per token; 0 without tokens.
    public let lossPerToken: Double
    /// exp(ΣL/ΣN), L the loss and N the token count of a document.
    public let perplexityPerCorpus: Double
    /// exp(mean(L/N)) over non-empty documents.
    public let perplexityPerDocument: Double
    /// Standard errors of the estimates for all documents of this kind, including the variance of sampling from the
    /// posterior.
    public let standardErrors: StandardErrors

    /// Standard errors over documents; those of perplexities by the delta method, exp(m)·s for a mean m with error s.
    public struct StandardErrors: Sendable {
        public let loss: Double
        public let perplexityPerCorpus: Double
        public let perplexityPerDocument: Double
    }
}

/// The evidence lower bound on the likelihood of some documents.
@dynamicMemberLookup
public struct BoundReport: Sendable {
    /// −ELBO.
    public let elbo: LossReport
    /// KL(q‖p) in nats per document.
    public let klDivergence: Double
    /// The number of units whose KL divergence, that of their marginal distribution, is at least .01 nats per document.
    public let activeUnits: Int
    /// The importance-weighted bound; nil if it was not requested.
    public package(set) var importanceWeighted: LossReport?

    init(_ elbo: LossReport, klDivergence: Double, activeUnits: Int) {
        self.elbo = elbo
        self.klDivergence = klDivergence
        self.activeUnits = activeUnits
    }

    public subscript(dynamicMember path: KeyPath<LossReport, Double>) -> Double { elbo[keyPath: path] }
}

/// Sums over documents of −log p(x) or an upper bound of it, in nats.
package struct LossSums {
    package private(set) var loss = 0.0
    package private(set) var tokens = 0.0
    package private(set) var rows = 0
    /// Σ over non-empty documents of the loss per token.
    private var perTokenSum = 0.0
    private var nonEmptyRows = 0
    /// Sums of squares and products, for the standard errors.
    private var lossSquares = 0.0
    private var tokenSquares = 0.0
    private var lossTokens = 0.0
    private var perTokenSquares = 0.0

    mutating func add(_ loss: Double, tokens: Double) {
        self.loss += loss
        self.tokens += tokens
        rows += 1
        lossSquares += loss * loss
        tokenSquares += tokens * tokens
        lossTokens += loss * tokens
        if tokens > 0 {
            perTokenSum += loss / tokens
            perTokenSquares += (loss / tokens) * (loss / tokens)
            nonEmptyRows += 1
        }
    }

    mutating func add(_ other: LossSums) {
        loss += other.loss
        tokens += other.tokens
        rows += other.rows
        perTokenSum += other.perTokenSum
        nonEmptyRows += other.nonEmptyRows
        lossSquares += other.lossSquares
        tokenSquares += other.tokenSquares
        lossTokens += other.lossTokens
        perTokenSquares += other.perTokenSquares
    }

    package var report: LossReport {
        // The weights of a document may sum to less than one token; the loss per token is undefined only without any.
        let perToken = tokens > 0 ? loss / tokens : 0
        let mean = loss / Double(max(rows, 1)), meanPerToken = perTokenSum / Double(max(nonEmptyRows, 1))
        let (corpus, document) = (Double.exp(perToken), Double.exp(meanPerToken))
        return LossReport(
            loss: mean, lossPerToken: perToken, perplexityPerCorpus: corpus, perplexityPerDocument: document,
            standardErrors: LossReport.StandardErrors(
                loss: standardError(squares: lossSquares - mean * loss, count: rows),
                perplexityPerCorpus: corpus * perTokenError(perToken),
                perplexityPerDocument: document
                    * standardError(squares: perTokenSquares - meanPerToken * perTokenSum, count: nonEmptyRows)))
    }

    /// The standard error of the ratio R = ΣL/ΣN, from the sum of the squared residuals L − R·N.
    private func perTokenError(_ ratio: Double) -> Double {
        if tokens <= 0 { return 0 }
        let residuals = lossSquares - 2 * ratio * lossTokens + ratio * ratio * tokenSquares
        return standardError(squares: residuals, count: rows) * Double(rows) / tokens
    }

    /// √(Σ(x − mean)²/(n − 1)/n); NaN for a single document.
    private func standardError(squares: Double, count: Int) -> Double {
        count < 2 ? .nan : (max(0, squares) / (Double(count) - 1) / Double(count)).squareRoot()
    }
}

/// Sums over documents of the terms of the evidence lower bound, in nats.
package struct BoundStatistics {
    /// −ELBO.
    package private(set) var losses = LossSums()
    package private(set) var klDivergence = 0.0
    /// Σ KL(q‖p), by unit.
    package private(set) var klByUnit: [Double]

    package init(width: Int) { klByUnit = Array(repeating: 0, count: width) }

    /// Adds a document.
    package mutating func add(logLikelihood: Double, divergence: LatentDivergence, tokens: Double) {
        for unit in klByUnit.indices { klByUnit[unit] += divergence.byUnit[unit] }
        klDivergence += divergence.total
        losses.add(divergence.total - logLikelihood, tokens: tokens)
    }

    /// Adds all documents of another sum over as many units.
    package mutating func add(_ other: BoundStatistics) {
        for unit in klByUnit.indices { klByUnit[unit] += other.klByUnit[unit] }
        klDivergence += other.klDivergence
        losses.add(other.losses)
    }

    package var report: BoundReport {
        let documents = Double(max(losses.rows, 1))
        return BoundReport(
            losses.report, klDivergence: klDivergence / documents,
            activeUnits: klByUnit.count { $0 >= 0.01 * documents })
    }
}

extension LossSums: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("loss", &loss)
        walk.part("tokens", &tokens)
        walk.part("rows", &rows)
        walk.part("per_token", &perTokenSum)
        walk.part("non_empty_rows", &nonEmptyRows)
        walk.part("loss_squares", &lossSquares)
        walk.part("token_squares", &tokenSquares)
        walk.part("loss_tokens", &lossTokens)
        walk.part("per_token_squares", &perTokenSquares)
        walk.requireCount(rows, "rows")
        walk.requireCount(nonEmptyRows, "non_empty_rows")
    }
}

extension BoundStatistics: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("losses", &losses)
        walk.part("kl", &klDivergence)
        walk.part("kl_by_unit", &klByUnit)
    }
}

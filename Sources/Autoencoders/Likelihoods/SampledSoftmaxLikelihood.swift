import RealModule
import SparseMatrices

/// A `SoftmaxLikelihood` with its softmax over a sample C of the features, for training alone: the features T of the
/// batch's documents and S negatives, so that a batch costs nothing for the rest of the vocabulary.
///
///     log p̂_v = a_v − log Ẑ,   Ẑ = Σ_{v∈T} exp a_v + Σ_{v∈C∖T} exp(a_v − log π_v),   a = z·Dᵀ + c
///
/// π_v is the chance of a negative to be drawn. What the documents have is in the sum for certain and keeps its logit,
/// so Ẑ is an unbiased estimate of the softmax's normaliser Z given T, and ∂Ẑ one of ∂Z. The logarithm of an unbiased
/// estimate is not unbiased: by Jensen's inequality E log Ẑ ≤ log Z, so this likelihood is on average too large, and
/// its gradient, a ratio of estimates, is biased too; both errors vanish as S grows, and with all features it is the
/// exact likelihood. (Bengio & Senécal, "Adaptive Importance Sampling to Accelerate Training of a Neural Probabilistic
/// Language Model", IEEE Transactions on Neural Networks, 2008; Jean et al., "On Using Very Large Target Vocabulary
/// for Neural Machine Translation", ACL 2015.)
///
/// Gradients of the decoder have a row for each feature of the sample, in its order.
///
/// - Complexity: O(nnz·K + rows·(T + S)·K).
package struct SampledSoftmaxLikelihood: Likelihood {
    /// Over the sampled features, with corrected biases.
    private let compact: any SoftmaxLikelihood
    private let slotOfFeature: [UInt32: UInt32]
    private let presentCount: Int

    /// - Parameters:
    ///   - kind: one with a softmax over all features.
    ///   - dispersion: of the kinds that have one.
    package init(
        _ kind: LikelihoodKind, _ decoder: LinearDecoder, dispersion: DispersionDecoder? = nil, _ sample: FeatureSample
    ) {
        let exact = kind.of(decoder.restricted(to: sample), dispersion: dispersion)
        guard let compact = exact as? any SoftmaxLikelihood else {
            preconditionFailure("the likelihood \(kind.rawValue) has no softmax over all features")
        }
        self.compact = compact
        presentCount = sample.presentCount
        slotOfFeature = Dictionary(
            uniqueKeysWithValues: sample.features.prefix(sample.presentCount).enumerated().map { ($1, UInt32($0)) })
    }

    /// - Precondition: the documents have no other features than those that the sample was drawn beside.
    package func observe(_ x: CSRView, into evidence: LikelihoodEvidence, execution: Execution) {
        let slots = x.columnIndices.map { column in
            guard let slot = slotOfFeature[column] else {
                preconditionFailure("the sample was drawn for documents without feature \(column)")
            }
            return slot
        }
        slots.withUnsafeBufferPointer { slots in
            let documents = CSRView(
                rowCount: x.rowCount, columnCount: compact.decoder.featureCount, rowOffsets: x.rowOffsets,
                columnIndices: slots, values: x.values)
            compact.observe(documents, into: evidence, execution: execution)
        }
    }

    package func evaluate(
        _ z: UnsafePointer<Float>, evidence: LikelihoodEvidence, wantsCurvature: Bool, into results: LikelihoodResults,
        execution: Execution
    ) {
        compact.evaluate(
            z, evidence: evidence, wantsCurvature: wantsCurvature, into: results, execution: execution)
    }

    package func curvatureMatrices(
        _ z: UnsafePointer<Float>, draws: Int, evidence: LikelihoodEvidence, results: LikelihoodResults,
        into matrices: ScratchMatrix, execution: Execution
    ) {
        compact.curvatureMatrices(
            z, draws: draws, evidence: evidence, results: results, into: matrices, execution: execution)
    }

    /// - Parameter batch: whose touched columns are, in their order, the features that the sample was drawn beside.
    package func decoderGradient(
        _ z: UnsafePointer<Float>, batch: SparseBatch, evidence: LikelihoodEvidence, weight: Float,
        results: LikelihoodResults, into gradient: inout DecoderGradient, execution: Execution
    ) {
        precondition(
            batch.touchedColumns.count == presentCount,
            "the sample was drawn beside \(presentCount) features, not \(batch.touchedColumns.count)")
        compact.decoderGradient(
            z, batch: batch, observed: Array(0..<UInt32(presentCount)), evidence: evidence, weight: weight,
            results: results, into: &gradient, execution: execution)
    }
}

extension LinearDecoder {
    /// The sampled rows of D and c, with −log π added to c.
    fileprivate func restricted(to sample: FeatureSample) -> LinearDecoder {
        var rows = DenseMatrix(rowCount: sample.features.count, columnCount: latentWidth)
        weights.withUnsafeElements { all in
            rows.withUnsafeMutableElements { rows in
                for (i, feature) in sample.features.enumerated() {
                    (rows + i * latentWidth).update(from: all + Int(feature) * latentWidth, count: latentWidth)
                }
            }
        }
        return LinearDecoder(
            weights: rows, bias: zip(sample.features, sample.logWeights).map { bias[Int($0)] + $1 })
    }
}

/// Draws, for a batch, the features that stand for the whole vocabulary in its softmax: those that its documents have,
/// and some others, the negatives.
///
/// Negatives are drawn without replacement with the chances π_v = min(1, c·w_v), w_v = (feature's share of all
/// tokens)^¾ (the proposal of Mikolov et al., "Distributed Representations of Words and Phrases", NIPS 2013), c such
/// that they add up to the number of negatives. Systematic sampling (Madow, Annals of Mathematical Statistics, 1949)
/// realises these chances exactly: on a line where every feature has a segment of length c·w_v, frequent ones first,
/// the features at u, u + 1, u + 2, … are taken, u uniform in [0, 1). So the negatives also spread evenly over
/// frequent and rare features.
package struct FeatureSampler: Sendable {
    /// S.
    package let negatives: Int
    /// All features by falling weight.
    private let featureOfRank: [UInt32]
    private let rankOfFeature: [UInt32]
    /// The sum of the weights of the first r ranks, at r.
    private let weightBefore: [Double]

    private static let exponent = 0.75

    /// - Parameters:
    ///   - logShares: the logarithm of every feature's share of all tokens.
    ///   - negatives: how many features to draw beside those of a batch.
    package init(logShares: [Float], negatives: Int) {
        precondition(negatives >= 1, "a sampled softmax needs at least one negative, not \(negatives)")
        self.negatives = negatives
        let order = logShares.indices.sorted { (logShares[$1], $0) < (logShares[$0], $1) }
        featureOfRank = order.map { UInt32($0) }
        var ranks = [UInt32](repeating: 0, count: order.count)
        var sums = [0.0]
        sums.reserveCapacity(order.count + 1)
        for (rank, feature) in order.enumerated() {
            ranks[feature] = UInt32(rank)
            sums.append(sums[rank] + Double.exp(Self.exponent * Double(logShares[feature])))
        }
        rankOfFeature = ranks
        weightBefore = sums
    }

    package var featureCount: Int { featureOfRank.count }

    /// The features of a batch and its negatives; all features there are, if no more than S are left.
    ///
    /// - Parameter present: the features of the batch's documents, each once.
    /// - Complexity: O((T + S)·log V) for T features present.
    package func sample(beside present: [UInt32], generator: inout RandomGenerator) -> FeatureSample {
        var sample = FeatureSample(present: present)
        let taken = present.map { rankOfFeature[Int($0)] }.sorted()
        var runs = freeRuns(between: taken)
        var mass = weightBefore[featureCount] - taken.reduce(0) { $0 + weight(ofRank: Int($1)) }
        let drawn = takeCertain(from: &runs, mass: &mass, into: &sample)
        if drawn > 0 {
            let start = Double(generator.next() >> 11) * 0x1p-53
            draw(drawn, from: runs, stretch: mass / Double(drawn), start: start, into: &sample)
        }
        return sample
    }

    /// The ranks that are not taken.
    private func freeRuns(between taken: [UInt32]) -> ArraySlice<Range<Int>> {
        let borders = zip([-1] + taken.map(Int.init), taken.map(Int.init) + [featureCount])
        return borders.map { $0 + 1..<$1 }.filter { !$0.isEmpty }[...]
    }

    /// Moves those with c·w_v ≥ 1 from the runs into the sample.
    ///
    /// - Parameter mass: the weight of all runs.
    /// - Returns: how many are still to be drawn.
    private func takeCertain(
        from runs: inout ArraySlice<Range<Int>>, mass: inout Double, into sample: inout FeatureSample
    ) -> Int {
        let free = runs.reduce(0) { $0 + $1.count }
        var left = min(negatives, free)
        let takesAll = left == free
        while left > 0, let run = runs.first {
            let weight = weight(ofRank: run.lowerBound)
            guard takesAll || Double(left) * weight >= mass else { break }
            sample.addNegative(featureOfRank[run.lowerBound], logWeight: 0)
            left -= 1
            mass -= weight
            runs[runs.startIndex] = run.dropFirst()
            if run.count == 1 { runs.removeFirst() }
        }
        return left
    }

    /// Lays the runs end to end and takes what is at `start`, 1 + `start`, … stretches.
    private func draw(
        _ count: Int, from runs: ArraySlice<Range<Int>>, stretch: Double, start: Double,
        into sample: inout FeatureSample
    ) {
        var drawn = 0
        var passed = 0.0
        var last = -1
        for run in runs {
            let base = weightBefore[run.lowerBound]
            let end = passed + weightBefore[run.upperBound] - base
            while drawn < count, (start + Double(drawn)) * stretch < end {
                let rank = rank(at: base + (start + Double(drawn)) * stretch - passed, in: run)
                drawn += 1
                // No segment is longer than a stretch, so only rounding could make it the same feature again.
                if rank <= last { continue }
                last = rank
                sample.addNegative(featureOfRank[rank], logWeight: Float(Double.log(stretch / weight(ofRank: rank))))
            }
            passed = end
        }
    }

    private func weight(ofRank rank: Int) -> Double { weightBefore[rank + 1] - weightBefore[rank] }

    /// The rank whose segment holds a place on the line.
    private func rank(at place: Double, in ranks: Range<Int>) -> Int {
        var (low, high) = (ranks.lowerBound, ranks.upperBound - 1)
        while low < high {
            let middle = (low + high) / 2
            if weightBefore[middle + 1] > place { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// The features that a batch's softmax runs over.
package struct FeatureSample: Sendable {
    /// Those of the documents, in the order given, then the negatives.
    package private(set) var features: [UInt32]
    /// −log π of each feature: what has to be added to its logit so that the sum of exponentials stays unbiased. Zero
    /// for what was certain to be here, first of all the features of the documents.
    package private(set) var logWeights: [Float]
    /// T, how many features are those of the documents.
    package let presentCount: Int

    fileprivate init(present: [UInt32]) {
        features = present
        logWeights = Array(repeating: 0, count: present.count)
        presentCount = present.count
    }

    fileprivate mutating func addNegative(_ feature: UInt32, logWeight: Float) {
        features.append(feature)
        logWeights.append(logWeight)
    }
}

import Autoencoders
import Corpora
import Evaluation
import FileIO
import Gossamer
import SparseMatrices

extension ModelReport {
    /// Collects what a report shows.
    ///
    /// - Parameters:
    ///   - model: the model, of which the units and their words are told.
    ///   - corpus: documents, opened by the model's reading options and `FeatureModel.rowsPerPiece`; they are read once,
    ///     and memory does not grow with their number. nil takes what the model remembers of its training documents:
    ///     their sizes and at most 1,024 codes.
    ///   - name: what the corpus is called.
    ///   - progress: gets the number of documents read.
    /// - Throws: `FileError`, `WeightingError`, `LikelihoodError`, `TextOptionsError`, `SparseBackendFailure`.
    /// - Complexity: O(nnz·H + V·H² + documents shown²).
    package init(
        of model: FeatureModel, on corpus: CorpusPieces? = nil, named name: String = "",
        _ settings: ReportSettings = ReportSettings(), execution: Execution = Execution(),
        progress: (Int) -> Void = { _ in }
    ) throws {
        var pass = CorpusPass(model, settings, execution: execution)
        if let corpus {
            try pass.run(over: corpus, by: model, execution: execution, progress: progress)
        } else {
            pass.run(overRemembered: model)
        }
        let maker = ReportMaker(model: model, pass: pass, settings: settings, execution: execution)
        try self.init(
            maker,
            corpus: corpus.flatMap { CorpusSourceFacts($0.provenance, name: name) })
    }
}

extension CorpusSourceFacts {
    fileprivate init?(_ provenance: CorpusProvenance?, name: String) {
        guard let provenance else { return nil }
        self.init(
            name: name, format: provenance.origin ?? provenance.format,
            notes: provenance.notes.map { $0.text(naming: { $0 }) } + provenance.warnings)
    }
}

/// The steps after the pass over the corpus.
struct ReportMaker {
    let model: FeatureModel
    let pass: CorpusPass
    let settings: ReportSettings
    let execution: Execution
    let sample: [KeptDocument]
    /// Sample × H.
    let codes: DenseMatrix
    /// DᵀD, H × H.
    let gram: [Double]
    let importance: [Double]

    var width: Int { model.latentWidth }

    init(model: FeatureModel, pass: CorpusPass, settings: ReportSettings, execution: Execution) {
        (self.model, self.pass, self.settings, self.execution) = (model, pass, settings, execution)
        (sample, codes) = pass.sample.sorted(width: model.latentWidth)
        let gram = model.decoder.gram(parallelism: execution.parallelism)
        self.gram = gram
        importance = model.importance(pass.activity, gram: gram)
    }

    /// cos(D_i, D_j), H × H; 0 for columns of zeros.
    var cosines: [Double] {
        let lengths = (0..<width).map { gram[$0 * width + $0].squareRoot() }
        var cosines = gram
        for i in 0..<width {
            for j in 0..<width {
                let product = lengths[i] * lengths[j]
                cosines[i * width + j] = product > 0 ? max(-1, min(1, gram[i * width + j] / product)) : i == j ? 1 : 0
            }
        }
        return cosines
    }
}

extension ModelReport {
    fileprivate init(_ maker: ReportMaker, corpus: CorpusSourceFacts?) throws {
        let parallelism = maker.execution.parallelism
        let (model, settings) = (maker.model, maker.settings)
        let cosines = maker.cosines
        let distributions = UnitDistributions(model, shares: maker.importance, parallelism: parallelism)
        let relevant = maker.relevantWords(distributions)
        let (quality, divergences) = try QualityMeasure(
            model: model, execution: maker.execution, seed: settings.seed
        ).figures(of: maker.sample)
        let documentParts = try maker.documentParts()
        units = try maker.unitCards(relevant, cosines: cosines, divergences: divergences)
        unitMap = UnitMap(cosines: cosines, count: maker.width, seed: settings.seed, parallelism: parallelism)
        documents = documentParts.cards
        documentMap = documentParts.map
        codes = maker.codes
        labels = zip(maker.pass.labels.names, maker.pass.labels.documents).map { LabelCard(name: $0, documents: $1) }
        words = maker.wordTable(distributions, units, documentParts.cards)
        facts = model.facts
        kind = model.kind
        isMixture = model.isMixture
        figures = maker.pass.figures
        self.corpus = corpus
        documentsAreRemembered = maker.pass.isRemembered
        self.quality = quality
        history = model.record.history
        pictures = try maker.album(units)
        ldavis = settings.hasLDAvis ? maker.ldavis(distributions) : nil
    }
}

extension UnitMap {
    fileprivate init(cosines: [Double], count: Int, seed: UInt64, parallelism: Parallelism) {
        let scaling = PlanePoints(scaling: cosines, n: count, parallelism: parallelism)
        let graph = NeighbourGraph(cosines: cosines, n: count, count: 10, parallelism: parallelism)
        self.init(scaling: scaling, neighbours: PlanePoints(neighbours: graph, start: scaling, seed: seed))
    }
}

extension ReportMaker {
    /// Of each unit the words of largest relevance for some λ.
    fileprivate func relevantWords(_ distributions: UnitDistributions) -> [RelevantWords] {
        var words: [RelevantWords] = []
        distributions.forEachBlock(parallelism: execution.parallelism) { units, probabilities in
            // Each task reads rows of its own.
            nonisolated(unsafe) let probabilities = probabilities
            words += execution.parallelism.map(units.count) { i in
                RelevantWords(
                    UnsafeBufferPointer(
                        start: probabilities + i * distributions.featureCount, count: distributions.featureCount),
                    marginal: distributions.marginal, count: ReportCounts.wordsPerUnit)
            }
        }
        return words
    }

    fileprivate func ldavis(_ distributions: UnitDistributions) -> LDAvisData {
        LDAvisData(
            distributions, shares: importance,
            tokens: pass.figures.tokens > 0 ? pass.figures.tokens : Double(pass.figures.entries),
            map: PlanePoints(scaling: distributions, parallelism: execution.parallelism),
            name: model.featureName, parallelism: execution.parallelism)
    }

    func textFinder() throws -> TextFeatureFinder? {
        guard let options = model.textOptions, let vocabulary = model.vocabulary else { return nil }
        return try TextFeatureFinder(options, vocabulary: vocabulary)
    }
}

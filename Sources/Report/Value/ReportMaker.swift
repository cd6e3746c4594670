import Autoencoders
import Corpora
import FileIO
import Gossamer
import RealModule
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
        let amounts = (0..<model.latentWidth).map { unit in
            if model.isMixture { return pass.units[unit].total }
            let square = gram[unit * model.latentWidth + unit]
            return pass.activity.documents > 0 ? pass.activity.squares[unit] * square : square
        }
        let total = amounts.reduce(0, +)
        importance = amounts.map { total > 0 ? $0 / total : 0 }
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
        self.quality = quality
        history = model.record.history
        imageShape = settings.imageShape
        ldavis = settings.hasLDAvis ? maker.ldavis(distributions, map: unitMap.scaling) : nil
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
                    marginal: distributions.marginal, count: settings.words)
            }
        }
        return words
    }

    private static let unitsPerDocument = 3
    private static let wordsPerUnit = 3
    private static let wordsPerDocument = 5
    private static let nearestDocuments = 4
    /// The neighbours that make the map.
    private static let mapNeighbours = 15
    private static let mapDimensions = 50

    fileprivate func documentParts() throws -> (cards: [DocumentCard], map: UnitMap) {
        let parallelism = execution.parallelism
        let reduced = ReducedRows(codes, count: Self.mapDimensions, parallelism: parallelism)
        let graph = NeighbourGraph(of: reduced, count: Self.mapNeighbours, parallelism: parallelism)
        let map = UnitMap(
            scaling: reduced.plane,
            neighbours: PlanePoints(neighbours: graph, start: reduced.plane, seed: settings.seed))
        let active = strongestUnits()
        let requests = zip(sample, active).map { DrivingWords.Request(document: $0, units: $1.map(\.unit)) }
        let driving = try DrivingWords(model, execution: execution).words(of: requests, count: Self.wordsPerUnit)
        let textBytes = min(400, max(40, settings.mapTextBytes / max(1, sample.count)))
        let finder = try textFinder()
        let labelNumbers = Dictionary(
            zip(pass.labels.names, pass.labels.names.indices).map { ($0, $1) }, uniquingKeysWith: min)
        let cards = sample.indices.map { i in
            let document = sample[i]
            return DocumentCard(
                row: document.row, id: document.id,
                label: document.label.flatMap { labelNumbers[$0] ?? labelNumbers[String($0.prefix { $0 != "," })] },
                excerpt: finder.flatMap { finder in
                    document.text.map {
                        Excerpt(
                            of: $0, driving[i].flatMap { $0 }.sorted { $0.part > $1.part }, finder: finder,
                            mostBytes: textBytes)
                    }
                },
                units: zip(active[i], driving[i]).map {
                    DocumentCard.ActiveUnit(unit: $0.unit, activity: $0.activity, words: $1.map(\.feature))
                },
                words: document.heaviestWords(Self.wordsPerDocument),
                nearest: graph.neighbours[i].prefix(Self.nearestDocuments).map(\.point),
                image: image(of: document))
        }
        return (cards, map)
    }

    private func strongestUnits() -> [[(unit: Int, activity: Float)]] {
        (0..<codes.rowCount).map { row in
            var top = TopEntries(count: Self.unitsPerDocument)
            for (unit, activity) in codes.row(row).enumerated() where activity > 0 { top.add(unit, Double(activity)) }
            return top.sorted.map { ($0.index, Float($0.value)) }
        }
    }

    fileprivate func unitCards(
        _ relevant: [RelevantWords], cosines: [Double], divergences: [Double]?
    ) throws -> [UnitCard] {
        let top = (0..<width).map { pass.leaders(of: $0) }
        let middle = (0..<width).map { middleDocuments(of: $0, besides: Set(top[$0].map(\.document.row))) }
        let shown = (0..<width).map { top[$0] + middle[$0] }
        let requests = shown.enumerated().flatMap { unit, documents in
            documents.map { DrivingWords.Request(document: $0.document, units: [unit]) }
        }
        let driving = try DrivingWords(model, execution: execution).words(of: requests, count: 6).map { $0[0] }
        let finder = try textFinder()
        let textBytes = min(260, max(60, settings.textBytes / max(1, requests.count)))
        var next = 0
        return (0..<width).map { unit in
            let documents = shown[unit].map { document, activity in
                defer { next += 1 }
                return UnitDocument(
                    row: document.row, name: document.name, label: document.label, activity: activity,
                    words: driving[next].map(\.feature),
                    excerpt: finder.flatMap { finder in
                        document.text.map {
                            Excerpt(of: $0, driving[next], finder: finder, mostBytes: textBytes)
                        }
                    },
                    image: image(of: document))
            }
            let tally = pass.units[unit]
            return UnitCard(
                unit: unit, importance: importance[unit], density: pass.activity.density(of: unit),
                norm: gram[unit * width + unit].squareRoot(), largest: tally.largest, histogram: tally.histogram,
                words: relevant[unit], names: names(of: unit, relevant[unit]),
                nearest: neighbours(of: unit, cosines, sign: 1),
                opposite: neighbours(of: unit, cosines, sign: -1), labels: labels(of: tally),
                top: Array(documents.prefix(top[unit].count)), middle: Array(documents.dropFirst(top[unit].count)),
                divergence: divergences?[unit],
                image: settings.imageShape.flatMap { _ in
                    (0..<model.featureCount).map { model.decoder.weights[$0, unit] }
                })
        }
    }

    fileprivate func ldavis(_ distributions: UnitDistributions, map: PlanePoints) -> LDAvisData {
        LDAvisData(
            distributions, shares: importance,
            tokens: pass.figures.tokens > 0 ? pass.figures.tokens : Double(pass.figures.entries), map: map,
            name: model.featureName, parallelism: execution.parallelism)
    }

    /// Documents of the sample that activate the unit about half as much as the one that does most.
    private func middleDocuments(of unit: Int, besides top: Set<Int>) -> [(document: KeptDocument, activity: Float)] {
        let half = Double(pass.units[unit].largest) / 2
        var nearest = TopEntries(count: settings.middleDocuments)
        codes.withUnsafeElements { c in
            for row in 0..<codes.rowCount where c[row * width + unit] > 0 && !top.contains(sample[row].row) {
                nearest.add(row, -abs(Double(c[row * width + unit]) - half))
            }
        }
        return nearest.sorted.map { (sample[$0.index], codes[$0.index, unit]) }
    }

    private static let namesPerUnit = 8

    private func names(of unit: Int, _ relevant: RelevantWords) -> [Int] {
        let apart = (model.words?.units[unit] ?? []).prefix(Self.namesPerUnit).map(\.feature)
        return apart.isEmpty ? relevant.ranked(lambda: 0.6, count: Self.namesPerUnit).map(\.feature) : apart
    }

    private func textFinder() throws -> TextFeatureFinder? {
        guard let options = model.textOptions, let vocabulary = model.vocabulary else { return nil }
        return try TextFeatureFinder(options, vocabulary: vocabulary)
    }

    private func neighbours(of unit: Int, _ cosines: [Double], sign: Double) -> [UnitCard.Neighbour] {
        var nearest = TopEntries(count: sign > 0 ? 5 : 3)
        for other in 0..<width where other != unit {
            let cosine = cosines[unit * width + other]
            if sign > 0 || cosine < 0 { nearest.add(other, sign * cosine) }
        }
        return nearest.sorted.map { UnitCard.Neighbour(unit: $0.index, cosine: sign * $0.value) }
    }

    /// The labels whose documents have more of the unit's activity than their number lets expect, by the part P·ln(P/p)
    /// that each has in the Kullback–Leibler divergence of the two distributions.
    private func labels(of tally: UnitTally) -> [UnitCard.LabelLift] {
        guard tally.total > 0 else { return [] }
        let documents = Double(max(1, pass.figures.documents))
        var top = TopEntries(count: 4)
        func lift(_ label: Int) -> (share: Double, lift: Double) {
            let share = tally.totalOfLabels[label] / tally.total
            return (share, share / (Double(pass.labels.documents[label]) / documents))
        }
        for label in tally.totalOfLabels.indices where tally.totalOfLabels[label] > 0 {
            let (share, lift) = lift(label)
            if lift > 1 { top.add(label, share * Double.log(lift)) }
        }
        return top.sorted.map {
            let (share, lift) = lift($0.index)
            return UnitCard.LabelLift(label: $0.index, share: share, lift: lift)
        }
    }

    private func image(of document: KeptDocument) -> [Float]? {
        guard let shape = settings.imageShape, model.featureCount >= shape.count else { return nil }
        var image = [Float](repeating: 0, count: model.featureCount)
        for (feature, value) in zip(document.features, document.values) { image[Int(feature)] = value }
        return image
    }
}

extension KeptDocument {
    fileprivate func heaviestWords(_ count: Int) -> [Int] {
        var top = TopEntries(count: count)
        for (feature, value) in zip(features, values) where value > 0 { top.add(Int(feature), Double(value)) }
        return top.sorted.map(\.index)
    }
}

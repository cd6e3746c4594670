import Autoencoders
import Corpora
import Evaluation
import Gossamer
import SparseMatrices

/// The one pass over the documents that a report is made from. Memory follows what is shown: the units, the labels and
/// the kept documents.
struct CorpusPass {
    private(set) var figures: CorpusFigures
    private(set) var activity: UnitActivity
    private(set) var units: [UnitTally]
    private(set) var labels = LabelTally()
    private(set) var sample: DocumentSample
    /// Whether the documents are those that a model remembers of its training.
    private(set) var isRemembered = false
    private let width: Int
    /// Whether the codes are means of a mixture, which are shown as shares of topics.
    private let asMixture: Bool
    private let parallelism: Parallelism
    private let leadersPerUnit: Int
    private var leading: [Int: KeptDocument] = [:]
    private var rowCount = 0

    init(_ model: FeatureModel, _ settings: ReportSettings, execution: Execution) {
        width = model.latentWidth
        asMixture = model.isMixture
        parallelism = execution.parallelism
        leadersPerUnit = settings.topDocuments
        figures = CorpusFigures(features: model.featureCount)
        activity = UnitActivity(width: width)
        units = Array(repeating: UnitTally(labels: 0, documents: settings.topDocuments), count: width)
        sample = DocumentSample(count: settings.mostDocuments(units: width), seed: settings.seed)
    }

    /// All documents of a corpus.
    ///
    /// - Throws: as `FeatureModel.forEachEncodedBlock`.
    mutating func run(
        over pieces: CorpusPieces, by model: FeatureModel, execution: Execution, progress: (Int) -> Void
    ) throws {
        try model.forEachEncodedBlock(of: pieces, asMixture: asMixture, execution: execution) {
            codes, rows, piece, inputs in
            figures.add(piece.matrix, rows: rows)
            let rowLabels = blockLabels(of: piece, rows: rows)
            add(codes, count: rows.count, labels: rowLabels) { i, row in
                KeptDocument(piece, inputs, at: rows.lowerBound + i, row: row)
            }
            progress(rowCount)
        }
    }

    /// The codes that a model remembers of its training documents, of which nothing else is known.
    mutating func run(overRemembered model: FeatureModel) {
        isRemembered = true
        figures = CorpusFigures(remembered: model)
        guard let codes = model.observed?.codes else {
            activity = UnitActivity(of: model, remembering: nil)
            return
        }
        let stride = codes.columnCount
        var means = [Float](repeating: 0, count: codes.rowCount * width)
        codes.withUnsafeElements { c in
            for row in 0..<codes.rowCount {
                for unit in 0..<width { means[row * width + unit] = c[row * stride + unit] }
            }
        }
        means.withUnsafeMutableBufferPointer { means in
            guard let means = means.baseAddress else { return }
            if asMixture { for row in 0..<codes.rowCount { softmax(count: width, x: means + row * width) } }
            var none = BlockLabels()
            for _ in 0..<codes.rowCount { none.append([]) }
            add(means, count: codes.rowCount, labels: none) { _, row in KeptDocument(remembered: row) }
        }
    }

    private mutating func blockLabels(of piece: Corpus, rows: Range<Int>) -> BlockLabels {
        var block = BlockLabels()
        for row in rows {
            block.append((piece.labels?.labels(ofRow: row) ?? []).compactMap { labels.number($0) })
        }
        return block
    }

    private mutating func add(
        _ codes: UnsafePointer<Float>, count: Int, labels block: BlockLabels, _ document: (Int, Int) -> KeptDocument
    ) {
        activity.add(codes, count: count)
        figures.add(codes: codes, rows: count, width: width)
        let firstRow = rowCount
        let (width, labelCount) = (width, labels.names.count)
        units.withUnsafeMutableBufferPointer { units in
            // Each unit has a place of its own.
            nonisolated(unsafe) let units = units
            parallelism.forEachRange(of: width, blockSize: 16) { range in
                for unit in range {
                    units[unit].extend(toLabels: labelCount)
                    units[unit].add(codes + unit, stride: width, firstRow: firstRow, labels: block)
                }
            }
        }
        keepLeaders(from: firstRow, document)
        let leading = leading
        for i in 0..<count {
            let row = firstRow + i
            let code = UnsafeBufferPointer(start: codes + i * width, count: width)
            sample.add(row: row, code: code) { leading[row] ?? document(i, row) }
        }
        rowCount += count
    }

    /// Keeps the documents of this block that are among those that activate some unit most, and drops those that no
    /// longer are once they are as many again.
    private mutating func keepLeaders(from firstRow: Int, _ document: (Int, Int) -> KeptDocument) {
        for unit in units {
            for leader in unit.leaders.sorted where leader.index >= firstRow && leading[leader.index] == nil {
                leading[leader.index] = document(leader.index - firstRow, leader.index)
            }
        }
        guard leading.count > 2 * width * max(1, leadersPerUnit) else { return }
        let kept = Set(units.flatMap { $0.leaders.sorted.map(\.index) })
        leading = leading.filter { kept.contains($0.key) }
    }

    /// The documents that activate a unit most, with their activity.
    func leaders(of unit: Int) -> [(document: KeptDocument, activity: Float)] {
        units[unit].leaders.sorted.compactMap { leader in
            leading[leader.index].map { ($0, Float(leader.value)) }
        }
    }
}

import Gossamer
import SparseMatrices

extension ReportMaker {
    /// The neighbours that make the map.
    private static let mapNeighbours = 15
    private static let mapDimensions = 50

    /// The documents of the map, and the map.
    func documentParts() throws -> (cards: [DocumentCard], map: UnitMap) {
        let parallelism = execution.parallelism
        let reduced = ReducedRows(codes, count: Self.mapDimensions, parallelism: parallelism)
        let graph = NeighbourGraph(of: reduced, count: Self.mapNeighbours, parallelism: parallelism)
        let map = UnitMap(
            scaling: reduced.plane,
            neighbours: PlanePoints(neighbours: graph, start: reduced.plane, seed: settings.seed))
        let active = strongestUnits()
        let requests = zip(sample, active).map { DrivingWords.Request(document: $0, units: $1.map(\.unit)) }
        let driving = try DrivingWords(model, execution: execution).words(
            of: requests, count: ReportCounts.wordsPerActiveUnit)
        let textBytes = min(400, max(40, settings.mapTextBytes / max(1, sample.count)))
        let finder = try textFinder()
        let labelNumbers = Dictionary(
            zip(pass.labels.names, pass.labels.names.indices).map { ($0, $1) }, uniquingKeysWith: min)
        let cards = sample.indices.map { i in
            let document = sample[i]
            return DocumentCard(
                row: document.row, id: document.id, name: document.name,
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
                words: document.heaviestWords(ReportCounts.wordsPerDocument),
                nearest: graph.neighbours[i].prefix(ReportCounts.nearestDocuments).map(\.point))
        }
        return (cards, map)
    }

    private func strongestUnits() -> [[(unit: Int, activity: Float)]] {
        (0..<codes.rowCount).map { row in
            var top = TopEntries(count: ReportCounts.unitsPerDocument)
            for (unit, activity) in codes.row(row).enumerated() where activity > 0 { top.add(unit, Double(activity)) }
            return top.sorted.map { ($0.index, Float($0.value)) }
        }
    }
}

extension KeptDocument {
    fileprivate func heaviestWords(_ count: Int) -> [Int] {
        var top = TopEntries(count: count)
        for (feature, value) in zip(features, values) where value > 0 { top.add(Int(feature), Double(value)) }
        return top.sorted.map(\.index)
    }
}

import Corpora
import Evaluation
import Gossamer
import RealModule
import SparseMatrices

extension ReportMaker {
    /// All of every unit, by number.
    func unitCards(
        _ relevant: [RelevantWords], cosines: [Double], divergences: [Double]?
    ) throws -> [UnitCard] {
        let top = (0..<width).map { pass.leaders(of: $0) }
        let middle = (0..<width).map { middleDocuments(of: $0, besides: Set(top[$0].map(\.document.row))) }
        let documentsOfUnits = (0..<width).map { top[$0] + middle[$0] }
        let requests = documentsOfUnits.enumerated().flatMap { unit, documents in
            documents.map { DrivingWords.Request(document: $0.document, units: [unit]) }
        }
        let driving = try DrivingWords(model, execution: execution).words(of: requests, count: 6).map { $0[0] }
        let finder = try textFinder()
        let textBytes = min(260, max(60, settings.textBytes / max(1, requests.count)))
        let shown = model.shownWords(ReportCounts.wordsPerUnit)
        var next = 0
        return (0..<width).map { unit in
            let documents = documentsOfUnits[unit].map { document, activity in
                defer { next += 1 }
                return UnitDocument(
                    row: document.row, name: document.name, label: document.label, activity: activity,
                    words: driving[next].map(\.feature),
                    excerpt: finder.flatMap { finder in
                        document.text.map {
                            Excerpt(of: $0, driving[next], finder: finder, mostBytes: textBytes)
                        }
                    })
            }
            let tally = pass.units[unit]
            return UnitCard(
                unit: unit, importance: importance[unit], density: pass.activity.density(of: unit),
                norm: gram[unit * width + unit].squareRoot(), largest: tally.largest, histogram: tally.histogram,
                words: shown[unit], relevant: relevant[unit],
                nearest: neighbours(of: unit, cosines, sign: 1),
                opposite: neighbours(of: unit, cosines, sign: -1), labels: labels(of: tally),
                top: Array(documents.prefix(top[unit].count)), middle: Array(documents.dropFirst(top[unit].count)),
                divergence: divergences?[unit])
        }
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
}

import Autoencoders

extension PageData {
    /// Lines over epochs that belong together.
    struct Chart: Encodable {
        let name: String
        let series: [Series]

        struct Series: Encodable {
            let name: String
            /// Epoch and value.
            let points: [[Double]]
        }

        private static let groups: [(name: String, measures: [(String, TrainingMeasures.Name)])] = [
            ("Loss", [("training", .loss), ("validation", .validationLoss)]),
            ("Unexplained share", [("training", .unexplained), ("validation", .validationUnexplained)]),
            ("Perplexity", [("training", .perplexity), ("validation", .validationPerplexity)]),
            ("KL, nats a document", [("training", .klDivergence)]),
            ("Active units", [("active units a document", .activeUnits)]),
            ("Dead units", [("dead", .deadUnits), ("revived", .revivedUnits)]),
        ]

        /// A chart for each group of measures that the history has; measures that are always zero are left out.
        static func charts(of history: [TrainingMeasures]) -> [Chart] {
            groups.compactMap { group in
                let series = group.measures.compactMap { name, measure -> Series? in
                    let points = history.enumerated().compactMap { epoch, measures in
                        measures[measure]?.significant(6).map { [Double(epoch + 1), $0] }
                    }
                    return points.allSatisfy { $0[1] == 0 } ? nil : Series(name: name, points: points)
                }
                return series.isEmpty ? nil : Chart(name: "\(group.name) in training", series: series)
            }
        }
    }
}

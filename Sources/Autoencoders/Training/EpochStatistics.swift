/// Sums over the batches of an epoch.
struct EpochStatistics {
    private(set) var loss = BatchLoss()
    private(set) var rows = 0
    private var activeEntries = 0
    private var unitWasActive: [Bool]
    private let squaredScale: Double

    /// - Parameter scale: the unit that lengths are measured in; squared, that of the losses.
    init(width: Int, scale: Float) {
        unitWasActive = Array(repeating: false, count: width)
        squaredScale = Double(scale) * Double(scale)
    }

    mutating func add(_ batch: BatchLoss, codes: UnsafePointer<Float>, rows batchRows: Int) {
        loss += batch
        rows += batchRows
        let width = unitWasActive.count
        unitWasActive.withUnsafeMutableBufferPointer { wasActive in
            for row in 0..<batchRows {
                for unit in 0..<width where codes[row * width + unit] != 0 {
                    activeEntries += 1
                    wasActive[unit] = true
                }
            }
        }
    }

    var lossPerRow: Double { squaredScale * (loss.reconstruction + loss.penalty) / Double(max(rows, 1)) }
    var unexplained: Double { loss.unexplained }
    var activeUnits: Double { Double(activeEntries) / Double(max(rows, 1)) }
    var deadUnits: [Int] { unitWasActive.indices.filter { !unitWasActive[$0] } }

    func figures(revivedUnits: Int = 0) -> ReconstructionFigures {
        ReconstructionFigures(
            loss: lossPerRow, unexplained: unexplained, activeUnits: activeUnits, deadUnits: deadUnits.count,
            revivedUnits: revivedUnits)
    }
}

extension BatchLoss {
    /// The share of the loss without codes that is left, of the squared error Σ‖x − x̂‖²/Σ‖x‖²; 0 if there is nothing
    /// to explain.
    var unexplained: Double { reference > 0 ? reconstruction / reference : 0 }

    var isFinite: Bool { reconstruction.isFinite && penalty.isFinite }
}

import SparseMatrices

/// How well a linear classifier on codes tells the classes apart.
public struct ProbeReport: Sendable, Equatable {
    /// On the test documents: the share classified rightly, or, of data with several labels a document,
    /// micro-F1 = 2·TP/(2·TP + FP + FN) over all documents and classes.
    public let score: Double
    /// √(p(1 − p)/n) of a share p of n test documents; nil for micro-F1, which is no mean over documents.
    public var standardError: Double? {
        isMultilabel || testDocuments == 0 ? nil : (score * (1 - score) / Double(testDocuments)).squareRoot()
    }
    public let isMultilabel: Bool
    /// C of the L2 penalty, as chosen by cross-validation on the training documents.
    public let strength: Double
    /// The mean score of the held-out training documents at that strength.
    public let validationScore: Double
    public let trainingDocuments: Int
    public let testDocuments: Int
    public let classes: Int
    /// Whether the last fit's gradient became as small as wanted.
    public let isConverged: Bool
    public let iterations: Int
}

/// The linear probe: logistic regression on standardised codes, fitted to training documents and scored on test
/// documents (Alain & Bengio, "Understanding intermediate layers using linear classifier probes", 2016). The strength
/// of its L2 penalty is chosen by cross-validation on the training documents alone.
public struct LinearProbe: Sendable {
    /// C to choose from, rising; the penalty is ‖W‖²/(2C) beside the summed loss, as in scikit-learn.
    public var strengths = [0.001, 0.003, 0.01, 0.03, 0.1]
    public var folds = 3

    public init() {}

    /// - Parameters:
    ///   - train: training documents × units.
    ///   - test: test documents × units.
    ///   - isMultilabel: whether a document may have several classes, or none: one regression a class then.
    /// - Returns: nil if there are no test documents, fewer training documents than folds, fewer than two classes
    ///   (one, if multilabel), or codes that are not finite.
    /// - Precondition: codes agree in width and labels in number; without `isMultilabel` each row has one class.
    /// - Complexity: O(steps·folds·strengths·documents·units·classes).
    package func score(
        train: DenseMatrix, _ trainLabels: ClassLabels, test: DenseMatrix, _ testLabels: ClassLabels,
        isMultilabel: Bool = false, parallelism: Parallelism = .allCores
    ) -> ProbeReport? {
        precondition(train.columnCount == test.columnCount, "codes of \(train.columnCount) and \(test.columnCount)")
        precondition(test.rowCount == testLabels.count, "\(test.rowCount) rows for \(testLabels.count) labels")
        precondition(folds >= 2 && !strengths.isEmpty, "cross-validation needs two folds and a strength")
        let least = isMultilabel ? 1 : 2
        guard train.rowCount >= folds, test.rowCount > 0, trainLabels.classCount >= least,
            train.isFinite, test.isFinite
        else { return nil }
        let standardization = CodeStandardization(fittedTo: train)
        let design = standardization.design(of: train)
        let strengths = self.strengths.sorted()
        let scores = crossValidate(design, trainLabels, strengths, isMultilabel, parallelism)
        let best = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
        let objective = LogisticObjective(
            design: design, labels: trainLabels, isMultilabel: isMultilabel, parallelism: parallelism)
        guard let model = LogisticRegression.path(objective, strengths: [strengths[best]]).last else { return nil }
        let predictions = model.predict(standardization.design(of: test), parallelism: parallelism)
        return ProbeReport(
            score: agreement(predictions, testLabels, isMultilabel: isMultilabel), isMultilabel: isMultilabel,
            strength: strengths[best], validationScore: scores[best], trainingDocuments: train.rowCount,
            testDocuments: test.rowCount, classes: trainLabels.classCount, isConverged: model.isConverged,
            iterations: model.iterations)
    }

    /// The mean score on held-out documents for every strength.
    private func crossValidate(
        _ design: DenseMatrix, _ labels: ClassLabels, _ strengths: [Double], _ isMultilabel: Bool,
        _ parallelism: Parallelism
    ) -> [Double] {
        let foldOfRow = isMultilabel ? labels.rows.indices.map { $0 % folds } : stratifiedFolds(labels, count: folds)
        var scores = [Double](repeating: 0, count: strengths.count)
        for fold in 0..<folds {
            let fitted = foldOfRow.indices.filter { foldOfRow[$0] != fold }
            let held = foldOfRow.indices.filter { foldOfRow[$0] == fold }
            let objective = LogisticObjective(
                design: design.rows(fitted), labels: labels.selecting(fitted), isMultilabel: isMultilabel,
                parallelism: parallelism)
            let (heldDesign, heldLabels) = (design.rows(held), labels.selecting(held))
            for (i, model) in LogisticRegression.path(objective, strengths: strengths).enumerated() {
                let predictions = model.predict(heldDesign, parallelism: parallelism)
                scores[i] += agreement(predictions, heldLabels, isMultilabel: isMultilabel) / Double(folds)
            }
        }
        return scores
    }
}

/// The fold of each row, such that every fold has its share of every class: the rows in class order are dealt to the
/// folds in turn, which tells how many of a class each fold gets; it gets them in row order (as scikit-learn's
/// `StratifiedKFold` without shuffling does).
func stratifiedFolds(_ labels: ClassLabels, count folds: Int) -> [Int] {
    // Classes in the order of their first appearance, as the dealing depends on it.
    var rank = [Int](repeating: -1, count: labels.classCount + 1)
    var ranks = 0
    for row in labels.rows where rank[row[0]] < 0 {
        rank[row[0]] = ranks
        ranks += 1
    }
    let ordered = labels.rows.map { rank[$0[0]] }.sorted()
    var allocation = [[Int]](repeating: Array(repeating: 0, count: folds), count: ranks)
    for (i, label) in ordered.enumerated() { allocation[label][i % folds] += 1 }
    return labels.rows.map { row in
        let label = rank[row[0]]
        let fold = allocation[label].firstIndex { $0 > 0 } ?? 0
        allocation[label][fold] -= 1
        return fold
    }
}

/// The share of rows with the right class, or micro-F1; 0 for no rows, and for nothing predicted and nothing there.
func agreement(_ predictions: [[Int]], _ labels: ClassLabels, isMultilabel: Bool) -> Double {
    if !isMultilabel {
        let right = zip(predictions, labels.rows).count { $0 == $1 }
        return Double(right) / Double(max(1, labels.count))
    }
    var hits = 0
    var all = 0
    for (predicted, present) in zip(predictions, labels.rows) {
        hits += predicted.count { present.contains($0) }
        all += predicted.count + present.count
    }
    return all == 0 ? 0 : 2 * Double(hits) / Double(all)
}

extension DenseMatrix {
    /// Whether all elements are finite.
    var isFinite: Bool {
        withUnsafeElements { x in UnsafeBufferPointer(start: x, count: elementCount).allSatisfy(\.isFinite) }
    }
}

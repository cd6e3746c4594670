import Corpora

/// The classes of documents as numbers from 0: those of a training corpus in the order of their first appearance.
///
/// Labels that are the same number, such as `1`, `+1` and `1.0`, are the same class.
package struct ClassNames: Sendable {
    package let names: [String]
    /// Whether a document may have several classes, or none.
    package let isMultilabel: Bool
    private let numbers: [ByteKey: Int]

    /// - Parameter labels: of the training documents.
    package init(_ labels: RowLabels) {
        isMultilabel = labels.isMultilabel
        var names: [String] = []
        var numbers: [ByteKey: Int] = [:]
        for name in labels.names {
            let key = Self.canonical(name)
            guard numbers[key] == nil else { continue }
            numbers[key] = names.count
            names.append(name)
        }
        self.names = names
        self.numbers = numbers
    }

    package var count: Int { names.count }

    /// Whether the labels look like classes and not like measurements: at least two, each of three documents on
    /// average.
    ///
    /// - Parameter documents: those with a label.
    package func areClasses(of documents: Int) -> Bool { count >= 2 && 3 * count <= documents }

    /// The classes of rows; labels that training did not have are the class `count`, which nothing predicts.
    ///
    /// - Parameter rows: the rows wanted, in the wanted order.
    package func classes(of labels: RowLabels, rows: [Int]) -> ClassLabels {
        let classesOfSets = labels.sets.map { set in
            let classes = isMultilabel ? set : [set.joined(separator: ",")]
            return Set(classes.map { numbers[Self.canonical($0)] ?? count }).sorted()
        }
        return ClassLabels(
            classCount: count,
            rows: rows.map { labels.codes[$0] == RowLabels.none ? [] : classesOfSets[Int(labels.codes[$0])] })
    }

    private static func canonical(_ label: String) -> ByteKey {
        ByteKey(Double(label).map { String($0) } ?? label)
    }
}

/// The classes of some documents.
package struct ClassLabels: Sendable, Equatable {
    /// Classes from 0; the number itself stands for a class that training did not have.
    package let classCount: Int
    /// Each document's classes, rising.
    package let rows: [[Int]]

    package init(classCount: Int, rows: [[Int]]) {
        precondition(
            rows.allSatisfy { $0.allSatisfy { (0...classCount).contains($0) } }, "a class is not below \(classCount)")
        self.classCount = classCount
        self.rows = rows
    }

    package var count: Int { rows.count }

    func selecting(_ selection: [Int]) -> ClassLabels {
        ClassLabels(classCount: classCount, rows: selection.map { rows[$0] })
    }
}

import Testing

@testable import Corpora

@Suite struct RowSorterTests {
    @Test func sortsStably() {
        var g = SplitMix(state: 2)
        for length in [0, 1, 2, 23, 24, 25, 26, 100, 1000] {
            for limit in [1, 5, 255, 256, 70_000, UInt32.max] as [UInt32] {
                let entries = (0..<length).map { (index: UInt32.random(in: 0...limit, using: &g), value: Float($0)) }
                var sorter = RowSorter()
                sorter.append(index: 1, value: 1)
                sorter.removeAll()
                for entry in entries { sorter.append(index: entry.index, value: entry.value) }
                sorter.sort()
                let expected = entries.sorted { ($0.index, $0.value) < ($1.index, $1.value) }
                #expect((0..<sorter.count).map { sorter.index($0) } == expected.map(\.index))
                #expect((0..<sorter.count).map { sorter.value($0) } == expected.map(\.value))
            }
        }
    }
}

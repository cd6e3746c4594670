/// Putting the rows right that are not sorted, or have duplicates or zeros.
extension LibSVMBlockParser {
    /// Sorts a row's entries and adds up duplicates: in file order, in Double, rounded once.
    ///
    /// - Returns: where the entries end now.
    mutating func sortAndMerge(_ entries: Range<Int>) throws(LineFault) -> Int {
        sorter.removeAll()
        for entry in entries {
            // Index 0 was stored as 2³²−1 if indices were assumed to count from 1.
            let index = columnIndices[entry] &+ UInt32(assumedBase)
            sorter.append(index: index, value: values[entry])
        }
        sorter.sort()
        var count = entries.lowerBound
        var next = 0
        while next < sorter.count {
            let first = next
            let index = sorter.index(first)
            var sum = 0.0
            while next < sorter.count, sorter.index(next) == index {
                sum += Double(sorter.value(next))
                next += 1
            }
            columnIndices[count] = index &- UInt32(assumedBase)
            values[count] = Float(sum)
            guard values[count].isFinite else {
                let last = try lastToken(ofIndex: index, entryCount: entries.count)
                throw fault(.duplicateSumOverflow(index: UInt64(index)), at: last)
            }
            block.duplicatesMerged += next - first - 1
            count += 1
        }
        return count
    }

    /// Takes out entries of value zero; counts them.
    ///
    /// - Returns: where the entries end now.
    mutating func dropZeros(_ entries: Range<Int>) -> Int {
        var count = entries.lowerBound
        for entry in entries where values[entry] != 0 {
            columnIndices[count] = columnIndices[entry]
            values[count] = values[entry]
            count += 1
        }
        block.explicitZeros += entries.upperBound - count
        return count
    }

    /// Where a row's last entry of an index begins, found by reading the row's text again.
    private func lastToken(ofIndex index: UInt32, entryCount: Int) throws(LineFault) -> Bytes {
        var p = entriesStart
        var last = p
        for _ in 0..<entryCount {
            let (found, colon) = try parseUnusualIndex(p)
            if found == index { last = p }
            p = Self.skipBlanks(colon + 1)
            while p[0] > 0x20 { p += 1 }
            p = Self.skipBlanks(p)
        }
        return last
    }
}

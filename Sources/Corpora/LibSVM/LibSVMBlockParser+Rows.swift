/// Putting the rows right that are not sorted, or have duplicates or zeros.
extension LibSVMBlockParser {
    /// Sorts a row's entries and adds up duplicates: in file order, in Double, rounded once.
    ///
    /// - Returns: where the entries end now.
    mutating func sortAndMerge(_ entries: Range<Int>) throws(LibSVMFault) -> Int {
        guard entries.count <= Int(UInt32.max) else { throw fault(.rowTooLong, at: entriesStart) }
        sortKeys.removeAll(keepingCapacity: true)
        sortValues.removeAll(keepingCapacity: true)
        for (place, entry) in entries.enumerated() {
            // Index 0 was stored as 2³²−1 if indices were assumed to count from 1. The place makes the sort stable.
            let index = columnIndices[entry] &+ UInt32(assumedBase)
            sortKeys.append(UInt64(index) << 32 | UInt64(place))
            sortValues.append(values[entry])
        }
        sortKeys.sort()
        var count = entries.lowerBound
        var next = 0
        while next < sortKeys.count {
            let index = sortKeys[next] >> 32
            let first = next
            var sum = 0.0
            while next < sortKeys.count, sortKeys[next] >> 32 == index {
                sum += Double(sortValues[Int(sortKeys[next] & 0xFFFF_FFFF)])
                next += 1
            }
            columnIndices[count] = UInt32(truncatingIfNeeded: index &- assumedBase)
            values[count] = Float(sum)
            guard values[count].isFinite else {
                let last = Int(sortKeys[next - 1] & 0xFFFF_FFFF)
                throw fault(.duplicateSumOverflow(index: index), at: token(ofEntry: last))
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

    /// Where the text of a row's entry begins, found by reading the row again.
    private func token(ofEntry entry: Int) -> Bytes {
        var p = entriesStart
        for _ in 0..<entry {
            while p[0] > 0x20 { p += 1 }
            p = Self.skipBlanks(p)
        }
        return p
    }
}

/// Of which runs of leaves a proof gives the hashes (RFC 9162 section 2.1). Positions count from 0.
enum MerkleShape {
    /// The largest power of two below a number of leaves, of which there are at least two: where a tree parts.
    static func split(_ leaves: UInt64) -> UInt64 { 1 << (63 - (leaves - 1).leadingZeroBitCount) }

    /// For the proof that a leaf is in a tree of `size`: its sibling first, the root's child last.
    static func inclusion(of index: UInt64, in size: UInt64) -> [Range<UInt64>] {
        precondition(index < size)
        var runs: [Range<UInt64>] = []
        var (start, end) = (UInt64(0), size)
        while end - start > 1 {
            let middle = start + split(end - start)
            if index < middle {
                runs.append(middle..<end)
                end = middle
            } else {
                runs.append(start..<middle)
                start = middle
            }
        }
        return runs.reversed()
    }

    /// For the proof that a tree of `size` begins with one of `old` leaves.
    static func consistency(from old: UInt64, to size: UInt64) -> [Range<UInt64>] {
        precondition(old <= size)
        guard old > 0, old < size else { return [] }
        var runs: [Range<UInt64>] = []
        var (start, end) = (UInt64(0), size)
        // While the old tree reaches into both halves, or is one of them.
        while old < end {
            let middle = start + split(end - start)
            if old <= middle {
                runs.append(middle..<end)
                end = middle
            } else {
                runs.append(start..<middle)
                start = middle
            }
        }
        // A part of the old tree that is not all of it must be given; all of it is known.
        if start > 0 { runs.append(start..<end) }
        return runs.reversed()
    }

    /// The fewest runs that hold every leaf of a tree but those at `kept`, which ascend: from left to right.
    static func runs(without kept: [UInt64], in size: UInt64) -> [Range<UInt64>] {
        var runs: [Range<UInt64>] = []
        func cover(_ range: Range<UInt64>, _ kept: ArraySlice<UInt64>) {
            if kept.isEmpty { return runs.append(range) }
            let leaves = range.upperBound - range.lowerBound
            guard leaves > 1 else { return }
            let middle = range.lowerBound + split(leaves)
            let border = kept.firstIndex { $0 >= middle } ?? kept.endIndex
            cover(range.lowerBound..<middle, kept[..<border])
            cover(middle..<range.upperBound, kept[border...])
        }
        if size > 0 { cover(0..<size, kept[...]) }
        return runs
    }
}

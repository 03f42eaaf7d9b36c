import Policy

/// The order in which reasons are told: by document, then by place; what has no place comes first.
enum ReasonOrder {
    static func sorted(_ reasons: [Reason], files: [String]) -> [Reason] {
        reasons.enumerated().sorted { left, right in
            let a = key(left.element, files), b = key(right.element, files)
            return a == b ? left.offset < right.offset : a.lexicographicallyPrecedes(b)
        }.map(\.element)
    }

    private static func key(_ reason: Reason, _ files: [String]) -> [Int] {
        guard let place = reason.location else { return [-1] }
        let file = files.firstIndex { $0.utf8.elementsEqual(place.file.utf8) } ?? files.count
        return [file, place.line, place.column]
    }
}

import Policy

/// Places in an invented policy. (Testing has a `SourceLocation` of its own.)
enum SourcePlace {
    static func at(_ line: Int) -> Reason.Place { Reason.Place(file: "p.yaml", line: line, column: 1) }
}

extension Reason {
    typealias Place = SourceLocation
}

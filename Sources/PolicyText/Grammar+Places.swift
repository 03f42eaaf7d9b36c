extension Grammar {
    /// Where the grammar has a key of this name, as `files.read`, when there is one such place only.
    static func placeOfKey(named name: String) -> String? {
        let places = places(of: policy, at: "").filter { $0.key.utf8.elementsEqual(name.utf8) }
        return places.count == 1 ? places[0].place : nil
    }

    private static func places(of shape: Shape, at place: String) -> [(key: String, place: String)] {
        switch shape {
        case .record(let fields):
            fields.flatMap { field in
                let inner = place.isEmpty ? field.name : "\(place).\(field.name)"
                return [(key: field.name, place: inner)] + places(of: field.shape, at: inner)
            }
        case .list(let item): places(of: item, at: place)
        case .notYet(let inner): places(of: inner, at: place)
        case .either(let shapes): shapes.flatMap { places(of: $0, at: place) }
        case .text, .words, .flag, .integer, .number, .amount, .table, .json, .schema, .call, .nothing, .part: []
        }
    }
}

/// What a string must be. Lengths are in Unicode scalars.
struct SchemaStringRules: Sendable {
    var minimum = 0
    var maximum = Int.max
    var pattern: SchemaPattern?
    /// The pattern without regard to case, for members' names.
    var folding: SchemaPattern?
    var format: SchemaFormat?
}

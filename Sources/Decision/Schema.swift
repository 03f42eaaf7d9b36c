public import Policy
public import StrictJSON

/// A JSON Schema 2020-12, compiled once. Every keyword is understood or refused, never skipped; annotations say nothing. Formats
/// are asserted, patterns are RE2's with the meaning of ECMA-262, `$ref` stays within the document.
public struct Schema: Sendable {
    /// Behind one reference, so that a schema is small.
    private final class Program: Sendable {
        let tables: SchemaTables

        init(_ nodes: [SchemaNode]) { tables = SchemaTablesBuilder.tables(of: nodes) }
    }

    private let program: Program
    /// About what its patterns cost to compile and to keep: instructions of RE2.
    public let patternSize: Int
    /// The most that it may be: some 100 ms of compiling.
    public static let largestPatterns = 50_000
    /// Whether an object without members is valid.
    public let acceptsEmptyObject: Bool
    /// Whether surely every object is valid.
    public let acceptsEveryObject: Bool
    /// Whether surely no object is valid.
    public let refusesEveryObject: Bool

    /// Compiles the schema of a rule.
    public init(_ text: JSONText) throws(SchemaProblem) {
        let json: JSON
        do { json = try JSON(parsing: text.json) } catch { throw SchemaProblem(.notJSON, at: "") }
        try self.init(json)
    }

    /// Compiles a schema.
    public init(_ json: JSON) throws(SchemaProblem) {
        var compiler = SchemaCompiler()
        let root = try compiler.compile(json, at: "", depth: 0)
        let nodes = try compiler.finish()
        precondition(root == 0, "the whole schema is the first node")
        program = Program(nodes)
        patternSize = compiler.patternSize
        let reach = SchemaReach(nodes)
        (acceptsEveryObject, refusesEveryObject) = (reach.acceptsEveryObject, reach.refusesEveryObject)
        var evaluation = SchemaEvaluation()
        var tape = JSONTape(seed: 0)
        let isParsed = (try? tape.parse(Array("{}".utf8))) != nil
        acceptsEmptyObject = isParsed && program.tables.evaluate(0, .root, tape, &evaluation) == .true
    }

    /// Whether a value is valid. Unknown when a member is named like one that the schema speaks of but for case: which of them the
    /// server would take is not known. Unknown too when finding out would take too long.
    func evaluate(_ node: JSONNode, in tape: borrowing JSONTape) -> Truth {
        var evaluation = SchemaEvaluation()
        return program.tables.evaluate(0, node, tape, &evaluation)
    }

    /// Whether a value is surely valid.
    public func accepts(_ node: JSONNode, in tape: borrowing JSONTape) -> Bool { evaluate(node, in: tape) == .true }

    /// Whether a value is neither surely valid nor surely invalid.
    public func isUndecided(_ node: JSONNode, in tape: borrowing JSONTape) -> Bool { evaluate(node, in: tape) == .unknown }
}
